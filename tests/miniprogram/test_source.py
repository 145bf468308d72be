"""The mini program's source: its own tests, that it builds, and what the platform asks of it."""

import csv
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath

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


def _packed() -> set[str]:
    """What the developer tools upload, from the source's root."""
    folders, files = _ignored()
    every = (path.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.is_file())
    kept = {path.as_posix() for path in every if not folders & set(path.parts)}
    return kept - files


def test_what_is_uploaded_is_small_and_holds_no_test() -> None:
    packed = _packed()
    assert not [path for path in packed if path.endswith((".mjs", ".ts", ".md"))]
    assert sum((SOURCE / path).stat().st_size for path in packed) < MAIN_PACKAGE


NAMED = {
    ".js": r"""require\(['"]([^'"]+)['"]\)""",
    ".wxml": r"""<(?:import|include|wxs)\b[^>]*\bsrc="([^"]+)\"""",
    ".wxss": r"""@import\s+["']([^"']+)["']""",
}
"""How a file names another one, by its ending."""


def _leads_to(path: str) -> Iterator[str]:
    text = (SOURCE / path).read_text()
    ending = Path(path).suffix
    if ending == ".json":
        for unit in json.loads(text).get("usingComponents", {}).values():
            yield from (f"{unit.lstrip('/')}{kind}" for kind in (".js", ".json", ".wxml", ".wxss"))
    for target in re.findall(NAMED.get(ending, "(?!)"), text):
        found = normpath(join("" if target.startswith("/") else dirname(path), target.lstrip("/")))
        yield found if Path(found).suffix else found + ending


def _reached() -> set[str]:
    """Scripts, templates, sheets and settings that app.json leads to."""
    units = ["app", *json.loads((SOURCE / "app.json").read_text())["pages"]]
    open_ = [f"{unit}{kind}" for unit in units for kind in (".js", ".json", ".wxml", ".wxss")]
    found: set[str] = set()
    while open_:
        path = open_.pop()
        if path not in found and (SOURCE / path).is_file():
            found.add(path)
            open_ += _leads_to(path)
    return found


def test_nothing_is_uploaded_that_nothing_uses() -> None:
    reached = _reached()
    pictures = {path for path in _packed() if path.startswith("images/")}
    others = {"sitemap.json", "project.config.json"}
    assert _packed() - reached - pictures == others
    code = "".join((SOURCE / path).read_text() for path in reached)
    catalogue = (SOURCE.parent / "data" / "catalogue.csv").read_text().splitlines()
    coded = {name for row in csv.DictReader(catalogue) for name in (row["code"], row["group"])}
    composed = " ".join(re.findall(r"/images/\w+/\{\{[^\"]*", code))
    named = coded | set(re.findall(r"'([\w-]+)'", composed))
    unused = [one for one in pictures if one not in code and Path(one).stem not in named]
    assert unused == ["images/LICENSE-tabler-icons.txt"]


def test_what_catches_moves_holds_nothing_to_scroll() -> None:
    templates = "".join(path.read_text() for path in SOURCE.glob("components/*/*.wxml"))
    catching = re.findall(r"<[^<>]*catch:?touchmove=[^<>]*>", templates)
    assert catching
    assert [tag for tag in catching if not tag.endswith("/>")] == []


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
