"""The demo against a live server, with the real relay and worker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from socketserver import BaseServer

import pytest
from werkzeug.serving import make_server

from models.canonical import GENESIS, entry_hash
from models.geo import Point, distance_m
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island
from tools import demo
from tools.demo_camera import beside
from tools.demo_print import Json, first_fault, table
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn

REFUSED = ("早于", "照片拍摄地点距案卷位置约", "照片与已提交的照片重复", "没有这张照片")


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def island(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Island]:
    standin = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    folder = tmp_path_factory.mktemp("demo")
    changes = {"wechat_base_url": standin.url}
    with serving(standin), make_island(servers, folder, **changes) as found:
        found.launch("workers.relay")
        found.launch("workers.worker")
        yield found


@pytest.fixture(scope="module")
def url(island: Island) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, island.app, threaded=True)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


def test_the_day_is_played_and_told(
    url: str, island: Island, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main([url]) == 0
    told = capsys.readouterr().out
    for words in (*REFUSED, "不能只写套话", "返工", "进入第 2 轮", "5 星", "演示完成"):
        assert words in told
    assert "转受理台" not in told
    assert "台账 13 条" in told
    assert "市民的回执是第 1 条" in told
    assert island.flask("ledger", "verify")[0] == 0
    assert island.one('SELECT status || round FROM "case"') == "closed2"


def test_an_open_case_nearby_sends_the_next_report_through_the_desk(
    url: str, island: Island, capsys: pytest.CaptureFixture[str]
) -> None:
    around = [
        Point(demo.CENTRE.longitude + east, demo.CENTRE.latitude + north)
        for east in (-0.0003, 0.0003)
        for north in (-0.0003, 0.0003)
    ]
    for number, place in enumerate(around):
        spot = {"longitude": place.longitude, "latitude": place.latitude, "coord_type": "wgs84"}
        island.drive.resident(f"other-{number}").report(location=spot)
    assert demo.main([url]) == 0
    assert "附近有同类未结案卷" in capsys.readouterr().out


def test_a_refusal_stops_the_demo_with_its_reason(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main([url, "--password", "wrong"]) == 1
    assert "登录失败（401）" in capsys.readouterr().err


def test_a_service_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["http://127.0.0.1:9"]) == 1
    assert "请先运行 make run" in capsys.readouterr().err


def chain(length: int) -> list[Json]:
    entries: list[Json] = []
    previous = GENESIS.hex()
    for seq in range(1, length + 1):
        entry: Json = {"case": "HY1", "seq": seq, "payload": {}, "previous": previous}
        entry["hash"] = previous = entry_hash(entry).hex()
        entries.append(entry)
    return entries


def test_a_whole_ledger_has_no_fault() -> None:
    assert first_fault(chain(3)) is None


def test_an_altered_entry_is_found() -> None:
    entries = chain(3)
    entries[1]["payload"] = {"rating": 5}
    assert first_fault(entries) == 2


def test_a_removed_entry_is_found() -> None:
    entries = chain(3)
    del entries[1]
    assert first_fault(entries) == 2


def test_an_entry_written_anew_breaks_the_chain_behind_it() -> None:
    entries = chain(3)
    body = {k: v for k, v in entries[0].items() if k != "hash"} | {"payload": {"rating": 5}}
    entries[0] = body | {"hash": entry_hash(body).hex()}
    assert first_fault(entries) == 2


def test_columns_are_aligned_by_what_they_take_on_a_screen() -> None:
    assert table([("市民", "a"), ("ab", "b")]) == "  市民  a\n  ab    b"


def test_places_beside_lie_within_the_distance() -> None:
    source = Random(1)  # noqa: S311  (repeatable)
    away = [distance_m(demo.CENTRE, beside(demo.CENTRE, 35, source)) for _ in range(200)]
    assert max(away) <= 35.1
    assert max(away) > 30
