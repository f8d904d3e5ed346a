"""What somebody may not do is no form on their page; a refused form gives back what was written, and leads back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import pytest
from sqlmodel import Session, select

from app.pages.access import Asks
from app.pages.refused import PLACES, WRITTEN
from app.pages.view import templates
from tests.meeting import decide, filed, firm, merge
from tests.noticing import values
from tests.pages.escalated import put
from tests.pages.reading import SAME_ORIGIN, Element, get, press, read
from tests.pages.signing_in import real
from tests.pages.test_deliveries import unreadable
from tests.pages.test_promises import promised
from tests.releasing import soon
from tests.test_sign_in import routes
from tests.workflows.enquiry.test_know_how import kept
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import now_ms, store
from workflows.enquiry import know_how
from workflows.measure import subscriptions
from workflows.people import saved_views
from workflows.people.may import ANSWER, HAND_OVER, REMIND, RIGHTS
from workflows.people.person import Person
from workflows.tables.customer import Contact, Conversation
from workflows.tables.measure import Alert
from workflows.tables.notice import Addressee, Notice
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.volume import occasions
from workflows.wish import corrections

LEAD, AGENT, VIEWER = "U0LEAD", "U0TANAKA", "U0MORI"
MORI = Person(VIEWER, "森 拓也")
MAY = {LEAD: ("viewer", "agent", "operator"), AGENT: ("viewer", "agent"), VIEWER: ("viewer",)}
#: What is no button of ours: the demo's, the way in and out, and what vendors send.
OTHERS = ("/sign-in", "/sign-out", "/demo/", "/webhooks/", "/slack/", "/intercom/", "/unsubscribe/", "/rate/")


@pytest.fixture
def world(sqlite_world: World) -> World:
    """A company about which every button of ours stands somewhere."""
    world = sqlite_world
    told = world.wish(0)
    world.link(told, "KNDE-12")
    world.move("KNDE-12", "完了")
    world.intercom.agent_says(world.chats[0], "7001", "使えるようになりました。", at=soon())
    world.settle()
    firm("901", "大手工業")
    promised("打刻の丸め", "decline")
    decide(filed("CSVに役職の列を付けたい", "901"), "adopt")
    merge(filed("夜勤の休憩を分けたい", "901"), filed("夜勤の休憩を分けて入力したい", "901"))
    filed("部署コードの列をCSVに付けたい", "901")
    filed("CSVに部署コードの列を付けたい", "901")
    mistaken, elsewhere = filed("ご質問でした", "901"), world.wish(2)
    corrections.withdraw(mistaken, words="質問のため", by=MORI)
    world.link(elsewhere, "KNDE-15")
    corrections.cut(elsewhere.id or 0, world.stage.issues["KNDE-15"], by=MORI)
    store.write(partial(_half_released, filed("部署ごとに集計したい", "901")))
    store.write(partial(_colleague, company_id="901"))
    store.write(_noticed)
    put(world)
    put(world, state="acknowledged", acknowledged_by="U0MORI")
    put(world, asked=9, watched_since=1)
    put(world, state="done", due_at=None, next_person="", done_by="U0MORI", done_at=now_ms())
    unreadable(world)
    happened = {"kind": "release", "title": "4.2 を公開", "theme": "", "begins_at": now_ms(), "ends_at": None}
    occasions.enter(happened, by=MORI, origin="a")
    kept()
    store.write(_unusual)
    for who in MAY:
        subscriptions.begin("daily", "slack", who, who, "ja")
    know_how.retire(kept("使わない定型文").id or 0)
    store.write(partial(saved_views.keep, person=Person(LEAD, "斎藤 真理"), name="毎週", query="show=decided"))
    real(world)
    return world


def _colleague(session: Session, company_id: str) -> None:
    """Somebody else at the company of what nobody can be told in its own conversation."""
    session.add(Contact(id="c999", name="高橋 誠", company_id=company_id))
    session.add(Conversation(id="999", url="", state="open", contact_id="c999", company_id=company_id, created_at=1))


def _half_released(wish: int, session: Session) -> None:
    """Something is done and available to one company; another wave is planned, and a draft waits."""
    row, now = session.get_one(Feedback, wish), now_ms()
    session.add(Issue(id="99", key="KNDE-99", summary="部署ごとの集計", category="done", cycle=1, checked_at=now))
    session.add(Release(id="99:1", issue_id="99", cycle=1, kind="finished", gathered=True, happened_at=now))
    session.add(FeedbackIssue(feedback_id=wish, issue_id="99", origin="operator", linked_at=now))
    other = session.exec(select(Feedback.id).where(Feedback.company_id != row.company_id)).first()
    session.add(FeedbackIssue(feedback_id=other, issue_id="99", origin="operator", linked_at=now))
    firm = [row.company_id or ""]
    session.add(Wave(release_id="99:1", origin="99:1/a", audience="companies", names=firm, opens_at=now, opened_at=now))
    session.add(Wave(release_id="99:1", origin="99:1/b", opens_at=now + 86_400_000))
    chats = [row.conversation_id, "97001"]
    session.add_all(
        Telling(release_id="99:1", conversation_id=chat, state="drafted", draft="下書き", owed_at=now) for chat in chats
    )


def _noticed(session: Session) -> None:
    """A notice that nobody has opened, one that is being opened, and one that somebody was told of."""
    now, rows = now_ms(), values(takes_effect="2099-03-01")
    session.add(Notice(id=1, origin="a", written_at=now, **rows))
    session.add(Notice(id=2, origin="b", written_at=now, opens_at=now + 86_400_000, **rows))
    session.add(Notice(id=3, origin="c", written_at=now, opens_at=now, opened_at=now, **rows))
    session.add(Release(id="notice:3", issue_id="", cycle=0, kind="notice", gathered=True, happened_at=now))
    for chat, state in (("97001", "told"), ("97002", "drafted")):
        told_at = now if state == "told" else None
        session.add(Addressee(release_id="notice:3", conversation_id=chat, contact_id=f"c{chat}"))
        session.add(
            Telling(
                release_id="notice:3", conversation_id=chat, state=state, draft="下書き", owed_at=now, told_at=told_at
            )
        )


def _unusual(session: Session) -> None:
    """Something of which nobody has said yet what it was."""
    session.add(Alert(id=1, kind="many", rule="usual", since=now_ms(), began_at=now_ms(), loud_at=now_ms()))


def role_of(asked: set[object]) -> str:
    """The role that a button asks for, by the deed that is asked for before it answers."""
    [deed] = [each.deed for each in asked if isinstance(each, Asks)]
    if deed in (ANSWER, REMIND, HAND_OVER):  # whoever answers for the company, or whose own it is, may, too
        return "viewer"
    return RIGHTS[deed].role


def buttons() -> dict[str, str]:
    """The role that each button asks for, by its route; but for the demo's, and for the way in and out."""
    pressed = {path: asked for method, path, asked in routes() if method == "POST" and not path.startswith(OTHERS)}
    return {path: role_of(asked) for path, asked in pressed.items()}


