"""What is decided about Node and its packages; nothing is fetched."""

from pathlib import Path

import pytest

from deploy import node


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the programs of a machine that has none yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runner"
    folder.mkdir()
    (folder / "package-lock.json").write_text("1")
    monkeypatch.setattr(node, "RUNNER", folder)
    monkeypatch.setattr(node.install, "__defaults__", (folder,))
    monkeypatch.setattr(node.installed, "__defaults__", (folder,))
    return folder


def has(programs: Path, name: str, does: str) -> None:
    path = programs / name
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


NPM = 'echo "$@" >> asked; /bin/mkdir -p node_modules'


@pytest.mark.parametrize("version", ["v18.20.1", "nonsense"])
def test_an_old_node_is_none(programs: Path, version: str) -> None:
    has(programs, "node", f"echo {version}")
    assert node.node() is None
    assert node.missing() == node.MISSING


@pytest.mark.parametrize("version", ["v20.0.0", "v24.1.0"])
def test_node_20_and_newer_will_do(programs: Path, version: str) -> None:
    has(programs, "node", f"echo {version}")
    assert node.node() == str(programs / "node")


def test_without_node_one_line_says_so(
    programs: Path, packages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node.main()
    assert capsys.readouterr().err.splitlines() == [node.MISSING]


def test_packages_are_installed_as_locked_once_and_without_scripts(
    programs: Path, packages: Path
) -> None:
    has(programs, "node", "echo v20.1.0")
    has(programs, "npm", NPM)
    assert node.missing() is not None
    for _ in range(2):
        node.main()
    assert node.missing() is None
    asked = (packages / "asked").read_text()
    assert asked == "ci --ignore-scripts --no-audit --no-fund\n"
    (packages / "package-lock.json").write_text("2")
    node.main()
    assert (packages / "asked").read_text() == asked * 2


def test_a_failure_ends_nothing_and_is_tried_again(
    programs: Path, packages: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    has(programs, "node", "echo v20.1.0")
    has(programs, "npm", f"{NPM}; exit 1")
    node.main()
    assert "npm ci failed" in capfd.readouterr().err
    assert node.missing() is not None
