"""The whole service in real processes, as `make run` starts it, and its clients over HTTP."""

import http.client
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from PIL import Image

from deploy import leftovers
from deploy.leftovers import Leftover
from deploy.server import free_port
from tests.island import ROOT, eventually

PLACE = {"longitude": 112.57, "latitude": 26.90, "coord_type": "wgs84"}
PASSWORD = "suishoupai-demo"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


@dataclass
class Town:
    """One data folder and port; `start` and `stop` as often as needed."""

    folder: Path
    port: int = field(default_factory=free_port)
    supervisor: subprocess.Popen[str] | None = None

    def start(self) -> None:
        if self.supervisor and self.supervisor.stdout:
            self.supervisor.stdout.close()  # one that was killed was never waited for
        clean = {k: v for k, v in os.environ.items() if not k.endswith(("_URL", "_STORE"))}
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "deploy"],
            cwd=ROOT,
            env=clean | {"DATA_DIR": str(self.folder), "PORT": str(self.port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.supervisor.stdout
        assert self.supervisor.stdout.readline() == f"ready http://127.0.0.1:{self.port}\n"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.supervisor and self.supervisor.poll() is None:
            self.supervisor.send_signal(number)
            self.supervisor.communicate(timeout=60)

    def processes(self, name: str = "") -> list[Leftover]:
        """Those of one name, or all."""
        home = None if name else self.folder / "servers"
        return leftovers.find(self.folder, name, server_home=home)

    def servers(self, command: str) -> list[Leftover]:
        return [p for p in self.processes() if p.command == command]

    def database(self) -> psycopg.Connection[Any]:
        """As the superuser; the port is the one that the postmaster noted."""
        home = self.folder / "servers"
        password = json.loads((home / "postgres-passwords.json").read_text())["postgres"]
        port = (home / "postgres" / "postmaster.pid").read_text().splitlines()[3]
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/suishoupai"
        return psycopg.connect(url, autocommit=True)

    def one(self, statement: str) -> Any:
        with self.database() as db:
            row = db.execute(statement).fetchone()
            return row[0] if row else None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        key: str = "",
        data: bytes = b"",
        media_type: str = "application/json",
    ) -> Answer:
        """One request; OSError or HTTPException where the connection broke."""
        headers = {"Content-Type": media_type}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, data or json.dumps(body or {}), headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return Answer(answer.status, json.loads(content) if content else None)

    def insist(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Answer:
        """Retries while the service is away, as a client with a key may; at most a minute."""
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = self.call(method, path, body, **kwargs)
                if answer.status < 500:
                    return answer
            except (OSError, http.client.HTTPException) as error:
                answer = Answer(0, repr(error))
            if time.monotonic() > deadline:
                return answer
            time.sleep(0.1)

    def resident(self, name: str) -> str:
        answer = self.insist("POST", "/api/v1/sessions", {"wechat_code": f"demo-{name}"})
        assert answer.status == 201, answer
        return str(answer.body["token"])

    def staff(self, name: str) -> str:
        body = {"username": name, "password": PASSWORD}
        answer = self.insist("POST", "/api/v1/sessions", body)
        assert answer.status == 201, answer
        return str(answer.body["token"])

    def upload(self, token: str) -> str:
        picture = noise()
        boundary = uuid4().hex
        head = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="file"; filename="photo.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        answer = self.insist(
            "POST",
            "/api/v1/photos",
            token=token,
            data=head.encode() + picture.getvalue() + f"\r\n--{boundary}--\r\n".encode(),
            media_type=f"multipart/form-data; boundary={boundary}",
        )
        assert answer.status == 201, answer
        return str(answer.body["id"])

    def report(self, token: str, *, key: str = "", **more: Any) -> Answer:
        body = {"description": "路边一堆垃圾没人清理", "location": PLACE} | more
        return self.insist("POST", "/api/v1/reports", body, token=token, key=key)

    def settled(self, check: Callable[[], bool], seconds: float = 40) -> bool:
        """Polls until true; a database that is away in between is no."""

        def quietly() -> bool:
            try:
                return check()
            except (OSError, psycopg.OperationalError):
                return False

        return eventually(quietly, seconds)


def noise() -> io.BytesIO:
    """A picture like no other."""
    picture = io.BytesIO()
    Image.effect_noise((240, 180), 64).save(picture, "JPEG")
    return picture


@contextmanager
def town() -> Iterator[Town]:
    folder = Path(tempfile.mkdtemp(prefix="suishoupai-test-"))
    folder.chmod(0o711)  # root's servers run as another user
    found = Town(folder)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        leftovers.stop(found.processes(), grace=1)
        shutil.rmtree(folder)
