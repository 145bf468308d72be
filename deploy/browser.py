"""Give this machine the browser that the tests drive, where that can be done without asking.

    python3 deploy/browser.py

Does nothing where Chromium and a Chinese font are there. Installs them on Debian and its kin for
root; elsewhere says in one line what to install. Never fails: the tests say what they lack.
Standard library only.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_PACKAGE, FONT_PACKAGE = "chromium", "fonts-noto-cjk"
OS_RELEASE = Path("/etc/os-release")


def executable() -> "str | None":
    """The path of the browser that the tests drive."""
    return next((found for found in map(shutil.which, BROWSERS) if found), None)


def has_chinese_font() -> bool:
    """Whether fontconfig knows a font with Chinese characters; without fontconfig it does not."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    listed = subprocess.run(
        [program, ":lang=zh", "family"], check=False, capture_output=True, text=True
    )
    return bool(listed.stdout.strip())


def missing() -> "list[str]":
    """The packages that are to be installed, by their names on Debian."""
    wanted = [] if executable() else [BROWSER_PACKAGE]
    return wanted if has_chinese_font() else [*wanted, FONT_PACKAGE]


def may_install() -> bool:
    """Whether this is root on a system with Debian's packages."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None or not OS_RELEASE.exists():
        return False
    lines = OS_RELEASE.read_text("utf-8").splitlines()
    values = [line.split("=", 1)[1] for line in lines if line.startswith(("ID=", "ID_LIKE="))]
    words = " ".join(values).replace('"', "").split()
    return "debian" in words or "ubuntu" in words


def install(packages: "list[str]") -> bool:
    """Installs with apt-get, its output on standard error; whether it went well."""
    settings = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
    ):
        if subprocess.run(command, check=False, env=settings, stdout=sys.stderr).returncode != 0:
            return False
    return True


def main() -> None:
    packages = missing()
    if not packages or (may_install() and install(packages)):
        return
    names = " ".join(packages)
    print("for the browser tests, on Debian: apt-get install " + names, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
