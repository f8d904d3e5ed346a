"""What `requirements.lock` makes of the service: `sbom` prints it as CycloneDX, `audit` asks what is known of it.

https://cyclonedx.org/docs/1.6/json/  https://google.github.io/osv.dev/post-v1-querybatch/
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Where OSV answers, which knows PyPI's advisories among others.
OSV = os.environ.get("OSV_URL", "https://api.osv.dev")
NOT_ASKED = "OSV could not be asked ({why}): nothing is known about vulnerabilities today."
NONE_KNOWN = "No vulnerability is known of {count} packages."
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components() -> Iterator[dict[str, Any]]:
    """Every package of the lock, as CycloneDX describes one. Each of the hashes is that of one of its files."""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if not (pin := _PIN.match(line)):
            continue
        name, version = pin.groups()
        files = [{"name": "pypi:file:sha256", "value": each} for each in _HASH.findall(line)]
        purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
        yield {
            "type": "library",
            "name": name,
            "version": version,
            "purl": purl,
            "bom-ref": purl,
            "properties": files,
        }


def sbom() -> int:
    """Print the bill of materials. The same lock gives the same text."""
    itself = {"type": "application", "name": "yamabiko", "licenses": [{"license": {"id": "MIT"}}]}
    whole = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": itself}}
    print(json.dumps(whole | {"components": list(components())}, indent=2))
    return 0


def audit() -> int:
    """Say which packages have a known vulnerability: 1 if any has, 0 if none has or nobody can be asked."""
    asked = list(components())
    questions = {"queries": [{"package": {"purl": each["purl"]}} for each in asked]}
    request = urllib.request.Request(
        f"{OSV}/v1/querybatch", json.dumps(questions).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            answers = json.load(answer)["results"]
    except (OSError, ValueError, KeyError) as error:
        print(NOT_ASKED.format(why=type(error).__name__))
        return 0
    found = [(each, known["vulns"]) for each, known in zip(asked, answers, strict=True) if known.get("vulns")]
    for each, known in found:
        print(f"{each['name']} {each['version']}: {', '.join(sorted(one['id'] for one in known))}")
    if not found:
        print(NONE_KNOWN.format(count=len(asked)))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit({"sbom": sbom, "audit": audit}[sys.argv[1]]())
