"""Texts become the vectors that were agreed upon, whatever they are made of."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.seal import GOLDEN, TEXTS
from workflows.language.vectors.encoder import Encoder
from workflows.language.vectors.grades import NUMBERS, Grade

#: By how much any number of a vector may differ on another machine.
TOLERANCE = 0.002

BLANK = ["", " ", "\n", "\x00", "\u200b\ufeff"]
ODD = [*BLANK, "要\x00望", "🙏🏻👨‍👩‍👧", "\ud83d", "\udc00\ud800x", "</s>", "ﷺ" * 500, "い" * 10_000, "▁" * 99]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:8]))
def test_any_text_is_a_vector_of_length_1(encoder: Encoder, grade: Grade, text: str) -> None:
    blob = encoder.of(text)
    vector = np.frombuffer(blob, "<f2").astype(np.float64)
    assert len(blob) == 2 * NUMBERS[grade]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=0.002)


def test_the_vectors_are_those_that_were_sealed(encoder: Encoder, grade: Grade) -> None:
    golden = json.loads(Path(GOLDEN).read_text(encoding="utf-8"))
    assert golden["texts"] == list(TEXTS)
    for text, sealed in zip(golden["texts"], golden[grade], strict=True):
        expected = np.frombuffer(base64.b64decode(sealed), "<f2").astype(np.float32)
        assert np.abs(encoder.vector(text) - expected).max() < TOLERANCE, text


def test_what_says_the_same_is_more_alike_than_what_only_looks_so(encoder: Encoder) -> None:
    asked, same, other = (
        encoder.vector(text)
        for text in (
            "請求書をPDFでまとめてダウンロードしたい",
            "複数の請求書を、一度にPDFで保存できるようにしてほしいです。",
            "請求書の宛名を、お客様ごとに変えられるようにしてほしいです。",
        )
    )
    assert asked @ same > asked @ other


def test_the_same_text_is_the_same_vector_and_its_end_does_not_count(encoder: Encoder) -> None:
    long = "予約の変更を電話でなくお客さま自身でできると助かります。" * 200
    assert encoder.of(long) == encoder.of(long) == encoder.of(long + "別の話です。")
