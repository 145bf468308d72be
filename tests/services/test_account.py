"""Signing in: sessions, lockout, WeChat, and what settings refuse."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2
import pytest
from sqlalchemy import text, update

from app.clients.broker import Broker
from app.clients.wechat import WeChat
from app.factory import WrongDatabaseError, create_app
from app.services import account
from config import Mode, Settings, SettingsError
from deploy.processes import RunSettings, environment, processes
from deploy.server import free_port
from models.account import Account, LoginSession
from models.errors import SignedOut
from tests.clients.scripted import NO_BROKER
from tests.conftest import Servers
from tests.drive import Drive, Person, problem
from tests.island import island as make_island
from tools.wechat_standin import DEMO_APP_ID, DEMO_APP_SECRET, StandIn, openid

NOWHERE = "redis://127.0.0.1:1/0"
PASSWORD = "suishoupai-demo"


def sign_in(drive: Drive, **body: str) -> Any:
    return drive.client.post("/api/v1/sessions", json=body)


def with_kit(drive: Drive, **changes: Any) -> None:
    """The application with other parts, for this test."""
    drive.client.application.extensions["kit"] = replace(drive.kit, **changes)


@pytest.fixture
def unlimited(drive: Drive) -> Drive:
    """Without failures that other tests left in the broker."""
    with_kit(drive, broker=Broker(NOWHERE))
    return drive


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    server = StandIn("127.0.0.1", 0, DEMO_APP_ID, DEMO_APP_SECRET)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_only_the_hash_of_a_token_is_kept(drive: Drive) -> None:
    token = sign_in(drive, username="desk", password=PASSWORD).json["token"]
    kept = drive.db.execute(text("SELECT token_hash FROM login_session")).scalars().all()
    assert hashlib.sha256(token.encode()).digest() in kept
    row = drive.db.execute(text("SELECT string_agg(s::text, '') FROM login_session s")).scalar()
    assert token not in str(row)
    assert token.encode().hex() not in str(row)


@pytest.mark.parametrize("column", ["idle_until", "expires_at"])
def test_a_session_ends_when_idle_and_at_last(drive: Drive, column: str) -> None:
    lily = drive.resident()
    assert lily.get("/api/v1/me").status_code == 200
    own = update(LoginSession).where(LoginSession.account_id == lily.account_id)
    drive.db.execute(own.values({column: datetime.now(UTC) - timedelta(seconds=1)}))
    problem(lily.get("/api/v1/me"), 401, "signed-out")
    account.sweep_sessions(drive.db)
    left = "SELECT count(*) FROM login_session WHERE account_id = :who"
    assert drive.db.execute(text(left), {"who": lily.account_id}).scalar() == 0


def test_use_pushes_the_idle_end_on_but_never_past_the_last(drive: Drive) -> None:
    lily = drive.resident()
    own = LoginSession.account_id == lily.account_id
    soon = datetime.now(UTC) + timedelta(minutes=1)
    used = datetime.now(UTC) - timedelta(minutes=6)
    drive.db.execute(update(LoginSession).where(own).values(idle_until=soon, used_at=used))
    assert lily.get("/api/v1/me").status_code == 200
    kept = "SELECT idle_until > now() + interval '29 days', expires_at FROM login_session"
    moved, last = drive.db.execute(text(f"{kept} WHERE account_id = {lily.account_id}")).one()
    assert moved
    assert last < datetime.now(UTC) + timedelta(days=90, minutes=1)


def test_a_signed_out_token_is_dead_at_once_and_others_live(drive: Drive) -> None:
    lily = drive.resident()
    other = Person(
        drive.client, lily.account_id, account.open_session(drive.db, lily.account_id).token
    )
    assert lily.request("DELETE", "/api/v1/sessions/current").status_code == 204
    problem(lily.get("/api/v1/me"), 401, "signed-out")
    assert other.get("/api/v1/me").status_code == 200


def test_a_disabled_account_is_out_at_once(unlimited: Drive) -> None:
    drive = unlimited
    desk = drive.staff("desk")
    drive.db.execute(update(Account).where(Account.username == "desk").values(enabled=False))
    problem(desk.get("/api/v1/me"), 401, "signed-out")
    problem(sign_in(drive, username="desk", password=PASSWORD), 401, "sign-in-refused")
    with pytest.raises(SignedOut):
        account.open_session(drive.db, desk.account_id)


@pytest.mark.parametrize("username", ["desk", "nobody-of-this-name"])
def test_a_password_is_hashed_once_for_every_name(
    unlimited: Drive, monkeypatch: pytest.MonkeyPatch, username: str
) -> None:
    """The same work whether the name exists or not: time tells nothing."""
    checked: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counting(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        checked.append(stored[: stored.rindex("$")].rpartition("$")[0])
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    body = problem(sign_in(unlimited, username=username, password="wrong"), 401, "sign-in-refused")
    assert checked == ["$argon2id$v=19$m=65536,t=3,p=4"]
    assert body["detail"] == "用户名或密码不正确"


@pytest.mark.parametrize("broker_lives", [True, False])
def test_ten_failures_lock_a_name_for_a_while(
    drive: Drive, broker_lives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not broker_lives:
        with_kit(drive, broker=Broker(NOWHERE))
    monkeypatch.setattr("app.clients.broker.time.time", lambda: 1_800_000_000.0 + broker_lives)
    name = f"unit{3 + broker_lives}"
    for _ in range(10):
        problem(sign_in(drive, username=name, password="wrong"), 401, "sign-in-refused")
    answer = sign_in(drive, username=name, password=PASSWORD)
    problem(answer, 429, "too-many-requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert sign_in(drive, username="supervisor2", password=PASSWORD).status_code == 201


def test_failures_from_one_address_are_counted_over_all_names(unlimited: Drive) -> None:
    for number in range(100):
        unlimited.client.application.extensions["kit"].broker.hit(
            "sign-in-address:127.0.0.1", 100, 600
        )
        assert number < 100
    answer = sign_in(unlimited, username="desk", password=PASSWORD)
    problem(answer, 429, "too-many-requests")


def wechat_client(server: StandIn) -> WeChat:
    return WeChat(DEMO_APP_ID, DEMO_APP_SECRET, Broker(NO_BROKER), base_url=server.url, timeout_s=2)


def test_a_resident_signs_in_by_wechat_over_http(unlimited: Drive, wechat: StandIn) -> None:
    with_kit(unlimited, wechat=wechat_client(wechat))
    first = sign_in(unlimited, wechat_code="demo-lily")
    assert first.status_code == 201
    assert first.json["account"]["roles"] == [{"role": "citizen", "scope": "own"}]
    again = sign_in(unlimited, wechat_code="demo-lily")
    assert again.json["account"]["id"] == first.json["account"]["id"]
    assert again.json["token"] != first.json["token"]
    kept = text("SELECT openid FROM account WHERE id = :id")
    own = {"id": int(first.json["account"]["id"])}
    assert unlimited.db.execute(kept, own).scalar() == openid("lily")
    problem(sign_in(unlimited, wechat_code="error-40029"), 401, "sign-in-refused")
    assert sign_in(unlimited, wechat_code="once-anna").status_code == 201
    problem(sign_in(unlimited, wechat_code="once-anna"), 401, "sign-in-refused")


def test_a_disabled_resident_cannot_sign_in(unlimited: Drive, wechat: StandIn) -> None:
    with_kit(unlimited, wechat=wechat_client(wechat))
    assert sign_in(unlimited, wechat_code="demo-lily").status_code == 201
    unlimited.db.execute(
        update(Account).where(Account.openid == openid("lily")).values(enabled=False)
    )
    problem(sign_in(unlimited, wechat_code="demo-lily"), 401, "sign-in-refused")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("error--1", "wechat-unavailable"),
        ("error-45011", "wechat-unavailable"),
        ("garbage", "wechat-unavailable"),
        ("error-40013", "wechat-not-configured"),
        ("error-40125", "wechat-not-configured"),
    ],
)
def test_wechats_faults_are_not_the_residents(
    unlimited: Drive, wechat: StandIn, code: str, name: str
) -> None:
    with_kit(unlimited, wechat=wechat_client(wechat))
    problem(sign_in(unlimited, wechat_code=code), 503, name)


def test_wechat_that_is_away_is_said_and_staff_still_sign_in(unlimited: Drive) -> None:
    away = WeChat(
        "id", "secret", Broker(NO_BROKER), base_url=f"http://127.0.0.1:{free_port()}", timeout_s=2
    )
    with_kit(unlimited, wechat=away, broker=Broker(NOWHERE))
    problem(sign_in(unlimited, wechat_code="demo-lily"), 503, "wechat-unavailable")
    assert sign_in(unlimited, username="desk", password=PASSWORD).status_code == 201


def test_production_without_credentials_says_so(servers: Servers, tmp_path: Path) -> None:
    with make_island(servers, tmp_path) as island:
        production = replace(island.kit.settings, app_mode=Mode.PRODUCTION)
        with pytest.raises(WrongDatabaseError, match="demo database"):
            create_app(production)
        island.run("DELETE FROM installation WHERE key = 'mode'")
        app = create_app(production)
        answer = app.test_client().post("/api/v1/sessions", json={"wechat_code": "demo-lily"})
        problem(answer, 503, "wechat-not-configured")
        app.extensions["kit"].close()


GOOD = {
    "DATABASE_URL": "postgresql://app@db.example/x",
    "REDIS_URL": "redis://broker.example/0",
    "PHOTO_STORE": "file:///srv/photos",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("PHOTO_STORE", ""),
        ("DATABASE_URL", "mysql://db.example/x"),
        ("REDIS_URL", "http://broker.example"),
        ("PHOTO_STORE", "ftp://photos.example"),
        ("APP_MODE", "prod"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "one"),
        ("DATABASE_POOL", "0"),
        ("DECODER_CHILDREN", "0"),
        ("MAX_PHOTO_BYTES", "15 MB"),
        ("MAX_PHOTO_BYTES", "²"),
        ("REPORTS_PER_HOUR", "2.5"),
        ("PLACE_TOLERANCE_M", "1e3"),
        ("WECHAT_BASE_URL", "http://127.0.0.1:9000"),
        ("PUBLIC_URL", "http://127.0.0.1:8000"),
        ("WECHAT_APP_ID", "demo-appid"),
        ("WECHAT_ENV", "beta"),
        ("WECHAT_PUSH_KEY", "short"),
    ],
)
def test_nonsense_is_refused_by_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(GOOD | {name: value})


def test_settings_are_production_unless_said_otherwise() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.app_mode is Mode.PRODUCTION
    assert settings.wechat_base_url.startswith("https://")


def test_settings_show_no_secret() -> None:
    secrets = {f.name.upper(): f"hidden-{f.name}" for f in fields(Settings) if not f.repr}
    secrets["WECHAT_PUSH_KEY"] = "hidden-".ljust(43, "A").replace("-", "0")
    shown = repr(Settings.from_env(GOOD | secrets))
    assert len(secrets) >= 4
    assert "hidden" not in shown


def test_the_demo_listens_on_loopback_only(tmp_path: Path) -> None:
    for command in (processes(8000, 9000).standin, processes(8000, 9000).lasting["web"]):
        if "--host" in command:
            assert command[command.index("--host") + 1] == "127.0.0.1"
    assert "--host" in processes(8000, 9000).lasting["web"]
    with pytest.raises(ValueError, match="not a loopback address"):
        StandIn("0.0.0.0", 0, "id", "secret")  # noqa: S104  (is refused)
    names = environment(
        RunSettings.from_mapping({"DATA_DIR": str(tmp_path)}),
        database_url="",
        database_owner_url="",
        redis_url="",
        standin_port=9000,
    )
    assert names["APP_MODE"] == "demo"
    assert names["WECHAT_BASE_URL"] == "http://127.0.0.1:9000"