BUTTONS = buttons()
#: What the address of each looks like.
SENT = {route: re.sub(r"{\w+:path}", ".+", re.sub(r"{\w+}", "[^/]+", route)) for route in BUTTONS}


#: What shows the same page in another way.
LOOKS = re.compile(
    r"[?&](standing|late|lang|theme|keys|sort|kind|tier|days|source|show|part|stage|age|before|on|from|about|period)="
    r"|^/(escalations|companies)\?"
)


def pages(world: World) -> Iterator[Element]:
    """Everything that can be reached by a link, from the front page on."""
    ahead = ["/", "/wishes?show=withdrawn", "/chats/" + world.chats[0] + "?erase=ask"]
    seen = set(ahead)
    while ahead:
        address = ahead.pop()
        answer = world.request("GET", address)
        if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
            continue
        page = read(answer.text)
        yield page
        links = {each.attributes.get("href", "").partition("#")[0] for each in page.all("a")}
        ahead += sorted(each for each in links - seen if each.startswith("/") and not LOOKS.search(each))
        seen |= links


def asked_by_forms(world: World) -> dict[str, str]:
    """The role that each form on any page asks for, by its route."""
    found: dict[str, str] = {}
    for page in pages(world):
        for form in page.all("form", method="post"):
            path = urlsplit(form.attributes["action"]).path
            if not path.startswith(OTHERS):
                route = next(each for each in SENT if re.fullmatch(SENT[each], path))
                found[route] = BUTTONS[route]
    return found


#: What stands on the page after an act alone, or is asked for by a script.
AFTER_AN_ACT = {
    "/drafts/now/{id:path}",
    "/drafts/undo/{id:path}",
    "/hand-over",
    "/hand-over/{id}/back",
    "/imports/{kind}/keep",
    "/promises/{name}/undo",
    "/triage/{name}/same-again",
    "/volume/occasions/{name}/back",
    "/wishes/proposals",
    "/wishes/similar",
}


@pytest.mark.parametrize("who", MAY)
def test_nobody_is_shown_a_form_that_they_may_not_send(world: World, who: str) -> None:
    world.sign_in(who)
    forms = asked_by_forms(world)
    assert {path: role for path, role in forms.items() if role not in MAY[who]} == {}
    if who == LEAD:
        assert set(BUTTONS) - set(forms) == AFTER_AN_ACT, "this walk has to come by every button"


