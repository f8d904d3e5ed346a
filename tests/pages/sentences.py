"""Every English sentence that people may read, found in the source: what the catalogue has to hold.

Sentences are what is given to `_` or `say`, what a story ends with (`done`, `ignored`, `dead`), what an action
says (`Intent`, `debt.intent`, `leave`), and what the demo's people did (`Did`, `Mistaken`, `Step`); names of
constants are followed within their module, and both branches of a choice count.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

from jinja2 import nodes

from app import auth, slack_login
from app.demo.pages import desk
from app.door import slack_rights
from app.pages import (
    access,
    badges,
    companies,
    digests,
    draft_acts,
    drafts,
    dry_run,
    enquiries,
    enquiry_figures,
    escalation,
    escalation_acts,
    escalations,
    glance,
    hand_over,
    home,
    know_how,
    kpi_queue,
    kpi_words,
    kpis,
    learning,
    meeting_acts,
    meeting_facts,
    minutes,
    notices,
    owners,
    promises,
    rate,
    releases,
    rooms,
    routes,
    rule_values,
    rule_values_enquiry,
    rules,
    satisfaction,
    search,
    sign_in,
    taking_acts,
    tellings,
    view,
    volume,
    volume_acts,
    wish,
    wish_list,
    wishes,
)
from app.pages import alerts as alerts_page
from app.pages import imports as page_imports
from app.pages import meeting as page_meeting
from app.pages.view import templates
from integrations import VENDORS, counts, deploy
from integrations.jira import admin as jira_admin
from workflows.customer import erasing, erasures, exporting, imports
from workflows.enquiry import asking, asking_forms, reply
from workflows.enquiry import texts as texts_enquiry
from workflows.escalation import answers, contact, forms, ladder, suggestion, texts
from workflows.language import wording
from workflows.measure import (
    alert,
    alert_picture,
    alert_texts,
    alerts,
    digest,
    digest_mails,
    digest_texts,
    survey_texts,
    voice_texts,
)
from workflows.measure.kpis import meanings
from workflows.meeting import compared, export, reasons
from workflows.notice import turns
from workflows.overview import (
    beside,
    by_hand,
    chat_story,
    handing,
    handing_moves,
    handing_over,
    handings,
    legs,
    life,
    mail_legs,
    owed,
    untold,
    wish_sheet,
)
from workflows.overview import notices as overview_notices
from workflows.overview import releases as overview_releases
from workflows.people import deeds, may, saved_views
from workflows.rules import access as rules_access
from workflows.rules import company
from workflows.rules import survey as rules_survey
from workflows.telling import (
    dead_end_texts,
    dead_ends,
    owner_texts,
    publish,
    reactions,
    release,
    reports,
    requesters,
    sending,
    taking,
    waiting,
)
from workflows.telling import drafts as telling_drafts
from workflows.telling import promises as telling_promises
from workflows.volume import occasions, sources
from workflows.wish import corrected, corrections, productboard_note
from workflows.wish import forms as forms_wish
from workflows.wish.similar import texts as similar_texts

ROOT = Path(__file__).resolve().parent.parent.parent
FORMERLY = ROOT / "alembic" / "former_sentences.json"
#: Which arguments of a call are sentences: positions and keywords.
CALLS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "_": ((0,), ()),
    "say": ((1,), ()),
    "say_it": ((0,), ()),
    "done": ((0,), ()),
    "ignored": ((0,), ()),
    "dead": ((0,), ()),
    "leave": ((1,), ()),
    "Intent": ((4,), ("sentence",)),
    "answer_to": ((2,), ()),
    "intent": ((1,), ()),
    "tell_team": ((2,), ()),
    "Transient": ((0,), ()),
    "Permanent": ((0,), ()),
    "Unwelcome": ((0,), ()),
    "Unsure": ((0,), ()),
    "Did": ((0,), ()),
    "Due": ((1,), ()),
    "Mistaken": ((0,), ()),
    "Step": ((1,), ()),
    "Malformed": ((1,), ()),
    "about": ((4,), ()),
    "_about": ((3, 4), ()),
    "_noted": ((2,), ()),
    "_with_sentence": ((1, 2), ()),
    "note": ((2,), ()),
    "Choice": ((0,), ()),
    "Conclusion": ((0,), ()),
    "Finding": ((1,), ()),
    "Rule": ((2,), ("sentence",)),
}

#: Words that stand in tables: what a choice, a state or a button is called.
TABLES: tuple[dict[str, str], ...] = (
    *(forms.CHOICES.values()),
    *(forms.LABELS, texts.STATES, texts.BUTTONS, answers.SAYING),
    *(reports.HOWS, telling_promises.WORDS, publish.PUBLISHED, sending.REFUSED, telling_drafts.WORDS, waiting.IN_VAIN),
    *(dead_ends.HOLDS, dead_end_texts.LABELS),
    *(reply.REFUSED, reply.INSTEAD),
    drafts.SAID,
    *(rule_values.GATES, rule_values.NEWS, rule_values.KIND_NEWS, similar_texts.ENGINES),
    {words: words for words in (*rule_values.SCALE, *similar_texts.VOICES)},
    {words: words for words in (owner_texts.AVAILABLE, owner_texts.DECLINED, owner_texts.WITHDRAWN)},
    *(tellings.TITLES, untold.TURNS, reactions.WORDS, reactions.SENTENCES, legs.WORDS),
    *(notices.SAID, overview_notices.WORDS, overview_notices.AUDIENCES, turns.HOWS),
    *(releases.SHOWS, releases.SAID, releases.CHANNELS),
    *(overview_releases.WORDS, overview_releases.AUDIENCES, requesters.WORDS),
    *(rule_values_enquiry.MEDIA, rule_values_enquiry.KINDS, rule_values_enquiry.FIELDS, texts_enquiry.STATES),
    {words: words for words in rule_values_enquiry.NAMES.values()},
    *(erasures.ASKED, {words.label: words.label for words in erasing.HERE}, {"person": exporting.EXPORTED}),
    *(forms_wish.LABELS, productboard_note.SOURCES, asking_forms.WAYS),
    *(
        meeting_facts.SORTED,
        wish_list.SHOWS,
        wish_list.EMPTY,
        wish.OWN,
        page_meeting.SAID,
        minutes.SAID,
    ),
    *(kpis.PERIODS, kpis.VIEWS, kpi_queue.TITLES, kpi_queue.NOTHING, glance.TITLES, glance.SENTENCES, kpi_words.BEFORE),
    {words: words for pair in kpi_words.CHANGES.values() for words in (*pair, kpi_words.SAME)},
    {words: words for each in meanings.FIGURES.values() for words in (each.title, each.meaning, each.open) if words},
    {words: words for both in meanings.SUBJECTS.values() for words in both},
    *(digests.ABOUT, digests.WAY_NAMES, digests.SAID, digest_texts.LABELS, digest_texts.TITLES, digest.NAMES),
    *(alert_texts.VERDICTS,),
    voice_texts.STATES,
    *(home.TITLES, home.ACTS, badges.WORDS),
    *(know_how.SAID, know_how.DUES, know_how.LANGUAGES),
    *(volume.PERIODS, volume_acts.SAID, occasions.KINDS, alerts_page.WATCHED, alerts_page.SAID),
    *(hand_over.WILL, handing_over.KINDS),
    *(rules.SECTIONS.values()),
    *(survey_texts.NOT_ASKED, survey_texts.SCORES, satisfaction.TITLES, satisfaction.ORIGINS),
    {words: words for words in (*rules_survey.USUAL_REASONS, survey_texts.QUESTION)},
    {words: words for words in (rate.DEAD, rate.NOT_FROM_HERE, rate.CROWDED)},
    *(dry_run.TITLES, beside.WORDS, by_hand.SENTENCES),
    *(wish_list.SORTED, wish_list.AGES, wish_list.SAID),
    *(enquiries.TITLES, enquiries.EMPTY, enquiries.MEDIUMS, enquiries.SORTED, enquiries.SAID_WITHIN),
    *(enquiry_figures.KINDS, enquiry_figures.ENDS, chat_story.BY_SOMEBODY, chat_story.BY_ITSELF, mail_legs.SENTENCES),
    *(search.NAMES, suggestion.RULES, suggestion.SAYING, life.WORDS, life.ENDS, {role: role for role in ladder.ROLES}),
)


def needed() -> set[str]:
    """Every sentence that has to be in the catalogue."""
    found = {
        sentence
        for path in _modules()
        for sentence in in_python(path.read_text(encoding="utf-8"), constants="workflows" in path.parts)
    }
    for name in templates.list_templates():
        found |= set(in_template(name))
    found |= {words for table in TABLES for words in table.values()} | set(rules.SECTIONS)
    found |= {"Companies", "People", "Requests and conversations"}
    found |= {name for room in rooms.ROOMS for name in (room.title, *(title for _, title in room.tabs))}
    found |= {life.KNOWS, life.KNOWS_NOT, life.TAKEN_OUT, life.STOPPED, life.HELD, *life.STEPS, corrections.WITHDRAWN}
    found |= (
        set(company.KINDS)
        | {*wording.TROUBLES, wording.NAMELESS}
        | {vendor.PASTE for vendor in VENDORS.values()}
        | {deploy.setup.TITLE, counts.setup.TITLE}
        | {"{field}: {why}"}
    )
    found |= {sentence for problem in (*routes.PROBLEMS.values(), routes.FAILED) for sentence in problem}
    found |= {routes.NO_PERMISSION} | {
        name for vendor in VENDORS.values() for name in vendor.to_copy("https://x.example")
    }
    found |= {words for kind in (release.IS_NOT_DONE, release.IS_TAKEN_BACK) for words in astuple(kind)}
    found |= set(desk.DID.values()) | {"The product team", owed.CLIMBED, sources.CHECK_IT, sources.SEND_IT}
    found |= {
        *escalation.SAID.values(),
        *(words for words, _ in escalation.CALLS.values()),
        *escalations.SHOWS.values(),
    }
    found |= {getattr(escalation_acts, name) for name in ("REMINDED", "UNDER_WAY", "NOBODY_LEFT", "NOT_IN_SLACK")}
    found |= {escalation_acts.NO_ANSWER, escalation_acts.NO_ADDRESS, *owners.ORIGINS.values()}
    found |= {*companies.OPEN.values(), *(title for _, title, _ in companies.HEADS)}
    found |= {imports.NO_PERSON, imports.NO_DAY, imports.EMPTY_DAY, *jira_admin.ADVICE.values()}
    found |= {access.NOBODY_YET, access.NOT_YOURS, sign_in.USED_UP, sign_in.GONE, *rules_access.ROLES}
    found |= {auth.SIGNED_IN, auth.SIGNED_OUT, auth.SIGNED_OUT_EVERYWHERE, escalation_acts.REMINDER}
    found |= {*answers.DEEDS.values(), *compared.DEEDS.values(), contact.DISMISSED}
    found |= {alert.SAID_OF, alert.UNSAID_OF, asking.DID_MARK, asking.DID_UNMARK}
    found |= {corrected.DID_WITHDRAW, corrected.DID_KEEP}
    found |= {page_imports.IMPORTED, *slack_login.SENTENCES, *may.FORMERLY, *deeds.WAYS.values()}
    found |= set(json.loads(FORMERLY.read_text(encoding="utf-8")).values())  # what may be on record still
    found |= {right.sentence for right in may.RIGHTS.values() if right.sentence} | {auth.ENDED}
    found |= {meeting_facts.NO_DAY, meeting_facts.NOT_OVER, minutes.NOT_BEGUN}
    found |= {learning.EVERYBODY, learning.YOU}
    found |= {wishes.WHICH, wishes.IS_NEW, wishes.IS_CONCLUDED}
    found |= {*tellings.COLUMNS, tellings.LIMITED, tellings.LATER, *badges.OF_REQUESTS.values()}
    found |= {drafts.NO_ANSWER, draft_acts.OTHER_TEXT, draft_acts.APPROVED}
    found |= {draft_acts.SET_ASIDE, draft_acts.TOOK_BACK, draft_acts.AT_ONCE}
    found |= {taking.TOOK_OVER, taking_acts.CHOSE, meeting_acts.TOOK_BACK}
    found |= {saved_views.NO_NAME, saved_views.TOO_LONG, saved_views.TOO_MANY, *wish_sheet.COLUMNS}
    found |= {page_meeting.NO_WISH, meeting_acts.NO_KEY, promises.REPORTED, *promises.SAID.values(), *export.COLUMNS}
    found |= {reason.label for reason in reasons.REASONS} | {forms_wish.WHY, slack_rights.WHO_IT_IS}
    found |= {similar_texts.LIKELY, similar_texts.PERHAPS, similar_texts.DISTANT, *similar_texts.ENGINES.values()}
    found |= {similar_texts.SAME, similar_texts.NOT_SAME, similar_texts.UNDO, similar_texts.UNDO_ONE}
    found |= {similar_texts.MERGED, similar_texts.MERGED_ALREADY, similar_texts.APART, similar_texts.LOOKING}
    found |= {similar_texts.WHICH, similar_texts.IS_NEW, similar_texts.SAME_AS, similar_texts.SURE}
    found |= {similar_texts.MERGE, similar_texts.CANCEL}
    found |= {*hand_over.WRONG, *handing_moves.REASONS, handing.NOT_OPEN, handing.NO_TEAMMATE}
    found |= {handings.HANDED, handings.ASSIGNED, handings.DID, handings.TOOK_BACK, handings.NOT_OVER, handings.NOTHING}
    found |= {digest_texts.DAILY_HEADLINE, digest_texts.WEEKLY_HEADLINE, digest_texts.PAST_TARGET, digest_texts.LATE}
    found |= {line for pair in alert_texts.HEADLINES.values() for line in pair} | set(alert_texts.ABOUT_THEME)
    found |= {alert_texts.NUMBERS, alert_texts.NUMBERS_OVER, alert_texts.CEILING_WAS, alert_texts.STILL_LEARNING}
    found |= {alert_texts.PERHAPS_BROKEN, alert_texts.NOT_KNOWN, alert_texts.GREW, alert_texts.ALONE}
    found |= {alert_texts.SAMPLES, alert_texts.MARKS, alert_texts.GREW_ITEM, alert_texts.WAS_JUDGED, alert_texts.LASTED}
    found |= {alerts_page.TRIED, alerts.FAULT_TITLE, alerts.EXPECTED_TITLE, alert_picture.TITLE}
    found |= {alert_texts.DRIFTED, alert_texts.DRIFTED_OVER, alert_picture.OF_DAYS}
    found |= {*alerts_page.DRAWN, *alerts_page.NOBODY_SAID}
    found |= {digest_texts.NOTHING_OPEN, digest_texts.NOTHING_HAPPENED}
    found |= {digest_texts.USUALLY, digest_mails.STOP, digest_mails.CHOOSE, digest_mails.OPEN, digests.CHOSEN}
    found |= {"{n}, from {before} a week", "{n} enquiries", digests.ENDED}
    found |= {"{n} (by words), from {before} a week", "{n} enquiries (by words)"}
    return found - {""}


def _modules() -> Iterator[Path]:
    for folder in ("workflows", "app", "integrations"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not _is_twin(path):
                yield path


def _is_twin(path: Path) -> bool:
    """Does it stand in for a vendor (`integrations/<vendor>/twin/`), or is it the ground (`integrations/twin*.py`)?"""
    layer, *inside = path.relative_to(ROOT).parts
    return layer == "integrations" and (inside[0].startswith("twin") or inside[1:2] == ["twin"])


def in_python(text: str, constants: bool = True) -> Iterator[str]:
    """The sentences in a module; `constants`: those too that are told to people by ways of their own."""
    tree = ast.parse(text)
    named = _constants(tree)
    if constants:
        yield from (str(ast.literal_eval(value)) for value in named.values() if _is_sentence(value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (places := CALLS.get(_name(node.func))):
            positions, keywords = places
            given = [node.args[at] for at in positions if at < len(node.args)]
            given += [keyword.value for keyword in node.keywords if keyword.arg in keywords]
            for value in given:
                yield from _texts(value, named)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_text(node.value)
    }


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_sentence(value: ast.expr) -> bool:
    """Does this constant read like a sentence?"""
    text = str(ast.literal_eval(value))
    return text.endswith(".") and " " in text and (text[0].isupper() or text[0] == "{")


def _texts(value: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, constants)
        yield from _texts(value.orelse, constants)
    elif isinstance(value, ast.Name) and value.id in constants:
        yield from _texts(constants[value.id], {})


def in_template(name: str) -> Iterator[str]:
    """The sentences in a template; a long one may be written in parts, joined by `~`."""
    assert templates.loader is not None
    tree = templates.parse(templates.loader.get_source(templates, name)[0])
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            parts = call.args[0].nodes if isinstance(call.args[0], nodes.Concat) else [call.args[0]]
            if all(isinstance(part, nodes.Const) for part in parts):
                yield "".join(str(part.value) for part in parts if isinstance(part, nodes.Const))


# -- looks ----------------------------------------------------------------------------------------


def tokens(theme: int) -> dict[str, str]:
    """The colours of the light (0) or dark (1) theme."""
    css = (view.HERE / "static" / "tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    return {name: colours[theme] for name, *colours in pairs}
