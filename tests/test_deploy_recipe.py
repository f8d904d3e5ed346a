"""The lines of the READMEs with which a shell sends a signed webhook do just that."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from itertools import pairwise
from pathlib import Path

import pytest

from tests.door import ROOT, Door, given, path_of

READMES = ("README.md", "README.ja.md")
#: In the place of curl: keeps the words that it is given.
CURL = """#!/bin/sh
printf '%s\\0' "$@" > words
"""


def recipe(readme: str) -> str:
    """The shell's lines."""
    [found] = re.findall(
        r"^ +```sh\n(.*?)^ +```$", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return textwrap.dedent(found)


def test_both_readmes_have_the_same_lines() -> None:
    assert len({recipe(readme) for readme in READMES}) == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here to sign with")
async def test_what_the_shell_sends_is_accepted(tmp_path: Path, sqlite_url: str) -> None:
    (curl := tmp_path / "curl").write_text(CURL)
    curl.chmod(0o755)
    secret = given("deploy", "shell")
    environment = {"DEPLOY_WEBHOOK_SECRET": secret, "YAMABIKO_URL": "https://yamabiko.example"}
    path = f"{tmp_path}:/usr/local/bin:/usr/bin:/bin"
    subprocess.run(["sh", "-euc", recipe("README.md")], cwd=tmp_path, env=environment | {"PATH": path}, check=True)
    words = (tmp_path / "words").read_text().split("\0")[:-1]
    headers = dict(word.split(": ", 1) for flag, word in pairwise(words) if flag == "-H")
    body = words[words.index("--data-binary") + 1].encode()
    assert words[-1] == "https://yamabiko.example" + path_of("deploy")
    async with Door(sqlite_url, deploy_webhook_secret=secret) as door:
        assert (await door.post("deploy", headers, body)).status == 200
        assert [(row.topic, row.state) for row in door.deliveries()] == [("release.available", "open")]
        assert (await door.post("deploy", headers, body.replace(b"KNDE-12", b"KNDE-13"))).status == 401
