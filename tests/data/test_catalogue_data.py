"""The default catalogue is data that residents and clerks read: every row is held to its rules."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

CATALOGUE = Path(__file__).parents[2] / "data" / "catalogue.csv"
COLUMNS = [
    *("code", "group", "name", "kind", "limit", "control_limit", "calendar", "intake", "public"),
    *("evidence", "min_photos", "emergency", "aliases", "group_name", "accept_when", "close_when"),
    "call_first",
    "coarse",
]
ONLY_FOR_EMERGENCIES = {"control_limit", "call_first"}
NATIONAL_NUMBERS = {"110", "119", "120", "122", "95598"}


def read() -> list[dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = read()
each_row = pytest.mark.parametrize("row", ROWS, ids=[row["code"] for row in ROWS])


def test_columns_are_the_documented_ones() -> None:
    assert list(ROWS[0]) == COLUMNS


def test_codes_and_names_are_unique() -> None:
    for column in ("code", "name"):
        counts = Counter(row[column] for row in ROWS)
        assert [value for value, count in counts.items() if count > 1] == []


def test_an_alias_means_one_category() -> None:
    words = Counter(word for row in ROWS for word in {row["name"], *row["aliases"].split(" ")})
    assert [word for word, count in words.items() if count > 1] == []


def test_a_group_has_one_name() -> None:
    names = {(row["group"], row["group_name"]) for row in ROWS}
    assert len(names) == len({group for group, _ in names}) == len({name for _, name in names})


@each_row
def test_every_column_is_filled(row: dict[str, str]) -> None:
    empty = {column for column, value in row.items() if not value.strip()}
    assert empty == (set() if row["emergency"] == "yes" else ONLY_FOR_EMERGENCIES)
    assert all(value == value.strip() for value in row.values())


@each_row
def test_values_are_of_the_known_kinds(row: dict[str, str]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", row["code"])
    assert row["kind"] in {"event", "component"}
    assert row["calendar"] in {"office", "street", "always"}
    assert row["intake"] in {"auto", "verify", "desk"}
    assert row["evidence"] in {"after_photo", "photo_or_note"}
    assert row["public"] in {"yes", "no"}
    assert row["emergency"] in {"yes", "no"}
    assert row["min_photos"] in {"0", "1"}


@each_row
def test_limits_are_numbers_with_a_unit(row: dict[str, str]) -> None:
    limits = [row["limit"], row["control_limit"]] if row["emergency"] == "yes" else [row["limit"]]
    for limit in limits:
        assert re.fullmatch(r"\d+(\.\d+)?(wh|wd|h)", limit)
        assert float(limit.rstrip("whd")) > 0


@each_row
def test_conditions_are_one_plain_sentence(row: dict[str, str]) -> None:
    for sentence in (row["accept_when"], row["close_when"]):
        assert re.fullmatch(r"[^。！？,;:()\s]{8,59}。", sentence)


@each_row
def test_aliases_are_a_few_short_words(row: dict[str, str]) -> None:
    aliases = row["aliases"].split(" ")
    assert 3 <= len(aliases) <= 8
    assert all(2 <= len(alias) <= 9 for alias in aliases)


@each_row
def test_only_national_numbers_are_given_to_call(row: dict[str, str]) -> None:
    assert set(re.findall(r"\d+", row["call_first"])) <= NATIONAL_NUMBERS
    if row["emergency"] == "yes":
        assert row["calendar"] == "always"
        assert row["intake"] == "auto"
        assert row["min_photos"] == "0"
