"""The three numbers of each grade's scale: `python -m tests.training.scale`, once the adapters were sealed.

It prints them, and what they do; they are put into `vectors/scale.py` by hand, after a look. They are the only thing
that is fitted to `tests/corpora/wishes_ja.json`: to what it answers alone, and among ten thousand, by one cut for both.
"""

from __future__ import annotations

from tests.corpora import meaning
from workflows.language.vectors.grades import NUMBERS, Grade
from workflows.language.vectors.scale import SCALES, Scale
from workflows.wish.similar import fit
from workflows.wish.similar.fit import Sample

SET, OTHER_SET, AMONG = "wishes_ja.json", "other_trades_ja.json", 10_000


def main() -> None:
    """Say what they are, and what they do."""
    for grade in NUMBERS:
        found = [sample for among in (0, AMONG) for sample in samples(grade, among)]
        after = fit.fitted(found, SCALES[grade])
        print(f'    "{grade}": Scale({after.of_likeness}, {after.of_gap}, {after.constant}, {after.floor}),')
        for scale in (SCALES[grade], after):
            _tell(grade, scale)


def samples(grade: Grade, among: int) -> list[Sample]:
    """The first three answers to everybody who asks; and those to who is alone with their request."""
    asked = (*meaning.answered(grade, SET, among), *meaning.answered(grade, SET, among, alone=True))
    answers = (answer for each in asked for answer in each[: meaning.FIRST])
    return [Sample(each.likeness, each.likeness - each.beside, each.is_right) for each in answers]


def _tell(grade: Grade, scale: Scale) -> None:
    for file, among in ((SET, 0), (SET, AMONG), (OTHER_SET, 0)):
        said = meaning.measure(grade, file, among, scale)
        recall = "/".join(f"{each:.3f}" for each in said.recall)
        shares = f"named {said.named:.3f} right {said.precision:.3f} quiet {said.quiet:.3f} alone {said.alone:.3f}"
        print(f"      {scale.constant:g} {file} {among or 'alone'}: {recall} {shares}", flush=True)


if __name__ == "__main__":
    main()
