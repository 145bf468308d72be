"""Many at once, over HTTP, on real processes: one wins, the others are told, nobody gets a 500."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from tests.crash.town import PLACE, Answer, Town
from tests.crash.town import town as make_town


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with make_town() as found:
        yield found


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """All calls from one starting line; their answers in order."""
    line = Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        line.wait(20)
        return call()

    with ThreadPoolExecutor(len(calls)) as clients:
        return list(clients.map(run, calls))


def statuses(answers: Sequence[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_two_hundred_actions_on_one_version_are_one(town: Town) -> None:
    token, supervisor = town.resident("many"), town.staff("supervisor")
    number = town.report(token, key="case").body["case_number"]
    path = f"/api/v1/cases/{number}"
    version = town.call("GET", path, token=supervisor).body["version"]
    body = {"action": "remark", "version": version, "comment": "已看"}

    def act(_: int) -> Answer:
        return town.call("POST", f"{path}/actions", body, token=supervisor)

    with ThreadPoolExecutor(24) as clients:
        answers = list(clients.map(act, range(200)))
    assert statuses(answers) == {200: 1, 409: 199}
    stale = {a.body["type"] for a in answers if a.status == 409}
    assert stale == {"/problems/stale-case"}
    entries = town.call("GET", f"{path}/ledger", token=supervisor).body["items"]
    assert [entry["action"] for entry in entries].count("remark") == 1


def test_a_hundred_replays_of_one_key_are_one_report(town: Town) -> None:
    token = town.resident("again")
    photo = town.upload(token)
    before = town.one("SELECT count(*) FROM report")
    body = {"description": "桥下垃圾", "location": PLACE, "photo_ids": [photo]}
    calls = [lambda: town.call("POST", "/api/v1/reports", body, token=token, key="same")] * 20
    answers = [answer for _ in range(5) for answer in at_once(calls)]
    assert statuses(answers) == {201: 100}
    assert len({answer.body["receipt"] for answer in answers}) == 1
    assert town.one("SELECT count(*) FROM report") == before + 1
    other = town.report(token, key="same", description="别的")
    assert other.status == 422
    assert other.body["type"] == "/problems/idempotency-conflict"


def test_twins_of_an_action_are_one_action_and_get_one_answer(town: Town) -> None:
    token, supervisor = town.resident("twins"), town.staff("supervisor")
    number = town.report(token, key="case").body["case_number"]
    path = f"/api/v1/cases/{number}"
    for turn in range(6):
        version = town.call("GET", path, token=supervisor).body["version"]
        body = {"action": "remark", "version": version, "comment": "已看"}
        call = partial(
            town.call, "POST", f"{path}/actions", body, token=supervisor, key=f"remark-{turn}"
        )
        answers = at_once([call] * 4)
        assert statuses(answers) == {200: 4}, (turn, answers)
        assert {answer.body["version"] for answer in answers} == {version + 1}
    entries = town.call("GET", f"{path}/ledger", token=supervisor).body["items"]
    assert [entry["action"] for entry in entries].count("remark") == 6


def test_a_photo_attached_twice_at_once_is_refused_once(town: Town) -> None:
    token = town.resident("photos")
    for turn in range(8):
        photos = [town.upload(token) for _ in range(3)]
        calls = [partial(town.report, token, photo_ids=ids) for ids in (photos, photos[::-1])]
        answers = at_once(calls)
        assert statuses(answers) == {201: 1, 422: 1}, (turn, answers)
        (refused,) = (a.body for a in answers if a.status == 422)
        assert refused["type"] == "/problems/photo-unusable"
        assert refused["errors"][0]["pointer"].startswith("/photo_ids")


def test_two_merges_into_each_other_are_one_merge(town: Town) -> None:
    desk, supervisor = town.staff("desk"), town.staff("supervisor")
    for turn in range(6):
        numbers = [
            town.report(town.resident(f"m{turn}{side}"), key="m").body["case_number"]
            for side in "ab"
        ]
        paths = [f"/api/v1/cases/{number}" for number in numbers]
        versions = [town.call("GET", path, token=desk).body["version"] for path in paths]
        merges = [
            {"action": "merge", "version": version, "target": target}
            for version, target in zip(versions, numbers[::-1], strict=True)
        ]
        calls = [
            partial(town.call, "POST", f"{path}/actions", body, token=desk)
            for path, body in zip(paths, merges, strict=True)
        ]
        answers = at_once(calls)
        assert statuses(answers) == {200: 1, 409: 1}, answers
        ends = [town.call("GET", path, token=supervisor).body for path in paths]
        assert sorted(end["status"] == "merged" for end in ends) == [False, True]


def test_one_external_number_sent_twice_at_once_is_one_report(town: Town) -> None:
    desk = town.staff("desk")
    for turn in range(8):
        body = {
            "description": "12345 转来：路灯不亮",
            "location": PLACE,
            "source": "hotline_12345",
            "external_number": f"HL{turn}",
        }
        call = partial(town.call, "POST", "/api/v1/reports", body, token=desk)
        answers = at_once([call] * 4)
        assert statuses(answers) == {201: 4}, answers
        assert len({answer.body["id"] for answer in answers}) == 1
    doubled = "SELECT count(*) - count(DISTINCT external_number) FROM report"
    assert town.one(f"{doubled} WHERE external_number IS NOT NULL") == 0


def test_first_sign_ins_at_once_are_one_account(town: Town) -> None:
    before = town.one("SELECT count(*) FROM account")
    for turn in range(3):
        body = {"wechat_code": f"demo-newcomer{turn}"}
        answers = at_once([partial(town.call, "POST", "/api/v1/sessions", body)] * 8)
        assert statuses(answers) == {201: 8}, answers
        assert len({answer.body["account"]["id"] for answer in answers}) == 1
        assert len({answer.body["token"] for answer in answers}) == 8
    assert town.one("SELECT count(*) FROM account") == before + 3


def test_nothing_unexpected_was_logged(town: Town) -> None:
    text = (town.folder / "logs" / "web.log").read_text()
    assert "unexpected error" not in text
