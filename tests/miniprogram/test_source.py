"""The mini program's source: its own tests, that it builds, and what the platform asks of it."""

import json
import subprocess
from pathlib import Path

from tools.check_miniprogram import SOURCE
from tools.wechat_standin.phones import RUNNER

MAIN_PACKAGE = 500_000
"""Bytes of what is uploaded, uncompressed."""


def test_its_logic_passes_its_own_tests(node_program: str) -> None:
    done = subprocess.run(  # noqa: S603  (our own script)
        [node_program, "--test", "test/"], check=False, cwd=SOURCE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_it_uses_nothing_that_is_not_in_the_allow_list(node_program: str, tmp_path: Path) -> None:
    command = [node_program, str(RUNNER / "build.mjs"), "--source", str(SOURCE)]
    done = subprocess.run(  # noqa: S603  (our own script)
        [*command, "--out", str(tmp_path)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def _ignored() -> tuple[set[str], set[str]]:
    rules = json.loads((SOURCE / "project.config.json").read_text())["packOptions"]["ignore"]
    named = {
        kind: {one["value"] for one in rules if one["type"] == kind} for kind in ("folder", "file")
    }
    return named["folder"], named["file"]


def test_what_is_uploaded_is_small_and_holds_no_test() -> None:
    folders, files = _ignored()
    packed = [
        path
        for path in SOURCE.rglob("*")
        if path.is_file()
        and not folders & set(path.relative_to(SOURCE).parts)
        and path.relative_to(SOURCE).as_posix() not in files
    ]
    assert not [path for path in packed if path.suffix in {".mjs", ".ts", ".md"}]
    assert sum(path.stat().st_size for path in packed) < MAIN_PACKAGE


def test_app_json_declares_what_the_platform_checks() -> None:
    app = json.loads((SOURCE / "app.json").read_text())
    code = "".join(path.read_text() for path in (SOURCE / "lib").glob("*.js"))
    private = {"getLocation", "chooseLocation", "getFuzzyLocation", "onLocationChange"}
    used = {name for name in private if f"wx.{name}" in code}
    assert set(app["requiredPrivateInfos"]) == used
    assert app["permission"]["scope.userLocation"]["desc"]
    assert app["__usePrivacyCheck__"] is True
    assert app["componentFramework"] == "glass-easel"
    assert len(app["tabBar"]["list"]) <= 5
    for page in app["pages"]:
        assert (SOURCE / f"{page}.json").is_file(), page
