"""Similar by words: what is found, under which name, and what changes that; then how much of a corpus is found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.corpora import wishes as corpus
from tests.meeting import LEAD, filed, merge, noted
from tests.world import World
from workflows.engine.store import Store, create_engine, store
from workflows.language.folding import fold
from workflows.language.signs import AGAIN, KANJI, KATAKANA, LONGEST, MEANING, signs, words_of
from workflows.meeting import acts
from workflows.tables.wish import Feedback
from workflows.wish.similar import PERHAPS, matching, similar
from workflows.wish.similar.words import Index

WISH = "CSV出力に部署コードの列を含めてほしいです。"
SAME = "ﾀﾞｳﾝﾛｰﾄﾞするｃｓｖに、部門のコードも付けられませんか"
OTHER = "夜勤で使うので、画面を暗い配色にできるとうれしいです。"


@pytest.fixture
def records(database_url: str) -> Iterator[None]:
    """A fresh database of either kind, and nothing else."""
    store.bind(made := Store(create_engine(database_url, pool_size=8)))
    yield
    store.bind(None)
    made.close()


@pytest.fixture
def sqlite_records(sqlite_url: str) -> Iterator[None]:
    """A fresh database, where it does not matter which."""
    store.bind(made := Store(create_engine(sqlite_url, pool_size=8)))
    yield
    store.bind(None)
    made.close()


def found(text: str = SAME, **options: object) -> list[int]:
    """The numbers of the wishes that are similar, the best first."""
    return [match.feedback_id for match in similar(text, **options)]  # type: ignore[arg-type]


def storable(text: str) -> str:
    """What a database takes of a text."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


# -- nothing is similar ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", " \n", "。、!?()", "よろしくおねがいします", "\0", "\ud800", "🙏🙏🙏", "ー", "゛"]
)
def test_a_text_that_is_about_nothing_is_like_nothing(sqlite_records: None, text: str) -> None:
    filed(WISH)
    filed(storable(text), at=1)
    assert found(text) == []


def test_nothing_is_found_where_nothing_was_filed_or_nothing_is_wanted(sqlite_records: None) -> None:
    assert found() == []
    filed(WISH)
    assert found(most=0) == [] and found(most=-1) == []


def test_another_wish_is_not_named(sqlite_records: None) -> None:
    filed(OTHER)
    assert found() == []


