"""Commands on WeChat, against the stand-in over real HTTP."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.clients.broker import Broker
from app.clients.wechat import WeChat
from tests.clients.scripted import NO_BROKER
from tests.conftest import Servers
from tests.island import Island
from tests.island import island as make_island
from tests.tools.test_demo import serving
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn

PLACES = (
    "name,code,longitude,latitude,coord_type,area,address,category\n"
    "解放路垃圾桶,bin-1,112.57,26.90,wgs84,,,\n"
    "人民路店面,,112.5702,26.9001,wgs84,,,\n"
)


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    found = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    with serving(found):
        yield found


@pytest.fixture(scope="module")
def island(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory, standin: StandIn
) -> Iterator[Island]:
    folder = tmp_path_factory.mktemp("commands")
    with make_island(servers, folder, wechat_base_url=standin.url) as found:
        yield found


def test_a_code_is_made_and_an_account_unbound(island: Island) -> None:
    status, said = island.flask("accounts", "bind", "worker1")
    assert (status, said[:4]) == (0, "绑定码 ")
    body = {"wechat_code": "demo-phone", "binding_code": said.split()[1].split("，")[0]}
    signed_in = island.drive.client.post("/api/v1/sessions", json=body)
    assert signed_in.json["account"]["roles"][0]["role"] == "grid_worker"
    status, said = island.flask("accounts", "bind", "worker1")
    assert (status, "已绑定" in said) == (1, True)
    status, said = island.flask("accounts", "unbind", "worker1")
    assert (status, "已解绑" in said) == (0, True)
    status, said = island.flask("accounts", "unbind", "worker1")
    assert (status, "没有绑定" in said) == (0, True)
    assert island.flask("accounts", "bind", "nobody")[0] == 1


def test_who_leaves_is_unbound(island: Island) -> None:
    _, said = island.flask("accounts", "bind", "worker2")
    body = {"wechat_code": "demo-leaver", "binding_code": said.split()[1].split("，")[0]}
    assert island.drive.client.post("/api/v1/sessions", json=body).status_code == 201
    assert island.flask("accounts", "disable", "worker2")[0] == 0
    again = island.drive.client.post("/api/v1/sessions", json={"wechat_code": "demo-leaver"})
    assert again.json["account"]["roles"][0]["role"] == "citizen"


@pytest.fixture
def places(island: Island, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "places.csv"
    path.write_text(PLACES)
    assert island.flask("codes", "import", str(path))[0] == 0
    yield path
    island.run("DELETE FROM place_code")
    island.run("DELETE FROM import_batch WHERE kind = 'places'")


def test_a_sheet_of_codes_is_made(island: Island, places: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    status, said = island.flask("codes", "make", str(sheet))
    assert status == 0, said
    assert str(sheet) in said
    assert sheet.read_bytes().startswith(b"%PDF")
    png = tmp_path / "one.png"
    assert island.flask("codes", "make", str(png), "--code", "bin-1")[0] == 0
    with Image.open(io.BytesIO(png.read_bytes())) as page:
        assert page.width < page.height
    listed = island.flask("codes", "list")[1]
    assert "bin-1\t解放路垃圾桶" in listed
    assert len(listed.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sheet.txt",), "pdf"),
        (("sheet.pdf", "--code", "none"), "none"),
    ],
)
def test_a_sheet_that_cannot_be_made_says_why(
    island: Island, places: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    name, *rest = arguments
    status, said = island.flask("codes", "make", str(tmp_path / name), *rest)
    assert (status, words in said) == (1, True), said
    assert not (tmp_path / name).exists()


def test_without_places_the_next_step_is_named(island: Island, tmp_path: Path) -> None:
    status, said = island.flask("codes", "make", str(tmp_path / "x.pdf"))
    assert (status, "flask codes import" in said) == (1, True)


def test_a_page_that_is_not_published_is_explained(
    island: Island, places: Path, tmp_path: Path, standin: StandIn
) -> None:
    standin.platform.fault("/wxa/getwxacodeunlimit", 41030)
    status, said = island.flask("codes", "make", str(tmp_path / "x.pdf"))
    assert (status, "--unpublished" in said) == (1, True)
    assert not (tmp_path / "x.pdf").exists()


def test_the_doctor_names_what_is_wrong(island: Island) -> None:
    status, said = island.flask("doctor", "wechat")
    assert status == 1
    assert "[正常] AppID 和 AppSecret：微信接受了凭据" in said
    assert "[正常] 内容审核" in said
    assert "[有误] 公网地址" in said


def test_the_doctor_sees_a_wrong_secret(island: Island, standin: StandIn) -> None:
    kit = island.kit
    wrong = WeChat(DEMO_APP_ID, "wrong", Broker(NO_BROKER), base_url=standin.url)
    island.app.extensions["kit"] = replace(kit, wechat=wrong)
    try:
        status, said = island.flask("doctor", "wechat")
    finally:
        island.app.extensions["kit"] = kit
    assert status == 1
    assert "[有误] AppID 和 AppSecret：AppSecret 不对" in said


def test_the_table_of_messages_is_imported(island: Island, tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text("event,template_id,page,urgent,fields\npass,T1,pages/a,no,thing1={body}\n")
    status, said = island.flask("messages", "import", str(path))
    assert (status, "消息模板：1 行" in said) == (0, True)
    assert island.one("SELECT count(*) FROM message_template") == 1
    path.write_text("event,template_id,page,urgent,fields\nx,T1,pages/a,no,thing1={body}\n")
    assert island.flask("messages", "import", str(path))[0] == 1
    assert island.one("SELECT count(*) FROM message_template") == 1
