"""The service as `make run` starts it, on throw-away or kept servers, for measuring."""

import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.cli import db as schema
from benchmarks.seed import seed
from config import Mode, Settings
from deploy.child import Child
from deploy.embedded import EmbeddedPostgres, EmbeddedValkey
from deploy.postgres import APP, OWNER
from deploy.processes import RunSettings, environment, processes
from deploy.server import free_port

ROOT = Path(__file__).resolve().parent.parent
START_S = 60.0


@dataclass
class Stage:
    """Both servers, with fsync on, and as many seeded databases as are asked for."""

    home: Path
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the servers by name."""
        children = (self.postgres.child, self.valkey.child)
        return {child.name: child.process.pid for child in children if child.process}

    def settings(self, database: str) -> Settings:
        """The application's settings on a database of this stage."""
        return Settings(
            app_mode=Mode.DEMO,
            database_url=self.postgres.url(APP, database),
            database_owner_url=self.postgres.url(OWNER, database),
            redis_url=self.valkey.url,
            photo_store=f"file://{self.home}/photos",
            data_dir=self.home,
            anchor_dir=self.home / "anchors",
            wechat_base_url="http://127.0.0.1:1",
        )

    def database(self, cases: int) -> str:
        """The name of a demo database with at least so many cases, made when it is not there, and
        brought up to date when it was kept from before."""
        name = f"cases_{cases}"
        self.postgres.create_database(name)
        with psycopg.connect(self.postgres.url(OWNER, name)) as owner:
            seeded = owner.execute("SELECT to_regclass('public.seeded')").fetchone()
        if seeded == (None,):
            print(f"making {cases:,} cases", flush=True)
            seed(self.settings(name), cases, processes=os.cpu_count() or 1)
            with psycopg.connect(self.postgres.url(OWNER, name)) as owner:
                owner.execute("CREATE TABLE seeded ()")
        else:
            schema.upgrade(self.settings(name))
        return name

    @contextmanager
    def serving(self, database: str, *names: str) -> Iterator[tuple[int, dict[str, int]]]:
        """Runs the named processes of the service on a database; gives the web port, and the
        processes' ids by name."""
        settings, port = self.settings(database), free_port()
        run = RunSettings(port, self.home, "", "", "", settings.photo_store)
        variables = environment(
            run,
            database_url=settings.database_url,
            database_owner_url=settings.database_owner_url,
            redis_url=settings.redis_url,
            standin_port=1,
        )
        table = processes(port, 1).lasting
        with ExitStack() as stack:
            children = {}
            for name in names:
                log = self.home / f"{name}.log"
                child = Child(name, table[name], env=os.environ | variables, log=log, cwd=ROOT)
                child.start()
                stack.callback(child.stop)
                children[name] = child
            if "web" in children:
                children["web"].wait_until(lambda: _ready(port), seconds=START_S)
            yield port, {n: c.process.pid for n, c in children.items() if c.process}


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        time.sleep(0.2)
        return False


@contextmanager
def open_stage(home: Path | None) -> Iterator[Stage]:
    """Servers in `home`, which is kept, or in a new folder that is gone afterwards."""
    folder = home or Path(tempfile.mkdtemp(prefix="suishoupai-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # root's servers run as another user
    try:
        with EmbeddedPostgres(folder) as postgres, EmbeddedValkey(folder) as valkey:
            yield Stage(folder, postgres, valkey)
    finally:
        if home is None:
            shutil.rmtree(folder)
