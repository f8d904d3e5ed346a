"""Soak, and exit 1 where something was lost or doubled. Nothing is imported here: every process reads this."""

import sys

if __name__ == "__main__":
    from tests.soak.command import main

    sys.exit(main())
