"""What `requirements.lock` makes of the service, as CycloneDX: `make sbom`. https://cyclonedx.org/docs/1.6/json/"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components() -> Iterator[dict[str, Any]]:
    """Every package of the lock, as CycloneDX describes one. Each of the hashes is that of one of its files."""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if pin := _PIN.match(line):
            name, version = pin.groups()
            files = [{"name": "file:sha256", "value": each} for each in _HASH.findall(line)]
            yield {
                "type": "library",
                "name": name,
                "version": version,
                "bom-ref": f"{name}@{version}",
                "properties": files,
            }


def main() -> None:
    """Print the bill of materials. The same lock gives the same text."""
    itself = {"type": "application", "name": "yamabiko", "licenses": [{"license": {"id": "MIT"}}]}
    whole = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": itself}}
    print(json.dumps(whole | {"components": list(components())}, indent=2))


if __name__ == "__main__":
    main()
