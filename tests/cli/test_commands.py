"""The flask commands: what they print, how they refuse, and the first start."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner
from sqlalchemy import func, insert, select

from app.cli import setup
from app.factory import App, create_app
from app.kit import Kit
from app.services.account import check_password, open_session, who
from app.services.installation import is_demo
from config import Mode, Settings
from deploy.embedded import EmbeddedPostgres, EmbeddedValkey
from deploy.postgres import APP, OWNER
from models.account import Account
from models.case import Case
from models.catalogue import Category
from models.db import transaction
from models.duty import Leave
from models.errors import Conflict, SignedOut, SignInRefused
from models.ledger import LedgerEntry
from models.outbox import Outbox

DATA = Path(__file__).parents[2] / "data"
PASSWORD = "a-long-password"
NewApp = Callable[[str, Mode], App]


@pytest.fixture(scope="module")
def new_app(
    servers: tuple[EmbeddedPostgres, EmbeddedValkey], settings: Settings
) -> Iterator[NewApp]:
    """The application on a database of its own that nothing has prepared."""
    postgres, _ = servers
    with ExitStack() as opened:

        def make(database: str, mode: Mode) -> App:
            postgres.create_database(database)
            own = replace(
                settings,
                app_mode=mode,
                database_url=postgres.url(APP, database),
                database_owner_url=postgres.url(OWNER, database),
                anchor_dir=settings.data_dir / database,
            )
            app = create_app(own)
            opened.callback(kit_of(app).close)
            return app

        yield make


def kit_of(app: App) -> Kit:
    kit: Kit = app.extensions["kit"]
    return kit


@pytest.fixture(scope="module")
def demo(new_app: NewApp) -> App:
    app = new_app("cli_demo", Mode.DEMO)
    result = app.test_cli_runner().invoke(args=["prepare"])
    assert result.exit_code == 0, result.output
    assert "权责：72 行" in result.stdout
    return app


@pytest.fixture
def runner(demo: App) -> FlaskCliRunner:
    return demo.test_cli_runner()


def ok(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result) -> list[str]:
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()


# prepare


def test_prepare_makes_a_demo_once(demo: App, runner: FlaskCliRunner) -> None:
    with transaction(kit_of(demo).engine) as db:
        assert is_demo(db)
        assert check_password(db, "worker1", kit_of(demo).settings.demo_password) > 0
        batches = func.count(Account.id)
        before = db.execute(select(batches)).scalar_one()
    assert ok(runner.invoke(args=["prepare"])) == "schema is up to date\n"
    with transaction(kit_of(demo).engine) as db:
        assert db.execute(select(batches)).scalar_one() == before


def test_prepare_gives_production_a_catalogue_and_nothing_else(new_app: NewApp) -> None:
    app = new_app("cli_production", Mode.PRODUCTION)
    runner = app.test_cli_runner()
    assert "目录：78 行，新增 78" in ok(runner.invoke(args=["prepare"]))
    assert ok(runner.invoke(args=["prepare"])) == "schema is up to date\n"
    with transaction(kit_of(app).engine) as db:
        assert db.execute(select(func.count()).select_from(Category)).scalar_one() == 78
        assert db.execute(select(func.count()).select_from(Account)).scalar_one() == 0
        assert not is_demo(db)


def test_a_demo_refuses_a_database_with_data(new_app: NewApp) -> None:
    ok(new_app("cli_real", Mode.PRODUCTION).test_cli_runner().invoke(args=["prepare"]))
    app = new_app("cli_real", Mode.DEMO)
    result = app.test_cli_runner().invoke(args=["prepare"])
    assert result.exit_code == 1
    assert "已有数据，且不是演示库" in result.stderr
    with pytest.raises(Conflict):
        setup.seed_demo(kit_of(app))
    with transaction(kit_of(app).engine) as db:
        assert not is_demo(db)
        assert db.execute(select(func.count()).select_from(Account)).scalar_one() == 0


# Imports


@pytest.mark.parametrize(
    ("command", "label"),
    [
        (["areas", "import", "demo/areas.geojson", "--coord-type", "wgs84"], "区域"),
        (["units", "import", "demo/units.csv"], "单位"),
        (["responsibilities", "import", "demo/responsibilities.csv"], "权责"),
        (["duties", "import", "demo/duties.csv"], "排班"),
        (["catalogue", "import", "catalogue.csv"], "目录"),
        (["accounts", "import", "demo/accounts.csv"], "账号"),
    ],
)
def test_importing_the_same_again_says_so(
    runner: FlaskCliRunner, command: list[str], label: str
) -> None:
    args = [*command[:2], str(DATA / command[2]), *command[3:]]
    assert ok(runner.invoke(args=args)) == f"{label}：内容与上次相同，未作改动\n"


@pytest.mark.parametrize(
    "command",
    [
        ["areas", "import", "--coord-type", "wgs84"],
        ["units", "import"],
        ["responsibilities", "import"],
        ["duties", "import"],
        ["catalogue", "import"],
        ["accounts", "import"],
    ],
)
def test_a_refused_file_is_named_with_its_faults(
    runner: FlaskCliRunner, tmp_path: Path, command: list[str]
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("[1]")
    lines = refused(runner.invoke(args=[*command, str(file)]))
    assert lines[0].startswith("wrong.csv 有 ")
    assert len(lines) > 1
    assert all(line.startswith(("/rows/1：", "/type：")) for line in lines[1:])


def test_a_good_import_says_what_it_did_and_warns(runner: FlaskCliRunner, tmp_path: Path) -> None:
    rows = (DATA / "demo/units.csv").read_text().splitlines(keepends=True)
    file = tmp_path / "units.csv"
    file.write_text("".join(row for row in rows if not row.startswith("U-WY1")))
    result = runner.invoke(args=["units", "import", str(file)])
    assert ok(result).startswith("单位：18 行，新增 0，停用 1，版本 ")
    assert result.stderr == "提醒：单位 U-WY1（示范花园物业公司）已停用，仍有有效的权责指向它\n"
    assert "新增 1，停用 0" in ok(
        runner.invoke(args=["units", "import", str(DATA / "demo/units.csv")])
    )


def test_the_coordinate_system_of_a_map_must_be_said(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["areas", "import", str(DATA / "demo/areas.geojson")])
    assert result.exit_code == 2
    assert "--coord-type" in result.stderr


def test_areas_are_listed(runner: FlaskCliRunner) -> None:
    lines = ok(runner.invoke(args=["areas", "list"])).splitlines()
    assert len(lines) == 90
    assert lines[0] == "439900\tdistrict\t\t示范区"


@pytest.mark.parametrize(
    ("given", "starts", "ends"),
    [
        (("2030-12-01", "2030-12-03"), (11, 30, 16, 0), (12, 3, 16, 0)),
        (("2030-12-05T12:00", "2030-12-05T18:30"), (12, 5, 4, 0), (12, 5, 10, 30)),
    ],
)
def test_leave_counts_whole_days_in_local_time(
    demo: App,
    runner: FlaskCliRunner,
    given: tuple[str, str],
    starts: tuple[int, int, int, int],
    ends: tuple[int, int, int, int],
) -> None:
    assert ok(runner.invoke(args=["duties", "leave", "worker1", *given])).startswith("请假：1 行")
    newest = select(Leave.starts_at, Leave.ends_at).order_by(Leave.id.desc()).limit(1)
    with transaction(kit_of(demo).engine) as db:
        found = db.execute(newest).one()
    assert tuple(found) == (datetime(2030, *starts, tzinfo=UTC), datetime(2030, *ends, tzinfo=UTC))


# Accounts


def test_an_account_is_made_given_a_password_and_disabled(
    demo: App, runner: FlaskCliRunner
) -> None:
    engine = kit_of(demo).engine
    made = ["accounts", "create", "new.one", "--name", "新人", "--unit", "U-HW"]
    roles = ["--role", "unit_staff@unit:U-HW", "--role", "grid_worker@area:439900"]
    assert "已创建账号 new.one" in ok(runner.invoke(args=[*made, *roles], input=f"{PASSWORD}\n"))
    with transaction(engine) as db:
        session = open_session(db, check_password(db, "new.one", PASSWORD))
        assert [str(grant) for grant in session.actor.grants] == ["unit:U-HW", "area:439900"]
    ok(runner.invoke(args=["accounts", "password", "new.one"], input="another-password\n"))
    with transaction(engine) as db:
        with pytest.raises(SignedOut):
            who(db, session.token)
        assert check_password(db, "new.one", "another-password") > 0
    ok(runner.invoke(args=["accounts", "disable", "new.one"]))
    with transaction(engine) as db, pytest.raises(SignInRefused):
        check_password(db, "new.one", "another-password")


@pytest.mark.parametrize(
    ("args", "typed", "lines"),
    [
        (
            ["create", "a b", "--name", " ", "--unit", "X", "--role", "king@all"],
            "short",
            [
                "账号未创建",
                "/username：应为字母、数字和 . _ -，最多 64 个",
                "/name：必填",
                "/unit：没有单位“X”，或已停用",
                (
                    "/roles：“king@all”的角色应为：admin（管理员）、dispatcher（受理派遣员）、"
                    "grid_worker（网格员）、supervisor（督查员）、unit_staff（经办人）"
                ),
                "/password：密码至少 10 个字符",
            ],
        ),
        (
            ["create", "worker1", "--name", "又", "--role", "admin@all"],
            PASSWORD,
            ["用户名 worker1 已被使用", "/username：用户名 worker1 已被使用"],
        ),
        (["password", "nobody"], PASSWORD, ["没有账号“nobody”"]),
        (["password", "worker1"], "", ["密码至少 10 个字符", "/password：密码至少 10 个字符"]),
        (["disable", "nobody"], "", ["没有账号“nobody”"]),
        (["erase", "999999"], "", ["没有账号 999999"]),
    ],
)
def test_account_commands_refuse_plainly(
    runner: FlaskCliRunner, args: list[str], typed: str, lines: list[str]
) -> None:
    assert refused(runner.invoke(args=["accounts", *args], input=f"{typed}\n")) == lines


def test_a_resident_is_erased(demo: App, runner: FlaskCliRunner) -> None:
    engine = kit_of(demo).engine
    statement = insert(Account).values(display_name="市民", openid="o-1").returning(Account.id)
    with transaction(engine) as db:
        account_id = db.execute(statement).scalar_one()
    assert f"已注销账号 {account_id}" in ok(
        runner.invoke(args=["accounts", "erase", str(account_id)])
    )
    with transaction(engine) as db:
        left = db.execute(select(Account.openid, Account.enabled).where(Account.id == account_id))
        assert tuple(left.one()) == (None, False)


# Jobs


def test_failed_jobs_are_listed_and_sent_again(demo: App, runner: FlaskCliRunner) -> None:
    now = datetime.now(UTC)
    row = {"job": "photo.render", "args": {"photo_id": 3}, "created_at": now, "due_at": now}
    failures = [row | {"failed_at": now, "error": f"Trace\n{name}"} for name in ("one", "two")]
    with transaction(kit_of(demo).engine) as db:
        statement = insert(Outbox).returning(Outbox.id, sort_by_parameter_order=True)
        ids = [str(i) for i in db.execute(statement, failures).scalars()]
    assert ok(runner.invoke(args=["jobs", "status"])).endswith("失败 2\n")
    listed = [line.split("\t") for line in ok(runner.invoke(args=["jobs", "failed"])).splitlines()]
    assert {(one[0], one[2], one[3], one[4]) for one in listed} == {
        (ids[0], "photo.render", "photo_id=3", "one"),
        (ids[1], "photo.render", "photo_id=3", "two"),
    }
    assert refused(runner.invoke(args=["jobs", "retry", ids[0], "0"]))
    assert ok(runner.invoke(args=["jobs", "retry", ids[0]])) == "已重新安排 1 个任务\n"
    assert ok(runner.invoke(args=["jobs", "retry", "--all"])) == "已重新安排 1 个任务\n"
    assert ok(runner.invoke(args=["jobs", "failed"])) == ""


@pytest.mark.parametrize("args", [[], ["--all", "1"]])
def test_retry_wants_ids_or_all(runner: FlaskCliRunner, args: list[str]) -> None:
    assert runner.invoke(args=["jobs", "retry", *args]).exit_code == 2


# Ledger


def test_an_empty_ledger_is_whole(new_app: NewApp) -> None:
    runner = new_app("cli_ledger", Mode.TEST).test_cli_runner()
    ok(runner.invoke(args=["prepare"]))
    assert ok(runner.invoke(args=["ledger", "verify"])) == "0 rows ok\n0 anchors ok\n"
    assert ok(runner.invoke(args=["ledger", "anchor"])) == (
        "没有新的台账需要锚定\nanchors.jsonl：写入 0 行\n"
    )
    assert refused(runner.invoke(args=["ledger", "verify", "HY1"])) == ["没有案卷 HY1"]


def test_verify_names_the_first_bad_row(new_app: NewApp) -> None:
    app = new_app("cli_bad_ledger", Mode.TEST)
    runner = app.test_cli_runner()
    ok(runner.invoke(args=["prepare"]))
    now = datetime.now(UTC)
    state = {"version": 1, "round": 1, "status": "submitted", "holder": "desk", "source": "wechat"}
    place = {"longitude": 112.5, "latitude": 26.9, "raw_longitude": 112.5, "raw_latitude": 26.9}
    rest = {"emergency": False, "public": True, "coord_type": "wgs84", "placed": "inside"}
    head = {"revision": 1, "flags": [], "head_seq": 1, "head_hash": bytes(32)}
    entry = {"case_id": 1, "seq": 1, "round": 1, "at": now, "actor": {}, "action": "submit"}
    after = {"to_status": "submitted", "holder": "desk", "payload": {}, "previous": bytes(32)}
    with transaction(kit_of(app).engine) as db:
        times = {"changed_at": now, "submitted_at": now}
        values = {"id": 1, "number": "HY1"} | state | place | rest | head | times
        db.execute(insert(Case).values(values))
        db.execute(insert(LedgerEntry).values(entry | after | {"hash": bytes(32)}))
    for args in (["ledger", "verify"], ["ledger", "verify", "HY1"]):
        assert refused(runner.invoke(args=args)) == ["HY1 #1：内容与哈希不符"]


# Calendar


def test_a_day_off_is_set_shown_and_cleared(demo: App, runner: FlaskCliRunner) -> None:
    storm = ["2031-03-03", "--until", "2031-03-04", "--note", "台风停工通知"]
    assert ok(runner.invoke(args=["calendar", "set", storm[0], "off", *storm[1:]])).startswith(
        "日历：2 行，新增 2，停用 0，版本 "
    )
    shown = runner.invoke(args=["calendar", "show", "2031-03"])
    lines = ok(shown).splitlines()
    assert lines[0] == "工作日历（office）2031-03"
    assert lines[2:6] == [
        "2031-03-02 周日  休息",
        "2031-03-03 周一  休息  例外",
        "2031-03-04 周二  休息  例外",
        "2031-03-05 周三  08:30-12:00,14:30-17:30",
    ]
    cleared = runner.invoke(args=["calendar", "clear", "2031-03-03", "--until", "2031-03-04"])
    assert "停用 2" in ok(cleared)
    assert "例外" not in ok(runner.invoke(args=["calendar", "show", "2031-03"]))


def test_hours_of_a_worked_weekend_are_kept_as_written(demo: App, runner: FlaskCliRunner) -> None:
    args = ["calendar", "set", "2031-03-08", "09:00-12:00,13:00-24:00", "--note", "调休"]
    ok(runner.invoke(args=args))
    assert "2031-03-08 周六  09:00-12:00,13:00-24:00  例外" in ok(
        runner.invoke(args=["calendar", "show", "2031-03"])
    )
    ok(runner.invoke(args=["calendar", "clear", "2031-03-08"]))


@pytest.mark.parametrize(
    ("args", "pointer"),
    [
        (["set", "2031-03-03", "9-12", "--note", "x"], "/hours"),
        (["set", "2031-03-03", "14:30-12:00", "--note", "x"], "/hours"),
        (["set", "2031-03-03", "08:00-12:00,11:00-13:00", "--note", "x"], "/hours"),
        (["set", "2031-03-03", "off", "--note", " "], "/note"),
        (["set", "2031-03-03", "off", "--note", "x", "--until", "2031-03-02"], "/until"),
        (["set", "2031-03-03", "off", "--note", "x", "--until", "2033-03-02"], "/until"),
        (["set", "2131-03-03", "off", "--note", "x"], "/day"),
        (["set", "2031-03-03", "off", "--note", "x", "--calendar", "always"], "/calendar"),
        (["clear", "2031-05-05"], "/day"),
    ],
)
def test_a_wrong_exception_is_refused(
    runner: FlaskCliRunner, args: list[str], pointer: str
) -> None:
    lines = refused(runner.invoke(args=["calendar", *args]))
    assert any(line.startswith(f"{pointer}：") for line in lines)
