"""Types and lint of the mini program and of what runs it here: `python -m tools.check_miniprogram`.

Installs what that needs as the lock files say. Without Node 20 it says so, and fails only where
`CI` is set: everything else can be checked without.
"""

import os
import subprocess
import sys
from pathlib import Path

from deploy import node

SOURCE = node.ROOT / "miniprogram"


def main() -> int:
    if node.node() is None:
        print("no Node 20: the mini program is not checked", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    for folder in (SOURCE, node.RUNNER):
        if not node.install(folder):
            print(f"npm ci failed in {folder.relative_to(node.ROOT)}/", file=sys.stderr)
            return 1
    passed = [_passes(folder) for folder in (SOURCE, node.RUNNER)]
    return 0 if all(passed) else 1


def _passes(folder: Path) -> bool:
    command = ["npm", "run", "--silent", "check"]
    return subprocess.run(command, check=False, cwd=folder).returncode == 0  # noqa: S603  (our own scripts)


if __name__ == "__main__":
    sys.exit(main())
