"""Extra fields of categories: described as services' attributes, checked on every way in."""

import io
import json
from typing import Any

import pytest

from app.services.district_import import import_fields
from models.errors import ImportRefused
from tests.drive import Drive, problem
from tests.open311.calls import BASE, key_of, number_of, refused, send
from tools.pictures import make_photo

HEADING = "category,code,datatype,required,description,hint,values\n"
FLYERS = HEADING + (
    "flyers,kind,singlevaluelist,yes,哪种广告,,loan=贷款;rent=租房\n"
    "flyers,seen,multivaluelist,no,在哪里,可多选,road=路口;shop=店前\n"
    "flyers,count,number,no,多少人,,\n"
    "flyers,at,datetime,no,什么时候,,\n"
    "flyers,name,string,no,广告上的名称,,\n"
    "flyers,words,text,no,广告上写了什么,,\n"
)


@pytest.fixture
def fields(drive: Drive) -> Drive:
    import_fields(drive.db, FLYERS.encode(), "fields.csv")
    drive.read_set_up()
    return drive


def test_a_service_tells_its_attributes_in_order(fields: Drive) -> None:
    found = fields.client.get(f"{BASE}/services.json").json
    assert [one["metadata"] for one in found if one["service_code"] == "flyers"] == [True]
    attributes = fields.client.get(f"{BASE}/services/flyers.json").json["attributes"]
    assert [one["code"] for one in attributes] == ["kind", "seen", "count", "at", "name", "words"]
    assert [one["order"] for one in attributes] == [1, 2, 3, 4, 5, 6]
    assert attributes[0] == {
        "variable": True,
        "code": "kind",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": None,
        "order": 1,
        "description": "哪种广告",
        "values": [{"key": "loan", "name": "贷款"}, {"key": "rent", "name": "租房"}],
    }


def test_answers_are_read_by_staff_and_not_by_everybody(fields: Drive) -> None:
    sent: dict[str, Any] = {
        "attribute[kind]": "loan",
        "attribute[seen]": ["road", "shop"],
        "attribute[count]": "3",
        "attribute[easting]": "what the sender adds is not kept",
    }
    number = number_of(send(fields, key_of(fields), **sent))
    received = fields.staff("desk").case(number)["reports_received"][0]
    told = [(one["description"], one["text"]) for one in received["attributes"]]
    assert told == [("哪种广告", "贷款"), ("在哪里", "路口、店前"), ("多少人", "3")]
    assert "贷款" not in fields.client.get(f"{BASE}/requests.json?extensions=true").text


WRONG = [
    ({}, "哪种广告"),
    ({"kind": "sale"}, "loan、rent"),
    ({"kind": ["loan", "rent"]}, "一个值"),
    ({"kind": "loan", "seen": ["road", "road"]}, "两次"),
    ({"kind": "loan", "count": "three"}, "数字"),
    ({"kind": "loan", "at": "yesterday"}, "时区"),
    ({"kind": "loan", "at": "2026-11-25T08:00:00"}, "时区"),
    ({"kind": "loan", "words": "字" * 501}, "500"),
]


@pytest.mark.parametrize(("given", "words"), WRONG)
def test_an_answer_that_does_not_fit_is_named(
    fields: Drive, given: dict[str, Any], words: str
) -> None:
    sent = {f"attribute[{code}]": value for code, value in given.items()}
    assert words in refused(send(fields, key_of(fields), **sent), 400)


def test_a_refused_reports_files_are_not_kept(
    fields: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []
    monkeypatch.setattr(fields.kit.store, "delete", deleted.append)
    picture = (io.BytesIO(make_photo(91, size=(480, 360))), "a.jpg")
    refused(send(fields, key_of(fields), media=picture), 400)
    assert len(deleted) == 1


@pytest.mark.parametrize(("given", "words"), WRONG)
def test_residents_are_asked_the_same(fields: Drive, given: dict[str, Any], words: str) -> None:
    body = {
        "category": "flyers",
        "description": "有人发广告",
        "location": {"longitude": 112.57, "latitude": 26.9, "coord_type": "wgs84"},
        "attributes": given,
    }
    found = problem(fields.resident().post("/api/v1/reports", body), 422, "invalid-input")
    assert words in found["detail"]
    assert found["errors"][0]["pointer"].startswith("/attributes/")


def test_a_resident_reads_their_own_answers(fields: Drive) -> None:
    given = {"kind": "rent", "name": "某某公司"}
    made = fields.resident().report("flyers", photo_ids=[], attributes=given)
    read = fields.resident().get(f"/api/v1/reports/{made['id']}").json
    assert [one["text"] for one in read["attributes"]] == ["租房", "某某公司"]
    unknown = {"category": "flyers", "description": "x", "attributes": {"none": "1"}}
    place = {"longitude": 112.57, "latitude": 26.9, "coord_type": "wgs84"}
    refusal = fields.resident().post("/api/v1/reports", unknown | {"location": place})
    assert "没有这一项" in problem(refusal, 422, "invalid-input")["errors"][0]["message"]


def test_the_desk_need_not_answer_for_a_caller(fields: Drive) -> None:
    body = {"source": "phone", "reporter_name": "王先生", "photo_ids": []}
    assert fields.staff("desk").report("flyers", **body)["case_number"]


def test_the_catalogue_tells_them_to_the_mini_program(fields: Drive) -> None:
    groups = fields.client.get("/api/v1/catalogue").json["groups"]
    known = {one["code"]: one["fields"] for group in groups for one in group["categories"]}
    assert [one["code"] for one in known["flyers"]][:2] == ["kind", "seen"]
    assert known["debris"] == []


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("none,a,string,no,甲,,", "/rows/2/category"),
        ("flyers,A B,string,no,甲,,", "/rows/2/code"),
        ("flyers,a,words,no,甲,,", "/rows/2/datatype"),
        ("flyers,a,string,maybe,甲,,", "/rows/2/required"),
        ("flyers,a,string,no,,,", "/rows/2/description"),
        ("flyers,a,string,no,甲,,x=乙", "/rows/2/values"),
        ("flyers,a,singlevaluelist,no,甲,,", "/rows/2/values"),
        ("flyers,a,singlevaluelist,no,甲,,x=乙;x=丙", "/rows/2/values"),
        ("flyers,a,singlevaluelist,no,甲,,乙", "/rows/2/values"),
        ("flyers,a,string,no,甲,,\nflyers,a,text,no,乙,,", "/rows/3/code"),
    ],
)
def test_a_table_of_fields_that_makes_no_sense_changes_nothing(
    fields: Drive, row: str, pointer: str
) -> None:
    with pytest.raises(ImportRefused) as refusal:
        import_fields(fields.db, (HEADING + row + "\n").encode(), "fields.csv")
    assert pointer in [fault.pointer for fault in refusal.value.faults]


def test_the_same_table_again_is_no_change(fields: Drive) -> None:
    assert import_fields(fields.db, FLYERS.encode(), "fields.csv").unchanged


def test_answers_are_words_of_the_report(fields: Drive) -> None:
    """They stand in the ledger as a digest, and are erased like the others."""
    number = number_of(send(fields, key_of(fields), **{"attribute[kind]": "loan"}))
    entry = fields.staff("desk").case(number)["timeline"][0]
    assert json.loads(entry["texts"]["attributes"]) == {"kind": "loan"}
