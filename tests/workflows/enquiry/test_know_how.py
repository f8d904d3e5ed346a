"""Answers to use again: who may keep them, how they are found and used, and what is offered to similar questions."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.world import World
from workflows.engine.store import store
from workflows.enquiry import know_how, know_how_forms, know_how_like, know_how_texts, replies
from workflows.enquiry.know_how import Uses
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.enquiry import Ask, KnowHow, Reply

BY = Person("U0SATO", "佐藤 健", slack_id="U0SATO")
#: Titles, the question that each came from, and what was answered.
ANSWERS = {
    "請求書の再発行": (
        "請求書の再発行は、どの画面からお願いすればよいですか。",
        "管理画面の「請求」から、該当する月の「再発行」を押すと、PDFを再度ダウンロードできます。",
    ),
    "CSVの出力方法": (
        "CSVに部署コードを含めて出力したい",
        "勤怠一覧の「出力」から、CSV形式を選択してください。部署コードは「項目の設定」で追加できます。",
    ),
    "パスワードの再設定": ("", "ログイン画面の「パスワードをお忘れですか」から、再設定のメールを受け取れます。"),
    "支払い方法の変更": (
        "クレジットカードから口座振替に変更したい",
        "お支払い方法は、管理画面の「契約」から変更できます。口座振替は、申込書のご返送が必要です。",
    ),
    "打刻を修正するには": (
        "",
        "打刻の修正は、勤怠の一覧から対象の日を選び、「修正を申請」を押してください。上長の承認後に反映されます。",
    ),
    "二段階認証の解除": (
        "スマホを機種変更して二段階認証のコードが届かない",
        "管理者の方が「ユーザー」から、該当の方の二段階認証を解除できます。",
    ),
    "APIの利用制限": ("", "APIは1分あたり60回までご利用いただけます。超えた場合は429を返します。"),
    "How to reset your password": (
        "",
        "Choose “Forgot password?” on the sign-in page. You get an email with a link to set a new password.",
    ),
    "退職者のアカウント": (
        "退職した社員のアカウントを止めたい",
        "「従業員」から該当の方を選び、「退職」を押すと、翌日からログインできなくなります。データは残ります。",
    ),
}
#: What customers ask, and which answer fits.
FITTING = {
    "お世話になっております。先月分の請求書を紛失しました。再発行していただくことは可能でしょうか。": "請求書の再発行",
    "請求書をもう一度発行してほしいです": "請求書の再発行",
    "部署コード入りのCSVを出力する方法を教えてください。": "CSVの出力方法",
    "パスワードを忘れてログインできません。再設定の方法を教えてください。": "パスワードの再設定",
    "昨日の打刻を間違えたので修正したいです": "打刻を修正するには",
    "機種変更をしたら二段階認証ができなくなりました。解除をお願いします。": "二段階認証の解除",
    "APIを呼び出すと429エラーが返ってきます。制限は何回ですか?": "APIの利用制限",
    "Hello, I forgot my password and cannot sign in. How can I reset it?": "How to reset your password",
    "先週退職した社員のアカウントを無効にしたいです。": "退職者のアカウント",
}
#: What no answer fits, although it shares words with some.
UNFITTING = (
    "請求書の金額が間違っているようです。確認をお願いします。",
    "CSVの取り込みでエラーになります。",
    "お世話になっております。株式会社あおば製作所の山本です。管理画面が開けません。至急ご対応をお願いいたします。",
    "承認者を変更したいのですが、どこから設定できますか。",
    "打刻の画面が真っ白になって表示されません。",
    "スマホのアプリが起動しません。",
    "新しい社員の登録方法を教えてください。",
    "ログインするとエラーになります",
    "契約プランを変更したいです。",
    "Your app crashes when I open the calendar page.",
    "ありがとうございます。確認します。",
    "",
    "いつも大変便利に使わせていただいております。さて、先日より勤怠の一覧画面を開こうとすると、読み込み中の表示のまま、"
    "いつまで待っても画面が表示されない状態が続いております。パソコンの再起動、別のブラウザーでの表示は試しましたが、"
    "状況は変わりませんでした。月末の締めが近づいており、従業員の打刻の確認と承認ができず、給与の計算にも影響が出ております。"
    "原因の調査と、復旧の見込みについて、メールにてご連絡をいただけますでしょうか。よろしくお願いいたします。",
    "導入を検討しており、いくつか質問があります。1. 従業員が300名いますが、料金はいくらになりますか。2. 現在使っている"
    "給与ソフトに、CSVやAPIで連携できますか。3. 二段階認証やIPアドレスの制限など、セキュリティーの機能はありますか。"
    "4. 支払いは請求書払いに対応していますか。資料がありましたら、あわせて送付をお願いいたします。",
)


def kept(title: str = "CSVの出し方", origin: str = "", **others: object) -> KnowHow:
    """An answer to use again."""
    texts = {"ja": "CSVは「出力」から選べます。", "en": "Choose CSV under “Export”."}
    values = {"title": title, "texts": texts, "kind": "", "owner": "", "owner_name": "", "review_on": ""}
    return know_how.write(values | others, by=BY, origin=origin or title)


def asked(question: str, origin: str) -> int:
    """A question to colleagues; its number."""

    def add(session: Session) -> int:
        ask = Ask(conversation_id="1", question=question, origin=origin, person="U0TANAKA", asked_at=1)
        session.add(ask)
        session.flush()
        return ask.id or 0

    return store.write(add)


def sent(row: KnowHow, origin: str, state: str = replies.SENT, at: int = 1, *, is_edited: bool = False) -> None:
    """A reply that was made from an answer."""
    reply = {"conversation_id": "1", "origin": origin, "text": "x", "person": "U0SATO", "pressed_at": at}
    made = {"state": state, "know_how_id": row.id, "is_edited": is_edited}
    store.write(lambda session: session.add(Reply(**reply, **made)))


def found(row: KnowHow) -> KnowHow:
    """How it stands now."""
    return store.read(lambda session: session.get_one(KnowHow, row.id))


def titles(typed: str) -> list[str]:
    return [title for _id, title in know_how.options("ja", typed)]


@pytest.fixture
def taught(world: World) -> World:
    """A company that has answers."""
    for number, (title, (question, text)) in enumerate(ANSWERS.items()):
        origin = f"ask:{asked(question, f'form:{number}')}" if question else f"page:{number}"
        kept(title, origin, texts={"ja": text})
    return world


# -- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "二\n行"}, "title"),
        ({"title": "あ" * 101}, "title"),
        ({"text_ja": "", "text_en": " "}, "text_ja"),
        ({"text_en": "a" * 3001}, "text_en"),
        ({"kind": "complaint"}, "kind"),
        ({"owner": "sato"}, "owner"),
        ({"review_on": "2026-02-30"}, "review_on"),
        ({"review_on": "soon"}, "review_on"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(given: dict[str, str], field: str) -> None:
    filled = {"title": "CSV", "text_ja": "出力から選べます。", "kind": "question", "owner": "U0SATO"} | given
    for language in ("ja", "en"):
        assert list(know_how_forms.wrong(language, filled)) == [field]
    assert know_how_forms.wrong("ja", {"title": "CSV", "text_en": "Choose it."}) == {}


@pytest.mark.parametrize("name", ["", "0", "-1", "１", "x", "1; drop", "9" * 12, "\0"])
def test_what_is_no_number_names_nothing(world: World, name: str) -> None:
    kept()
    assert store.read(lambda session: know_how.find(session, name)) is None
    assert know_how.text_of(name, "ja") == ""


def test_what_somebody_changed_meanwhile_is_not_overwritten(world: World) -> None:
    row = kept()
    assert know_how.rewrite(row.id or 0, {"title": "先の変更"}, seen=row.changed_at)
    assert not know_how.rewrite(row.id or 0, {"title": "後の変更"}, seen=row.changed_at)
    assert found(row).title == "先の変更" and found(row).changed_at > row.changed_at
    assert know_how.rewrite(row.id or 0, {"title": "先の変更"}, seen=row.changed_at)  # the same once more


def test_what_is_retired_is_found_by_nobody_and_comes_back(world: World) -> None:
    row = kept()
    assert know_how.retire(row.id or 0) and not know_how.retire(row.id or 0)
    assert titles("CSV") == [] and know_how.text_of(str(row.id), "ja") == ""
    assert know_how.text_of(str(row.id), "ja", or_retired=True) == "CSVは「出力」から選べます。"
    assert know_how_like.offered("CSVの出し方を教えてください。CSVは出力から選べますか") == []
    assert know_how.bring_back(row.id or 0) and not know_how.bring_back(row.id or 0)
    assert titles("CSV") == ["CSVの出し方"]


# -- found ----------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_kept_once(world: World) -> None:
    first, second = kept(origin="page:1"), kept("別の題名", origin="page:1")
    assert (second.id, second.title) == (first.id, "CSVの出し方")
    assert len(store.read(know_how.in_use)) == 1


def test_every_word_that_is_typed_has_to_be_there_in_whatever_letters(world: World) -> None:
    kept()
    kept("サーバーの設定", texts={"ja": "設定の画面で選びます。"})
    assert titles("ＣＳＶ 出力") == titles("csv export") == ["CSVの出し方"]
    assert titles("ｻｰﾊﾞｰ") == ["サーバーの設定"]
    assert titles("CSV 設定") == []
    assert titles(" ") == ["CSVの出し方", "サーバーの設定"]


def test_an_answer_speaks_the_customers_language_else_the_companys(world: World) -> None:
    both, japanese = kept(), kept("日本語のみ", texts={"ja": "日本語です。"})
    assert know_how.text_of(str(both.id), "en") == "Choose CSV under “Export”."
    assert know_how.text_of(str(japanese.id), "en") == "日本語です。"


def test_what_was_sent_counts_as_used_and_nothing_else(world: World) -> None:
    row, other = kept(), kept("別")
    assert store.read(lambda session: know_how.uses(session, row.id or 0)) == Uses()
    sent(row, "1", at=5)
    sent(row, "2", at=9, is_edited=True)
    sent(row, "3", replies.REFUSED, at=20)
    sent(row, "4", replies.OPEN, at=30)
    used = store.read(lambda session: know_how.uses_of(session, [row.id or 0, other.id or 0]))
    assert used == {row.id: Uses(2, 1, 9), other.id: Uses()}
    ranked = store.read(lambda session: know_how.most_used(session, [other, row], 1))
    assert [(each.title, uses.sent) for each, uses in ranked] == [("CSVの出し方", 2)]


def test_spaces_alone_are_no_change_of_the_text() -> None:
    assert not know_how.is_edited("CSVは\n\n「出力」から 選べます。\n", "CSVは「出力」から選べます。")
    assert know_how.is_edited("CSVは「出力」から選べます!", "CSVは「出力」から選べます。")


def test_what_has_to_be_looked_at_again_is_due_to_its_owner(world: World) -> None:
    late = kept("古い", owner="U0SATO", review_on="2020-01-01")
    kept("先の", owner="U0SATO", review_on="2199-01-01")
    others = kept("ほかの人の", owner="U0MORI", review_on="2021-01-01")
    kept("いつでも", owner="U0SATO")
    gone = kept("終わった", owner="U0SATO", review_on="2020-01-01")
    know_how.retire(gone.id or 0)
    assert [row.id for row in store.read(lambda session: know_how.due(session, ["U0SATO"]))] == [late.id]
    assert [row.id for row in store.read(know_how.due)] == [late.id, others.id]
    assert know_how.is_due(late) and not know_how.is_due(found(gone))


# -- in the reply to the command ------------------------------------------------------------------


def test_the_command_shows_what_is_found_with_its_facts(world: World) -> None:
    row = kept(owner="U0SATO", owner_name="佐藤 <健>", review_on="2020-01-01")
    sent(row, "1")
    sent(row, "2", is_edited=True)
    for number in range(7):
        kept(f"CSVの{number}番目")
    text, blocks = know_how_texts.answer("ja", "csv")
    said = str(blocks)
    assert "8件" in text and said.index("CSVの出し方") < said.index("CSVの0番目")
    assert "「出力」から" in said and "佐藤 &lt;健&gt;" in said and "見直しの時期です" in said
    assert "利用2回(うち編集1回)" in said and "ほかに3件" in said and "CSVの4番目" not in said


def test_without_words_the_command_shows_what_is_used_most(world: World) -> None:
    kept("使われない")
    sent(kept("使われる"), "1")
    text, blocks = know_how_texts.answer("ja", "")
    assert text == "よく使われている定型文" and str(blocks).index("使われる") < str(blocks).index("使われない")
    assert "Used once" in str(know_how_texts.answer("en", "")[1])


def test_the_command_says_what_to_do_where_nothing_is_found(world: World) -> None:
    assert "定型文にする" in know_how_texts.answer("ja", "csv")[0]
    kept()
    text, _blocks = know_how_texts.answer("ja", "<!channel> 無い言葉")
    assert "言葉を減らして" in text and "<!channel>" not in text


# -- offered to similar questions -----------------------------------------------------------------


@pytest.mark.parametrize("question", UNFITTING)
def test_a_question_that_no_answer_fits_is_offered_none(taught: World, question: str) -> None:
    assert know_how_like.offered(question) == []


def test_a_similar_question_is_offered_what_fits(taught: World) -> None:
    named = {question: [row.title for row in know_how_like.offered(question)] for question in FITTING}
    assert {question: found[:1] for question, found in named.items()} == {q: [title] for q, title in FITTING.items()}
    assert all(len(found) <= 2 for found in named.values())


def test_an_answer_is_found_as_it_reads_now(world: World) -> None:
    question = "パスワードを忘れてログインできません。再設定の方法を教えてください。"
    row = kept("ほかの話", texts={"ja": "ほかの答え"})
    assert know_how_like.offered(question) == []
    changed = {"title": "パスワードの再設定", "texts": {"ja": "再設定の方法は、ログイン画面にあります。"}}
    know_how.rewrite(row.id or 0, changed, seen=row.changed_at)
    assert [each.id for each in know_how_like.offered(question)] == [row.id]


def test_a_question_that_was_erased_finds_nothing_any_more(world: World) -> None:
    number = asked("退職した社員のアカウントを止めたい", "form:1")
    kept("従業員の画面", f"ask:{number}", texts={"ja": "そこから選びます。"})
    question = "先週退職した社員のアカウントを止めたいです。"
    assert len(know_how_like.offered(question)) == 1
    store.write(lambda session: setattr(session.get_one(Ask, number), "question", ""))
    assert know_how_like.offered(question) == []


def test_half_a_year_ends_on_a_day_that_there_is() -> None:
    assert len(know_how_forms.in_half_a_year()) == 10
    assert know_how_forms.language_of_words("Choose CSV") == "en" and know_how_forms.language_of_words("出力") == "ja"
    assert rules.language in know_how_forms.TEXTS