def test_every_form_is_known_to_stand_on_some_page() -> None:
    places = [re.compile(each) for each in PLACES]
    for route in BUTTONS:
        path = re.sub(r"{kind}", "owners", re.sub(r"{(name|id:path)}", "1", route))
        assert any(each.fullmatch(path) for each in places), route


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/owners", "取り込みは、管理者だけができます。"),
        ("/owners/churn", "取り込みは、管理者だけができます。"),
        ("/owners/flags", "取り込みは、管理者だけができます。"),
        ("/measures", "取り込みは、管理者だけができます。"),
        ("/deliveries?state=dead", "再実行は、管理者だけができます。"),
        ("/escalations/theirs", "再通知できるのは、メンバーと、この会社の顧客担当です。"),
    ],
)
def test_whoever_may_not_is_told_who_may(world: World, path: str, why: str) -> None:
    theirs = put(world, company_id="103", chain=[{"role": "owner", "person": "U0OKADA"}], person="U0OKADA")
    path = path.replace("theirs", str(theirs))
    world.sign_in(VIEWER)
    assert why in get(world, path).text
    world.sign_in(LEAD)
    assert why not in get(world, path).text


# -- reminding, by whoever answers -------------------------------------------------------------------


@pytest.mark.parametrize("how", ["in the chain", "on record", "by address", "asked now"])
def test_whoever_answers_for_a_company_reminds_of_its_escalations(world: World, how: str) -> None:
    chain = [{"role": "owner", "person": VIEWER if how == "in the chain" else "U0OKADA"}]
    id = put(world, company_id="102", chain=chain, person=VIEWER if how == "asked now" else "U0OKADA")
    known = {"on record": VIEWER, "by address": "Mori@kanade.example"}.get(how, "")
    store.write(lambda session: owners.put(session, "102", {"deputy": known}, "import"))
    world.sign_in(VIEWER)
    assert get(world, f"/escalations/{id}").all("form", action=f"/escalations/{id}/remind")
    assert press(world, f"/escalations/{id}/remind", csrf=world.csrf).status_code == 200


def test_of_others_they_remind_nobody(world: World) -> None:
    id = put(world, company_id="102", chain=[{"role": "owner", "person": "U0OKADA"}], person="U0OKADA")
    world.sign_in(VIEWER)
    assert press(world, f"/escalations/{id}/remind").status_code == 403
    assert press(world, "/escalations/77/remind").status_code == 403


# -- what was refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/escalations/5/remind", "/escalations/5"),
        ("/imports/owners", "/owners"),
        ("/imports/churn/keep", "/owners/churn"),
        ("/feedback/1/context", "/feedback/1"),
        ("/promises/FB-1/report", "/promises"),
        ("/triage/FB-1/decide", "/triage?at=FB-1"),
        ("/releases/99/undo", "/releases/99"),
        ("/notices/1/open", "/notices/1"),
        ("/notices/new", "/notices"),
        ("/know-how/new", "/know-how"),
        ("/know-how/1/edit", "/know-how/1"),
        ("/drafts/approve/99:1/7", "/drafts?at=99:1/7"),
        ("/wishes/new", "/wishes"),
        ("/deliveries/jira:1", "/deliveries/jira:1"),
    ],
)
def test_a_refused_form_gives_back_what_was_written_and_leads_back(world: World, path: str, back: str) -> None:
    put(world, company_id="102", chain=[{"role": "owner", "person": "U0OKADA"}], person="U0OKADA")
    world.sign_in(VIEWER)
    words = "一行目 <b>太字</b>\r\n二行目"
    answer = press(world, path, text=words, reason=" ", once="not to be seen")
    assert answer.status_code == 403
    page = read(answer.text)
    [kept] = page.all("pre")
    assert kept.text == "一行目 <b>太字</b>\n二行目" and "not to be seen" not in page.text
    assert page.all("main")[0].all("a", href=back)


def test_another_site_has_nothing_of_its_own_shown(world: World) -> None:
    world.sign_in(VIEWER)
    headers = {"Origin": "https://evil.example"}
    answer = world.request("POST", "/feedback/1/context", data={"text": "evil words"}, headers=headers)
    assert answer.status_code == 403 and "evil words" not in answer.text


def test_a_long_text_is_refused_without_being_read(world: World) -> None:
    world.sign_in(VIEWER)
    data = {"text": "長" * 30_000}
    answer = world.request("POST", "/imports/owners", data=data, headers=SAME_ORIGIN)
    assert answer.status_code == 403 and "長" * 50 not in answer.text


def test_everything_in_which_people_write_is_given_back() -> None:
    assert templates.loader is not None
    for name in templates.list_templates(["html"]):
        source = templates.loader.get_source(templates, name)[0]
        if not name.startswith(("demo/", "rate.html")):  # a customer who rates has no role to lose
            assert set(re.findall(r'<textarea name="([^"]+)"', source)) <= set(WRITTEN), name
