"""What the check of the mini program says of how `npm` ended."""

from pathlib import Path

import pytest

from deploy import node
from tools import check_miniprogram


@pytest.mark.parametrize(
    "folder", [check_miniprogram.SOURCE, node.RUNNER], ids=lambda one: one.name
)
@pytest.mark.parametrize(
    ("end", "expected"),
    [("exit 0", 0), ("exit 2", 1), ("kill -9 $$", 1)],
    ids=["ok", "bad", "killed"],
)
def test_every_check_must_end_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path, end: str, expected: int
) -> None:
    npm = tmp_path / "npm"
    npm.write_text(f'#!/bin/sh\ncase "$PWD" in */{folder.name}) {end} ;; esac\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(node, "node", lambda: "node")
    monkeypatch.setattr(node, "install", lambda _: True)
    assert check_miniprogram.main() == expected
