"""Give this machine the packages of Node that the mini program needs here, where Node is.

    python3 deploy/node.py

Does nothing where they are installed as the lock file says. Without Node 20 it says so in one line.
Never fails: what needs them says what it lacks. Standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNNER = ROOT / "tools" / "mp-runner"
LEAST = 20
MISSING = (
    "no Node 20: the mini program is not served on phones in the browser, all else is; "
    "https://nodejs.org, or on Debian 13: apt-get install nodejs npm"
)


def node() -> "str | None":
    """The path of a Node that is new enough."""
    found = shutil.which("node")
    if found is None:
        return None
    asked = subprocess.run([found, "--version"], check=False, capture_output=True, text=True)
    major = asked.stdout.strip().lstrip("v").split(".")[0]
    return found if major.isdigit() and int(major) >= LEAST else None


def fingerprint(folder: Path) -> str:
    """What the folder's lock file says, as one word."""
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()


def installed(folder: Path = RUNNER) -> bool:
    """Whether the packages lie there as locked."""
    stamp = folder / "node_modules" / ".locked"
    return stamp.exists() and stamp.read_text() == fingerprint(folder)


def install(folder: Path = RUNNER) -> bool:
    """`npm ci` without any package's own scripts, its output on standard error; whether it went
    well. One at a time: two would remove each other's files."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    with Path(tempfile.gettempdir(), f"npm-ci-{os.getuid()}-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed(folder):
            return True
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, check=False, cwd=str(folder), stdout=sys.stderr)
        if done.returncode == 0:
            (folder / "node_modules" / ".locked").write_text(fingerprint(folder))
        return done.returncode == 0


def missing() -> "str | None":
    """Why the mini program cannot be built here, in one line; None: it can."""
    if node() is None:
        return MISSING
    if not installed():
        return "the mini program's packages are not installed: `make node`, with a network"
    return None


def main() -> None:
    if node() is None:
        print(MISSING, file=sys.stderr, flush=True)
    elif not installed():
        print("installing tools/mp-runner", file=sys.stderr, flush=True)
        if not install():
            print("npm ci failed: no phones in the browser", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
