"""A disk that can be full: a small file system of its own where we may mount one, else a limit on a file's size."""

from __future__ import annotations

import os
import resource
import subprocess
from contextlib import suppress
from pathlib import Path

#: Megabytes: such a file system lives in memory.
LARGEST = 2048


class Disk:
    """Where the SQLite file is: in `folder`, which has room for so many megabytes. `kind` says how it is made full."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self._megabytes = folder / "disk", megabytes
        self.folder.mkdir()
        self.is_mounted = os.geteuid() == 0 and megabytes <= LARGEST and self._mount()
        self.kind = f"a tmpfs of {megabytes} MB" if self.is_mounted else "RLIMIT_FSIZE"

    def fill(self, process: int) -> None:
        """From now on nothing more can be written by this process."""
        if self.is_mounted:
            with suppress(OSError), (self.folder / "ballast").open("wb") as ballast:
                while ballast.write(bytes(1 << 16)):
                    pass
        else:
            size = max(file.stat().st_size for file in self.folder.iterdir())
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def free(self, process: int) -> None:
        """It can again."""
        if self.is_mounted:
            (self.folder / "ballast").unlink(missing_ok=True)
        else:
            with suppress(ProcessLookupError):
                limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
                resource.prlimit(process, resource.RLIMIT_FSIZE, limits)

    def close(self) -> None:
        """Give it back."""
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)

    def _mount(self) -> bool:
        options = f"size={self._megabytes}m,mode=700"
        command = ["mount", "-t", "tmpfs", "-o", options, "yamabiko-soak", str(self.folder)]
        with suppress(FileNotFoundError):
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        return False
