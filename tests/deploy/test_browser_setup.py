"""What is decided about the browser of the tests; nothing is installed."""

import os
from pathlib import Path

import pytest

from deploy import browser


class Machine:
    """The programs that a machine has; its apt-get only writes down what it is asked for."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        self.log = folder / "log"
        self.release = folder / "os-release"
        self.is_("ID=debian")
        monkeypatch.setenv("PATH", str(self.folder))
        monkeypatch.setattr(browser, "OS_RELEASE", self.release)
        monkeypatch.setattr(os, "geteuid", lambda: 0)

    def has(self, name: str, does: str = "") -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def has_apt(self, code: int = 0) -> None:
        self.has("apt-get", f'echo "$DEBIAN_FRONTEND $@" >> {self.log}; exit {code}')

    def is_(self, release: str) -> None:
        self.release.write_text(f'NAME="Somebody\'s"\n{release}\n')

    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


HINT = "for the browser tests, on Debian: apt-get install"
FONT = "echo Noto Sans CJK SC"


@pytest.mark.parametrize("name", browser.BROWSERS)
def test_nothing_is_done_where_all_is_there(
    machine: Machine, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    machine.has(name)
    machine.has("fc-list", FONT)
    machine.has_apt()
    browser.main()
    assert machine.asked() == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("release", ["ID=debian", "ID=ubuntu\nID_LIKE=debian", 'ID_LIKE="debian"'])
def test_root_on_debian_gets_what_is_missing(
    machine: Machine, capfd: pytest.CaptureFixture[str], release: str
) -> None:
    machine.is_(release)
    machine.has_apt()
    browser.main()
    assert machine.asked() == [
        "noninteractive update",
        "noninteractive install -y --no-install-recommends chromium fonts-noto-cjk",
    ]
    assert capfd.readouterr().err == ""


def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    machine.has("chromium")
    machine.has("fc-list")  # knows no such font
    machine.has_apt()
    browser.main()
    assert machine.asked()[1].endswith("--no-install-recommends fonts-noto-cjk")


def test_others_are_told_and_nothing_fails(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    said = f"{HINT} chromium fonts-noto-cjk\n"
    browser.main()  # no apt-get
    machine.has_apt()
    machine.is_("ID=fedora")
    browser.main()
    machine.is_("ID=debian")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    browser.main()
    assert machine.asked() == []
    assert capfd.readouterr() == ("", said * 3)


def test_an_installation_that_fails_is_told(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.has_apt(code=100)
    browser.main()
    assert machine.asked() == ["noninteractive update"]
    assert capfd.readouterr().err == f"{HINT} chromium fonts-noto-cjk\n"
