"""Similar by meaning: how sure it is, under which name, and what people found not to be the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.meeting import LEAD, filed, merge
from workflows.engine.store import store
from workflows.language.vectors.process import TooSlow
from workflows.language.vectors.scale import Scale
from workflows.meeting import acts
from workflows.tables.wish import Feedback
from workflows.wish import similar
from workflows.wish.similar import ANY, engine, like, meaning, refused, vectors

pytestmark = pytest.mark.usefixtures("world", "letters")
WISH, SAME = "CSV出力に部署コードの列を含めてほしい", "CSV出力に部署コードの列も含めたい"
OTHER = "夜勤で使うので画面を暗い配色にしたい"
SCALE = Scale(-0.5, 2.0, -1.3, 2.2)


def filed_all(*quotes: str) -> list[int]:
    """These wishes are on record, and have their vectors."""
    wishes = [filed(quote) for quote in quotes]
    similar.catch_up()
    return wishes


def found(text: str = SAME, **options: object) -> list[int]:
    """The numbers of the wishes that are similar, the best first."""
    return [match.feedback_id for match in similar.similar(text, **options)]  # type: ignore[arg-type]


def sure(likeness: float, others: list[float]) -> float:
    """How sure the first of these is."""
    return SCALE.sure(likeness, SCALE.beside([likeness, *others]))


# -- how sure it is -------------------------------------------------------------------------------


def test_who_stands_out_among_few_is_not_sure_for_that() -> None:
    assert sure(2.4, [0.1] * 3) == pytest.approx(sure(2.4, []))
    assert sure(2.4, [0.1] * 20) == pytest.approx(sure(2.4, [])) and sure(2.4, []) < 0.2
    assert sure(4.5, []) > 0.4


def test_the_more_others_come_close_the_less_sure_it_is() -> None:
    assert sure(4.5, [2.0] * 20) > sure(4.5, [3.0] * 20) > sure(4.5, [4.4] * 20)


@pytest.mark.parametrize("numbers", [(100.0, 100.0, 100.0), (-100.0, -100.0, -100.0)])
def test_a_probability_is_one_whatever_the_numbers(numbers: tuple[float, float, float]) -> None:
    assert 0.0 <= Scale(*numbers, 2.0).sure(50.0, -50.0) <= 1.0


# -- what is found --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " \n", "\0", "🙏🙏🙏", "\ud800", "部" * 20_000])
def test_a_text_of_any_kind_asks_without_harm(text: str) -> None:
    filed_all(WISH, OTHER)
    similar.similar(text, least=ANY)
    assert similar.similar(text, most=0) == []


def test_the_closest_comes_first_and_says_which_words_are_shared() -> None:
    wish, other = filed_all(WISH, OTHER)
    first, second = similar.similar(SAME, least=ANY)
    assert (first.feedback_id, second.feedback_id) == (wish, other)
    assert first.sure > second.sure and first.quote == WISH
    assert "部署" in first.shared and second.shared == ()


def test_a_wish_on_record_is_like_another_and_never_like_itself() -> None:
    wish, same, _ = filed_all(WISH, SAME, OTHER)
    assert [match.feedback_id for match in like(wish)] == [same]
    assert like(404) == [] and like(wish, most=0) == []


def test_what_is_not_reckoned_yet_is_not_found_and_asks_all_the_same() -> None:
    [wish] = filed_all(WISH)
    late = filed(SAME)
    assert found(SAME) == [wish]
    assert [match.feedback_id for match in like(late)] == [wish]
    similar.catch_up()
    assert found(SAME)[0] == late


def test_merged_wishes_are_named_as_one_and_do_not_make_each_other_less_sure() -> None:
    wish, *others = filed_all(WISH, *[f"{WISH}{'、'.join('締め日' for _ in range(n))}" for n in range(12)], OTHER)
    alone = similar.similar(SAME, most=1)
    for other in others[:-1]:
        merge(other, wish)
    [match] = similar.similar(SAME, most=5)
    assert match.feedback_id == wish and (not alone or match.sure > alone[0].sure)
    assert found(but=[others[0]]) == []
    assert acts.unmerge(others[0], LEAD)
    assert others[0] in found(but=[wish], least=ANY)


def test_what_is_gone_is_not_named_and_what_changed_counts_as_it_is_now() -> None:
    wish, other = filed_all(WISH, "全く別のこと")
    assert found() == [wish]
    store.write(lambda session: vectors.forget(session, [wish]))
    assert found() == []
    store.write(lambda session: setattr(session.get_one(Feedback, other), "quote", SAME))
    store.write(lambda session: setattr(session.get_one(Feedback, wish), "quote", OTHER))
    vectors.keep_up()
    assert found() == [other]


@pytest.mark.fault("F86")
def test_where_the_encoder_is_too_slow_words_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    [wish] = filed_all(WISH)

    def slow(texts: object, patience: float = 0.0) -> list[bytes]:
        raise TooSlow("it took longer than 8 s")

    monkeypatch.setattr(engine, "encode", slow)
    assert found() == [wish] and "by words" in caplog.text and "CSV" not in caplog.text


def test_where_another_encoder_answers_by_now_words_do(monkeypatch: pytest.MonkeyPatch) -> None:
    [wish] = filed_all(WISH)
    monkeypatch.setattr(engine, "encode", lambda texts, patience=0.0: [bytes(2 * 896)])
    assert found() == [wish]


def test_many_ask_while_others_file() -> None:
    def both(number: int) -> bool:
        wish = filed(f"{WISH}{number}")
        similar.catch_up()
        return wish in found(f"{WISH}{number}", most=99, least=ANY)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(both, range(16)))


def test_the_pool_takes_in_each_vector_once(monkeypatch: pytest.MonkeyPatch) -> None:
    filed_all(WISH, OTHER)
    found()
    monkeypatch.setattr(meaning, "LOOK_BACK", 0)
    taken: list[int] = []
    kept = meaning._current()
    assert kept.pool is not None
    monkeypatch.setattr(kept.pool, "put", lambda ids, blobs: taken.extend(ids))
    found()
    assert taken == []


# -- what is not the same -------------------------------------------------------------------------


def test_only_two_wishes_that_are_there_and_are_not_one_can_be_told_apart() -> None:
    wish, same = filed_all(WISH, SAME)
    assert not refused.refuse(wish, wish, by=LEAD) and not refused.refuse(wish, 404, by=LEAD)
    merge(same, wish)
    assert not refused.refuse(wish, same, by=LEAD) and not refused.allow(wish, same, by=LEAD)


def test_what_is_not_the_same_is_never_offered_again_from_either_side_until_it_was_a_slip() -> None:
    wish, same = filed_all(WISH, SAME)
    assert refused.refuse(same, wish, by=LEAD) and not refused.refuse(wish, same, by=LEAD)
    assert like(wish) == like(same) == []
    assert refused.allow(wish, same, by=LEAD) and not refused.allow(wish, same, by=LEAD)
    assert [match.feedback_id for match in like(wish)] == [same]


def test_it_holds_for_whoever_was_merged_with_either() -> None:
    wish, same, third, fourth = filed_all(WISH, SAME, WISH + "。", SAME + "。")
    refused.refuse(wish, same, by=LEAD)
    merge(third, wish)
    merge(fourth, same)
    assert like(third, but=[wish, third]) == [] and like(fourth) == []
