"""Each wish has its vector, whatever happens to its words, and whoever dies meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlmodel import select

from tests.meeting import LEAD, filed
from workflows.engine.store import store
from workflows.language.vectors.files import Unusable
from workflows.language.vectors.process import TooSlow
from workflows.rules import rules
from workflows.rules.similar import Similar
from workflows.search import indexing
from workflows.tables.similar import WishVector
from workflows.tables.wish import Feedback
from workflows.wish import background, naming, similar
from workflows.wish.forms import Answers
from workflows.wish.similar import engine, vectors

pytestmark = pytest.mark.usefixtures("records", "letters")
WISH = "CSV出力に部署コードの列を含めてほしいです。"


class Killed(BaseException):
    """The process dies."""


def rows() -> dict[int, WishVector]:
    """The vectors there are, by their wish."""
    return {row.feedback_id: row for row in store.read(lambda session: session.exec(select(WishVector)).all())}


def test_where_words_answer_nothing_is_reckoned() -> None:
    filed(WISH)
    rules.similar = Similar(engine="words")
    assert similar.catch_up() == 0 and rows() == {}
    vectors.keep_up()
    assert rows() == {} and engine.model() == ""


def test_a_wish_without_words_or_that_was_withdrawn_has_none() -> None:
    filed("")
    taken_back = filed(WISH)
    store.write(lambda session: setattr(session.get_one(Feedback, taken_back), "withdrawn_at", 1))
    assert similar.catch_up() == 0 and rows() == {}


@pytest.mark.fault("F86")
def test_an_encoder_that_cannot_be_used_is_told_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    filed(WISH)
    for error in (Unusable("a file is wrong"), TooSlow("it took too long")):
        monkeypatch.setattr(engine, "encode", _raising(error))
        vectors._State.rests_until = 0.0
        vectors.keep_up()
        assert str(error) in caplog.text and WISH not in caplog.text
        with pytest.raises(type(error)):
            similar.catch_up()
    assert rows() == {}


def test_an_encoder_that_hangs_does_not_hold_up_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    filed(WISH)
    asked: list[float] = []

    def hang(texts: Sequence[str], patience: float = 0.0) -> list[bytes]:
        asked.append(patience)
        raise TooSlow("it took too long")

    monkeypatch.setattr(engine, "encode", hang)
    for _ in range(5):
        vectors.keep_up()
    assert len(asked) == 1
    vectors._State.rests_until = 0.0  # the rest is over
    vectors.keep_up()
    assert len(asked) == 2


def _raising(error: Exception) -> object:
    def encode(texts: Sequence[str], patience: float = 0.0) -> list[bytes]:
        raise error

    return encode


def test_the_whole_backlog_is_done_at_once_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "BATCH", 3)
    wishes = [filed(f"{WISH}{number}") for number in range(8)]
    assert vectors.progress() == (0, 8)
    assert similar.catch_up() == 8
    assert sorted(rows()) == wishes and vectors.progress() == (8, 8)
    before = {id: row.id for id, row in rows().items()}
    assert similar.catch_up() == 0 and {id: row.id for id, row in rows().items()} == before


@pytest.mark.fault("F86")
def test_the_newest_come_first_and_a_kill_loses_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "BATCH", 2)
    wishes = [filed(f"{WISH}{number}") for number in range(6)]
    encode = engine.encode

    def die(texts: Sequence[str], patience: float = 0.0) -> list[bytes]:
        if len(rows()) == 4:
            raise Killed
        return encode(texts, patience)

    monkeypatch.setattr(engine, "encode", die)
    with pytest.raises(Killed):
        similar.catch_up()
    assert sorted(rows()) == wishes[2:]
    monkeypatch.setattr(engine, "encode", encode)
    assert similar.catch_up() == 2
    assert sorted(rows()) == wishes


def test_words_that_change_while_they_are_encoded_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wish, encode = filed(WISH), engine.encode

    def late(texts: Sequence[str], patience: float = 0.0) -> list[bytes]:
        made = encode(texts, patience)
        if "夜勤" not in texts[0]:
            store.write(lambda session: setattr(session.get_one(Feedback, wish), "quote", "夜勤の画面を暗くしたい"))
        return made

    monkeypatch.setattr(engine, "encode", late)
    assert similar.catch_up() == 0 and rows() == {}  # what was read is not what stands there now
    assert similar.catch_up() == 1
    assert rows()[wish].vector == encode(["夜勤の画面を暗くしたい"])[0]


def test_a_title_and_a_background_renew_it() -> None:
    wish = filed(WISH)
    similar.catch_up()
    first = rows()[wish]
    naming.rename(wish, {"title": "部署コードの列"}, by=LEAD, origin="1")
    assert rows() == {}
    similar.catch_up()
    second = rows()[wish]
    assert second.text_hash != first.text_hash
    answers = Answers(background="給与の締めに要る", importance="", temperature="", promise="")
    store.write(lambda session: background.keep(session, wish, answers, LEAD, "2"))
    assert rows() == {}
    similar.catch_up()
    assert rows()[wish].text_hash not in (first.text_hash, second.text_hash)


def test_words_that_somebody_changed_behind_our_back_are_found_and_read_anew() -> None:
    wish, other = filed(WISH), filed("夜勤の画面を暗くしたい")
    similar.catch_up()
    kept = rows()[other].id
    store.write(lambda session: setattr(session.get_one(Feedback, wish), "quote", "全く違う言葉"))
    vectors.keep_up()
    assert rows()[wish].vector == engine.encode(["全く違う言葉"])[0] and rows()[other].id == kept


def test_what_is_erased_leaves_no_vector() -> None:
    wish = filed(WISH)
    similar.catch_up()

    def erase(session: object) -> None:
        session.get_one(Feedback, wish).quote = ""  # type: ignore[attr-defined]
        indexing.reread(session, wishes=[wish])  # type: ignore[arg-type]

    store.write(erase)
    assert rows() == {} and similar.catch_up() == 0


def test_another_encoder_or_other_synonyms_make_them_anew() -> None:
    wish = filed(WISH)
    similar.catch_up()
    before = rows()[wish].model
    rules.similar = Similar(engine="light", synonyms={"部署": ("部門",)})
    assert similar.catch_up() == 1 and rows()[wish].model != before
