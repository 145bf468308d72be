"""Make .venv and install a pinned requirements file into it, unless that was done before.

    python3 deploy/bootstrap.py requirements.txt

Standard library only, and readable by old interpreters, so that it can tell what is missing.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "installed"


def included(name: str) -> "list[str]":
    """The requirements file and those that it includes or is constrained by."""
    names = [name]
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line.startswith(("-r ", "-c ")):
            names += included(line[3:].strip())
    return names


def fingerprint(name: str) -> str:
    """A SHA-256 over the contents of the file and of those that it includes."""
    content = b"".join((ROOT / each).read_bytes() for each in included(name))
    return hashlib.sha256(content).hexdigest()


def installed(name: str) -> bool:
    """Whether .venv works and holds exactly this version of the file."""
    stamp = STAMPS / name
    works = (VENV / "bin" / "python").exists()
    return works and stamp.exists() and stamp.read_text() == fingerprint(name)


def run(*command: str) -> None:
    """Run with its output on standard error; end with its exit code if it fails."""
    settings = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
    done = subprocess.run(command, check=False, cwd=str(ROOT), env=settings, stdout=sys.stderr)
    if done.returncode != 0:
        sys.exit("failed: " + " ".join(command))


def main(name: str) -> None:
    """Install what `name` lists; ends the process with one line saying what is missing."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this check is what old interpreters run
        sys.exit(
            "Python 3.11 or newer is needed, this is {}.{}: make run PYTHON=python3.11".format(
                *sys.version_info[:2]
            )
        )
    if installed(name):
        return
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        sys.exit("Python's venv module is incomplete; on Debian: apt install python3-venv")
    if not (VENV / "bin" / "python").exists() or not (VENV / "bin" / "pip").exists():
        print("making .venv", file=sys.stderr, flush=True)
        run(sys.executable, "-m", "venv", "--clear", str(VENV))
    print("installing " + name, file=sys.stderr, flush=True)
    run(str(VENV / "bin" / "python"), "-m", "pip", "install", "-r", name)
    STAMPS.mkdir(exist_ok=True)
    for each in included(name):
        (STAMPS / each).write_text(fingerprint(each))


if __name__ == "__main__":
    main(sys.argv[1])
