"""The documentation says what is there."""

import importlib.util
import re
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.errors import HTTP_PROBLEMS, PROBLEMS
from app.factory import App
from config import Settings
from models.photo_facts import REFUSALS
from tools.doc_parts import PARTS, commands
from tools.gen_docs import pages, parts_of, renewed

ROOT = Path(__file__).resolve().parents[1]
PAGES = pages()
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text() for page in PAGES}
KINDS = {kind.name: kind for kind in (*HTTP_PROBLEMS.values(), *PROBLEMS.values())}
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

each_page = pytest.mark.parametrize("name", TEXTS)


def _section(page: str, heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", TEXTS[page], re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@each_page
def test_generated_parts_are_current(name: str) -> None:
    assert renewed(TEXTS[name]) == TEXTS[name], "run python -m tools.gen_docs"


def test_every_generated_part_has_one_place() -> None:
    assert sorted(part for text in TEXTS.values() for part in parts_of(text)) == sorted(PARTS)


@pytest.mark.parametrize("name", KINDS)
def test_every_problem_is_described_with_its_status_and_title(name: str) -> None:
    kind = KINDS[name]
    assert f"\n**{kind.status} {kind.title}.** " in _section("docs/problems.md", name)


def test_no_problem_is_described_that_does_not_exist() -> None:
    assert set(re.findall(r"^## (.+)$", TEXTS["docs/problems.md"], re.MULTILINE)) == set(KINDS)


@pytest.mark.parametrize("code", REFUSALS)
def test_every_reason_to_refuse_a_picture_is_described(code: str) -> None:
    assert f"`{code}`" in _section("docs/problems.md", "image-not-accepted")


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_described(setting: object) -> None:
    name, meaning = getattr(setting, "name"), getattr(setting, "metadata")["doc"]  # noqa: B009
    assert meaning
    assert re.search(rf"^\| `{name.upper()}` \|", TEXTS["docs/settings.md"], re.MULTILINE)


def _anchors(text: str) -> set[str]:
    """Headings as GitHub turns them into anchors."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_links_resolve(name: str) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", TEXTS[name])):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in _anchors(target.read_text())):
            broken.append(link)
    assert broken == []


@each_page
def test_files_and_modules_that_are_named_exist(name: str) -> None:
    paths = set(re.findall(r"`((?:[a-z]\w*/)+[\w.-]+\.\w+)[`:]", TEXTS[name]))
    modules = set(re.findall(r"python -m ([\w.]+\w)", TEXTS[name]))
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    assert [one for one in sorted(modules) if importlib.util.find_spec(one) is None] == []


@each_page
def test_make_targets_that_are_named_exist(name: str) -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`|&& )make ([a-z-]+)", TEXTS[name], re.MULTILINE)
    assert set(named) <= known


@each_page
def test_commands_that_are_named_exist(name: str) -> None:
    known = re.findall(r"^## flask (.+)$", commands(), re.MULTILINE)
    groups = {command.split()[0] for command in known}
    call = r"(?:`|bin/)flask (?:--app wsgi )?([a-z][a-z0-9-]*(?: [a-z-]+)?)"
    named = re.findall(call, TEXTS[name])
    for block in FENCED.findall(TEXTS[name]):
        named += re.findall(r"^run ([a-z]+ [a-z-]+)", block, re.MULTILINE)
    assert [one for one in named if one not in {*known, *groups}] == []


def _code(name: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", TEXTS[name], re.MULTILINE | re.DOTALL)
    return [line.partition(" # ")[0] for line in "".join(blocks).splitlines() if line[:1] != "#"]


def test_both_readmes_give_the_same_commands() -> None:
    english = [line.rstrip() for line in _code("README.md")]
    assert english == [line.rstrip() for line in _code("README.zh-CN.md")]


def test_addresses_in_the_readme_are_routes(app: App) -> None:
    routes = app.url_map.bind("127.0.0.1")
    called = re.findall(r"(?:\$SERVER|:8000)(/[\w/$.-]+)", TEXTS["README.md"])
    assert len(called) > 5
    methods = ("GET", "POST")
    unknown = [path for path in called if not any(routes.test(path, m) for m in methods)]
    assert unknown == []


class _Page(HTMLParser):
    """Notes what a page loads, and that its tags are closed in order."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.seen.add(tag)
        self.inline += [key for key in given if key == "style" or key.startswith("on")]
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def api_page(app: App) -> str:
    answer = app.test_client().get("/api/v1/docs")
    assert answer.status_code == 200
    return answer.text


def test_the_api_page_names_every_call(app: App, api_page: str) -> None:
    calls = [
        (method.upper(), path) for path, item in app.api_doc["paths"].items() for method in item
    ]
    missing = [
        call
        for call in calls
        if f'<span class="method">{call[0]}</span> {call[1]}</code>' not in api_page
    ]
    assert calls
    assert missing == []


def test_the_api_page_loads_nothing_and_runs_nothing(api_page: str) -> None:
    page = _Page()
    page.feed(api_page)
    assert page.open == []
    assert page.seen.isdisjoint({"script", "link", "img", "iframe"})
    assert page.inline == []
    assert "url(" not in api_page
    assert "width=device-width" in api_page


def test_links_of_the_api_page_lead_somewhere(api_page: str) -> None:
    page = _Page()
    page.feed(api_page)
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if link.startswith("#")} <= {f"#{one}" for one in page.ids}
    assert {link for link in page.links if not link.startswith("#")} == {"openapi.json"}
