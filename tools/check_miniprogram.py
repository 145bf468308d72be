"""Types and lint of the mini program: `python -m tools.check_miniprogram`.

Installs what that needs as the lock file says. Without Node 20 it says so, and fails only where
`CI` is set: everything else can be checked without.
"""

import os
import subprocess
import sys
from pathlib import Path

from deploy import node

SOURCE = Path(__file__).resolve().parents[1] / "miniprogram"


def main() -> int:
    if node.node() is None:
        print("no Node 20: the mini program is not checked", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    if not node.install(SOURCE):
        print("npm ci failed in miniprogram/", file=sys.stderr)
        return 1
    return subprocess.run(["npm", "run", "--silent", "check"], check=False, cwd=SOURCE).returncode  # noqa: S607


if __name__ == "__main__":
    sys.exit(main())
