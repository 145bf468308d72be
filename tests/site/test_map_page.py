"""The public page: what its shell says, its policy, its files, and that text stays text."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import Engine, update

from app.site import views
from config import SettingsError
from models.case import Case
from tests.drive import Answer, Drive
from tests.statements import counted

FILES = sorted(path for path in views.STATIC.rglob("*") if path.is_file())
TILES = "https://{s}.tiles.test/{z}/{x}/{y}.png"


class Page(HTMLParser):
    """Tags with their attributes, and the texts between."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def with_tiles(drive: Drive, **given: Any) -> None:
    app: Any = drive.client.application
    app.extensions["kit"] = replace(drive.kit, settings=replace(drive.kit.settings, **given))


def policy(answer: Answer) -> dict[str, str]:
    rules = answer.headers["Content-Security-Policy"].split("; ")
    return dict(rule.split(" ", 1) for rule in rules)


def made(drive: Drive, category: str = "flyers") -> str:
    number: str = drive.resident().report(category, photo_ids=[])["case_number"]
    return number


def test_the_page_needs_nobody_to_sign_in_and_costs_no_statement(
    drive: Drive, engine: Engine
) -> None:
    drive.kit.atlas()
    with counted(engine) as seen:
        answer = drive.client.get("/map")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert seen == []
    page = Page(answer)
    assert "示范区" in page.words
    assert page.of("html") == [{"lang": "zh-CN"}]


def test_nothing_but_this_server_is_asked(drive: Drive) -> None:
    answer = drive.client.get("/map")
    rules = policy(answer)
    assert rules["default-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert (rules["object-src"], rules["base-uri"]) == ("'none'", "'none'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    page = Page(answer)
    for _, attributes in page.tags:
        assert not {name for name in attributes if name == "style" or name.startswith("on")}
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "/").startswith(("/", "?"))
    assert all(script.get("src") for script in page.of("script"))
    assert page.of("style") == []


def test_every_file_that_the_page_names_is_there(drive: Drive) -> None:
    page = Page(drive.client.get("/map"))
    named = [a["src"] for tag in ("script", "img") for a in page.of(tag)]
    named += [a["href"] for a in page.of("link") if a["rel"] != "alternate"]
    assert len(named) >= 6
    for path in named:
        with drive.client.get(path) as answer:
            assert answer.status_code == 200, path
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_modules_import_each_other_by_names_that_exist() -> None:
    for path in FILES:
        for name in re.findall(r'from "(\./[^"]+)"', path.read_text()):
            assert (path.parent / name).is_file(), f"{path.name}: {name}"


def test_an_old_version_is_not_kept_and_nothing_else_is_given(drive: Drive) -> None:
    with drive.client.get("/map/static/before/js/app.js") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
    for path in ("js/none.js", "../views.py", "%2e%2e/views.py", "js/"):
        assert drive.client.get(f"/map/static/before/{path}").status_code == 404, path


def test_no_word_of_anybody_becomes_markup() -> None:
    for path in FILES:
        if path.suffix == ".js":
            for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
                assert word not in path.read_text(), f"{path.name}: {word}"


def test_categories_that_are_public_may_be_chosen_and_no_other(drive: Drive) -> None:
    page = Page(drive.client.get("/map"))
    values = {option.get("value") for option in page.of("option")}
    categories = drive.kit.atlas().categories.values()
    public = {c.code for c in categories if c.public and c.retired_at is None}
    groups = {f"group:{c.category_group}" for c in categories if c.code in public}
    assert values == public | groups | {"", "open", "closed", "7", "30", "90"}
    assert "food-safety" not in values


def test_a_case_has_a_page_of_its_own(drive: Drive) -> None:
    number = made(drive)
    answer = drive.client.get(f"/map/cases/{number}")
    assert answer.status_code == 200
    page = Page(answer)
    assert page.of("body")[0]["data-number"] == number
    assert "街头散发广告" in page.words
    assert f"/public/cases/{number}.json" in answer.text


@pytest.mark.parametrize("status", ["withdrawn", "merged"])
def test_what_is_not_public_has_no_page(drive: Drive, status: str) -> None:
    number, hidden = made(drive), made(drive, "food-safety")
    drive.db.execute(update(Case).where(Case.number == number).values(status=status))
    for wanted in (number, hidden, "HY0", "x" * 500):
        answer = drive.client.get(f"/map/cases/{wanted}")
        assert answer.status_code == 404
        assert "街头散发广告（" not in answer.text
        assert answer.headers["Content-Security-Policy"]


def test_a_hostile_number_stays_text(drive: Drive) -> None:
    hostile = '"><script>alert(1)<%2Fscript>'
    answer = drive.client.get(f"/map/cases/{hostile}")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_tiles_are_the_one_thing_that_may_come_from_elsewhere(drive: Drive) -> None:
    with_tiles(drive, tile_url=TILES, tile_attribution="图商 <b>")
    answer = drive.client.get("/map")
    assert policy(answer)["img-src"] == "'self' data: https://*.tiles.test"
    assert policy(answer)["default-src"] == "'self'"
    body = Page(answer).of("body")[0]
    assert (body["data-tile-url"], body["data-tile-attribution"]) == (TILES, "图商 <b>")
    with_tiles(drive, tile_url="/tiles/{z}/{x}/{y}.png")
    assert policy(drive.client.get("/map"))["img-src"] == "'self' data:"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("https://tiles.test/{z}/{x}.png", "{y}"),
        ("ftp://tiles.test/{z}/{x}/{y}", "TILE_URL"),
        ("https://tiles.test/{z}/{x}/{y}; script-src *", "TILE_URL"),
        ("https://tiles.test/{z}/{x}/{y}'", "TILE_URL"),
    ],
)
def test_an_address_of_tiles_that_makes_no_sense_is_refused(
    drive: Drive, given: str, named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        replace(drive.kit.settings, tile_url=given).check()


def test_without_scripts_the_page_says_so_and_links_to_the_data(drive: Drive) -> None:
    text = drive.client.get("/map").text
    (plain,) = re.findall(r"<noscript>(.*?)</noscript>", text, re.DOTALL)
    assert "JavaScript" in plain
    for path in ("/public/feeds/cases.atom", "/public/cases.geojson", "/public/figures.json"):
        assert f'href="{path}"' in plain
        assert drive.client.get(path).status_code == 200
    assert drive.client.get("/open311/v2/requests.xml").status_code == 200


def test_files_are_small() -> None:
    for path in FILES:
        assert path.read_text().count("\n") <= 320, path.name
