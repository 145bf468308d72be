"""Photos of 12 megapixels from the upload to their renditions, and what the processes hold."""

import io
import json
import secrets
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from random import Random
from socket import create_connection

import psycopg
from PIL import Image, ImageChops

from benchmarks import crowd, places
from benchmarks.load import exchange, request
from benchmarks.stage import Stage
from benchmarks.watch import children, pss_mb, tree
from config import Settings
from tools.pictures import draw

SIZE = (4000, 3000)
CLIENTS = 4
SECONDS = 35.0
PATIENCE_S = 180.0


@dataclass(frozen=True)
class Photographed:
    """How many photos were uploaded, reported and rendered in how many seconds, and the most
    memory in MB that a web worker and a rendering worker with its decoder held."""

    photos: int
    seconds: float
    last_upload_s: float
    web_mb: float
    web_tree_mb: float
    worker_mb: float
    faults: int

    @property
    def rate(self) -> float:
        return self.photos / self.seconds


def pictures(count: int) -> list[bytes]:
    """So many different shots as a phone would take them: 12 MP, 2 to 5 MB each."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_picture, range(count), chunksize=20))


@cache
def _grain() -> Image.Image:
    return Image.effect_noise((1000, 750), 24).resize(SIZE).convert("RGB")


def _picture(scene: int) -> bytes:
    small = draw(scene, scene=f"bench {scene}", stage="before", size=(1000, 750))
    out = io.BytesIO()
    image = ImageChops.overlay(small.resize(SIZE, Image.Resampling.BICUBIC), _grain())
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def measure(stage: Stage, database: str, files: list[bytes]) -> Photographed:
    """Residents upload and report for SECONDS; then the renditions that wait are awaited.

    Jobs that other parts left, with no worker running, are none of this part's.
    """
    settings = stage.settings(database)
    with psycopg.connect(settings.database_url) as db:
        db.execute("DELETE FROM outbox")
    people = crowd.sign_in(settings, len(files) // 10 + 1)
    with stage.serving(database, "web", "relay", "worker") as (port, pids):
        peaks = _Peaks(pids)
        began_at, began = datetime.now(UTC), time.perf_counter()
        faults = _send(settings, port, people, files)
        last_upload = time.perf_counter() - began
        waiting = _wait_rendered(settings, began_at)
        seconds = time.perf_counter() - began
        peaks.close()
        with psycopg.connect(settings.database_url) as db:
            done = db.execute(_RENDERED, [began_at]).fetchone()
    assert done is not None  # noqa: S101  (an aggregate has a row)
    return Photographed(
        photos=done[0],
        seconds=seconds,
        last_upload_s=last_upload,
        web_mb=peaks.most["web worker"],
        web_tree_mb=peaks.most["web worker with decoder"],
        worker_mb=peaks.most["worker with decoder"],
        faults=faults + waiting,
    )


_RENDERED = "SELECT count(*) FROM photo WHERE uploaded_at > %s AND rendered_at IS NOT NULL"
_WAITING = "SELECT count(*) FROM photo WHERE uploaded_at > %s AND rendered_at IS NULL"


def _send(settings: Settings, port: int, people: list[tuple[int, str]], files: list[bytes]) -> int:
    atlas, random = crowd.atlas_of(settings), Random(1)
    spots = places.sites(atlas, random, per_grid=3)
    bodies = [crowd.body(atlas, random.choice(spots), random) for _ in files]
    following, faults = iter(range(len(files))), []
    deadline = time.perf_counter() + SECONDS

    def work() -> None:
        with closing(create_connection(("127.0.0.1", port), timeout=60)) as connection:
            for index in following:
                if time.perf_counter() > deadline:
                    return
                headers = {"Authorization": f"Bearer {people[index // 10][1]}"}
                status, answer = exchange(connection, _upload(headers, files[index]))
                if status == 201:
                    body = bodies[index] | {"photo_ids": [json.loads(answer)["id"]]}
                    sent = json.dumps(body).encode()
                    kind = {"Content-Type": "application/json"}
                    given = request("POST", "/api/v1/reports", headers | kind, sent)
                    status, answer = exchange(connection, given)
                if status != 201:
                    faults.append((status, answer))

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        print(f"  {len(faults)} refused, such as {faults[0]!r}")
    return len(faults)


def _upload(headers: dict[str, str], data: bytes) -> bytes:
    edge = secrets.token_hex(8)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    return request("POST", "/api/v1/photos", headers | kind, body)


def _wait_rendered(settings: Settings, since: datetime) -> int:
    deadline = time.perf_counter() + PATIENCE_S
    with psycopg.connect(settings.database_url, autocommit=True) as db:
        while True:
            row = db.execute(_WAITING, [since]).fetchone()
            left = row[0] if row else 0
            if left == 0 or time.perf_counter() > deadline:
                return int(left)
            time.sleep(0.1)


class _Peaks:
    """Watches the memory of the processes twice a second until closed; shared pages count to
    each process by their share (PSS)."""

    def __init__(self, pids: dict[str, int]) -> None:
        self.most = dict.fromkeys(("web worker", "web worker with decoder"), 0.0)
        self.most["worker with decoder"] = 0.0
        self._pids, self._over = pids, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            workers = [pid for pid in children(self._pids["web"]) if children(pid)]
            for pid in workers:
                self._note("web worker", pss_mb(pid))
                self._note("web worker with decoder", sum(map(pss_mb, tree(pid))))
            self._note("worker with decoder", sum(map(pss_mb, tree(self._pids["worker"]))))

    def _note(self, name: str, value: float) -> None:
        self.most[name] = max(self.most[name], value)
