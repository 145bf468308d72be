"""What the build of the mini program refuses, each with file and line."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.miniprogram.conftest import FIXTURE
from tools.wechat_standin.phones import RUNNER, Phones


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    shutil.copytree(FIXTURE, folder)
    return folder


def built(node_program: str, source: Path) -> subprocess.CompletedProcess[str]:
    command = [node_program, str(RUNNER / "build.mjs"), "--source", str(source)]
    out = str(source.parent / "out")
    return subprocess.run(  # noqa: S603  (our own script)
        [*command, "--out", out], check=False, capture_output=True, text=True
    )


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def wrong(source: Path) -> Path:
    change(source / "pages/home/home.wxml", "<block ", "<video /><audio /><block ")
    change(source / "pages/home/home.js", "wx.navigateTo", "wx.navigateTwo")
    return source


def test_all_that_is_wrong_is_told_at_once_with_file_and_line(
    node_program: str, wrong: Path
) -> None:
    done = built(node_program, wrong)
    unknown = "is neither a tag of the allow-list nor in usingComponents"
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "pages/home/home.js:52: wx.navigateTwo is not in the allow-list",
        f"pages/home/home.wxml:15: <audio> {unknown}",
        f"pages/home/home.wxml:15: <video> {unknown}",
    ]


def test_a_changed_source_is_built_again_and_an_unchanged_one_is_not(
    node_program: str, source: Path, tmp_path: Path
) -> None:
    phones = Phones(source, tmp_path / "out", "http://127.0.0.1:9", {}, "")
    assert phones.build() is None
    first = (tmp_path / "out" / "app.js").stat().st_mtime_ns
    assert phones.build() is None
    assert (tmp_path / "out" / "app.js").stat().st_mtime_ns == first
    (source / "lib" / "words.js").write_text("exports.greet = () => '新的话';")
    assert phones.build() is None
    assert "新的话" in (tmp_path / "out" / "app.js").read_text()


def test_a_build_that_fails_says_so_on_the_page(source: Path, tmp_path: Path) -> None:
    change(source / "app.json", "pages/apis/apis", "pages/<b>/b")
    phones = Phones(source, tmp_path / "out", "http://127.0.0.1:9", {}, "")
    reply = phones.answer("GET", "/phone/", {}, b"")
    assert reply.status == 500
    assert "&lt;b&gt;" in reply.body.decode() or "make node" in reply.body.decode()
    assert "<b>" not in reply.body.decode()


@pytest.mark.parametrize("path", ["/phone/../allow.json", "/phone/%2e%2e/x", "/phone/none.js"])
def test_phones_get_files_of_the_build_only(tmp_path: Path, path: str) -> None:
    (tmp_path / "x").write_text("secret")
    phones = Phones(FIXTURE, tmp_path / "out", "http://127.0.0.1:9", {}, "")
    assert phones.answer("GET", path, {}, b"").status == 404


def test_the_parts_of_the_build_pass_their_own_tests(node_program: str) -> None:
    tests = [str(path) for path in sorted((RUNNER / "test").glob("*.test.mjs"))]
    assert tests
    done = subprocess.run(  # noqa: S603  (our own tests)
        [node_program, "--test", *tests], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