HOSTILE = (
    "'; DROP TABLE feedback; --",
    "<script>alert('部署')</script>",
    "%s %(name)s {0} {name} \\x00",
    "#0 #1 #2 #" * 50,
    "部" + "\u0301" * 20_000,
    "\u202e部署\u200b\ufeff\u2066コード",
    "部\udfff署\0コード",
    "CSV " * 200_000,
    "ﾞ" * 5_000 + "ｶﾞ" * 5_000,
    "".join(map(chr, range(0x3000, 0xD800, 7))),
    "".join(map(chr, range(0x10000, 0x20000, 97))),
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_asks_and_is_asked_for_without_harm(sqlite_records: None, text: str) -> None:
    wish = filed(WISH)
    filed(storable(text), at=1)
    similar(text)
    assert found()[:1] == [wish]


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    assert signs("部" * LONGEST + "CSV") == signs("部")


# -- what is found, and how it is called ----------------------------------------------------------


def test_other_words_for_the_same_are_found_on_either_database(records: None) -> None:
    wish, _ = filed(WISH), filed(OTHER)
    [match] = similar(SAME)
    assert (match.feedback_id, match.quote) == (wish, WISH)
    assert match.sure == PERHAPS and not match.is_likely  # by words nothing is sure
    assert match.shared == ("csv", "コード")


def test_what_is_filed_later_is_found_too(records: None) -> None:
    assert found() == []
    first = filed(WISH)
    assert found() == [first]
    second = filed(WISH)
    assert found() == [first, second]  # alike: the older one first
    assert found(but=[first]) == [second]
    assert found(most=1) == [first]


def test_the_newest_background_belongs_to_the_text(records: None) -> None:
    wish = filed("いつものやつがほしいです")
    assert found() == []
    noted(wish, background=WISH)
    assert found() == [wish]
    noted(wish, background="社長のこだわり")
    assert found() == []
    noted(wish, background=WISH)
    assert [match.quote for match in similar(SAME)] == ["いつものやつがほしいです"]


def test_merged_wishes_are_named_as_the_one_they_are_in(world: World) -> None:
    root, first, second = filed(OTHER), filed(WISH), filed(WISH)
    assert found() == [first, second]
    merge(first, root)
    merge(second, root)
    assert [(match.feedback_id, match.quote) for match in similar(SAME)] == [(root, OTHER)]
    assert found(but=[first]) == found(but=[root]) == []
    assert acts.unmerge(first, LEAD)
    assert found() == [first, root]
    assert found(but=[first]) == [root]


def test_many_that_are_merged_hide_no_other(sqlite_records: None, monkeypatch: pytest.MonkeyPatch) -> None:
    root = filed(SAME)
    store.write(lambda session: session.add_all([_merged(number, root) for number in range(6)]))
    other = filed(WISH)
    monkeypatch.setattr(matching, "PAGE", 10)
    assert found(SAME, but=[404]) == [root, other]


def test_a_wish_that_is_committed_after_a_younger_one_is_found(records: None) -> None:
    late = filed(WISH) + 1
    store.write(lambda session: session.add(_row(late + 1, WISH)))
    assert len(found()) == 2
    store.write(lambda session: session.add(_row(late, WISH)))
    assert found() == [late - 1, late, late + 1]


def test_a_wish_that_is_gone_is_not_named(records: None) -> None:
    wish = filed(WISH)
    assert found() == [wish]
    store.write(lambda session: session.delete(session.get_one(Feedback, wish)))
    assert found() == []


def test_another_database_has_another_index(sqlite_url: str, postgres_url: str) -> None:
    for url, expected in ((sqlite_url, [1]), (postgres_url, [1]), (sqlite_url, [1, 2])):
        store.bind(made := Store(create_engine(url, pool_size=2)))
        filed(WISH)
        assert found() == expected
        store.bind(None)
        made.close()


def test_many_ask_while_others_file(records: None) -> None:
    def both(number: int) -> list[int]:
        wish = filed(WISH, at=number + 1)
        return [wish] if wish in found(WISH, most=99) else []

    with ThreadPoolExecutor(6) as pool:
        seen = [id for ids in pool.map(both, range(24)) for id in ids]
    assert len(seen) == 24 and found(WISH, most=99) == sorted(seen)


def test_many_who_say_the_same_do_not_hide_each_other(sqlite_records: None) -> None:
    wishes = [filed(WISH, at=number) for number in range(20)]
    assert found(WISH, most=99) == wishes


def _row(id: int, quote: str) -> Feedback:
    return Feedback(
        id=id, conversation_id=f"x{id}", part_id="1", kind="wish", tag="要望", quote=quote, said_at=1, taken_at=1
    )


def _merged(number: int, root: int) -> Feedback:
    row = _row(1_000 + number, SAME)
    row.merged_into = root
    return row


# -- signs ----------------------------------------------------------------------------------------


def test_a_latin_word_is_found_only_as_a_whole() -> None:
    known = words_of(["id 番号"])
    assert "#0" in signs("IDで", known) and "#0" in signs("社員番号", known)
    assert "#0" not in signs("androidで", known) and "#0" not in signs("id2", known)


def test_the_longest_word_counts() -> None:
    known = words_of(["顔", "顔認証"])
    assert "#1" in signs("顔認証で", known) and "#0" not in signs("顔認証で", known)


@pytest.mark.parametrize("text", ["サーバー", "ｻｰﾊﾞｰ", "サーバ"])
def test_widths_and_long_vowels_do_not_matter(text: str) -> None:
    assert signs(text, {}) == {"さば": KATAKANA, "~さば": KATAKANA * AGAIN}


def test_letters_speak_beside_their_meaning_but_in_a_lower_voice() -> None:
    known = words_of(["部署 部門"])
    assert signs("部署", known) == {"#0": MEANING, "~部": KANJI * AGAIN, "~署": KANJI * AGAIN}
    assert signs("部署と署", known)["署"] == KANJI


def test_a_word_with_two_meanings_says_less_of_each() -> None:
    both = signs("番号", words_of(["番号", "id 番号"]))
    assert both["#0"] == both["#1"] < MEANING
    assert signs("番号とid", words_of(["番号", "id 番号"]))["#1"] == MEANING


# -- how much is found ----------------------------------------------------------------------------


def test_the_corpus_is_what_it_says() -> None:
    every = corpus.wishes()
    topics = {wish.topic for wish in every if wish.topic}
    assert len({wish.text for wish in every}) == len(every) >= 420
    assert len(topics) >= 100 and sum(not wish.topic for wish in every) >= 100
    assert all(sum(wish.topic == topic for wish in every) >= 3 for topic in topics)
    assert {wish.near for wish in every} == topics


def test_of_what_the_synonyms_know_four_in_five_are_found() -> None:
    development, held_out = map(corpus.measure, corpus.halves())
    assert development.recall >= 0.84 and held_out.recall >= 0.8
    assert development.named >= 0.78 and held_out.named >= 0.7
    assert development.precision >= 0.35 and held_out.precision >= 0.32


def test_blind_half_is_found_and_more_than_without_synonyms() -> None:
    _, held_out = corpus.halves()
    blind = corpus.measure(held_out, corpus.blind()).recall
    assert blind >= 0.54
    assert blind > corpus.measure(held_out, {}).recall


def test_synonyms_do_no_harm_where_they_do_not_know_the_matter() -> None:
    found = corpus.measure(corpus.fresh()).recall
    assert found >= 0.46
    assert found >= corpus.measure(corpus.fresh(), {}).recall


def test_the_blind_synonyms_know_no_word_of_the_held_out_half_alone() -> None:
    every = corpus.wishes()
    known, unknown = ("\n".join(fold(wish.text) for wish in every if wish.near in half) for half in corpus.halves())
    words = [word for heads in corpus.blind().values() for word, _ in heads]
    assert len(words) > 300
    assert [word for word in words if word in unknown and word not in known] == []


def test_the_order_in_which_wishes_come_changes_nothing() -> None:
    every = list(enumerate((wish.text for wish in corpus.wishes()), start=1))
    asked = signs(SAME)
    expected = corpus.index().ranked(asked)
    for seed in range(3):
        shuffled = Index()
        for id, text in random.Random(seed).sample(every, len(every)):
            shuffled.put(id, text)
        assert shuffled.ranked(asked) == expected != []


def test_more_wishes_about_other_things_do_not_take_it_away() -> None:
    small, large = Index(), Index()
    for number in range(2_000):
        (small if number < 20 else large).put(number + 10, f"{number}番の件、東西南北の話です")
    for index in (small, large):
        index.put(1, WISH)
    assert [small.ranked(signs(SAME))[0][1], large.ranked(signs(SAME))[0][1]] == [1, 1]
