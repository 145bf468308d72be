"""The child process: whatever is sent to it, the parent stays up and gets an answer."""

import io
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from app.clients.decoder import Decoder
from models import image
from models.photo_facts import ImageRefused
from tools.pictures import make_photo

ROUNDS = 1000
SMALL = (320, 240)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


def children() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


_others: set[int] = set()


@pytest.fixture(autouse=True)
def _known_children() -> None:
    """Children of decoders that other tests of this process keep do not count."""
    _others.clear()
    _others.update(decoder_children())


def decoder_children() -> list[int]:
    return [
        pid
        for pid in children()
        if pid not in _others
        and b"app.clients.decoder_child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def blank_png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def code_of(decoder: Decoder, data: bytes) -> str:
    with pytest.raises(ImageRefused) as caught:
        decoder.inspect(data)
    return caught.value.code


def test_the_child_answers_as_the_functions_do(decoder: Decoder) -> None:
    taken_at = datetime(2026, 5, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    data = make_photo(1, taken_at=taken_at, location=(112.57, 26.9), accuracy=4, size=SMALL)
    assert decoder.inspect(data) == image.inspect(data)
    assert decoder.render(data) == image.render(data)
    assert decoder.inspect(make_photo(2, size=SMALL)).taken_at is None


def test_a_refusal_keeps_the_child(decoder: Decoder) -> None:
    assert code_of(decoder, b"<html>") == "unsupported-type"
    first = decoder_children()
    assert code_of(decoder, make_photo(1, size=SMALL)[:-900]) == "truncated"
    assert len(first) == 1
    assert decoder_children() == first


def test_too_much_memory_is_a_refusal_and_the_next_photo_is_fine() -> None:
    decoder = Decoder(memory_mb=180)
    try:
        assert code_of(decoder, blank_png(7000, 7000)) == "too-large-to-decode"
        assert decoder.inspect(make_photo(1, size=SMALL)).width == 320
    finally:
        decoder.close()


def test_too_much_time_is_a_refusal_and_the_next_photo_is_fine() -> None:
    decoder = Decoder(timeout_s=30)
    try:
        decoder.inspect(make_photo(1, size=SMALL))
        (stopped,) = decoder_children()
    finally:
        decoder.close()
    assert stopped not in decoder_children()
    decoder = Decoder(timeout_s=1.5)
    try:
        decoder.inspect(make_photo(1, size=SMALL))
        (stopped,) = decoder_children()
        os.kill(stopped, signal.SIGSTOP)
        assert code_of(decoder, make_photo(1, size=SMALL)) == "too-large-to-decode"
        assert stopped not in decoder_children()
        assert decoder.inspect(make_photo(1, size=SMALL)).width == 320
    finally:
        decoder.close()


def test_a_child_that_died_meanwhile_is_replaced(decoder: Decoder) -> None:
    data = make_photo(1, size=SMALL)
    decoder.inspect(data)
    (child,) = decoder_children()
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert decoder.inspect(data).width == 320
    assert child not in decoder_children()


def test_a_child_is_replaced_after_its_share_of_pictures() -> None:
    decoder = Decoder(images_per_child=2)
    seen = set()
    try:
        for _ in range(4):
            decoder.inspect(make_photo(1, size=SMALL))
            seen.update(decoder_children())
    finally:
        decoder.close()
    assert len(seen) == 2
    assert decoder_children() == []


def test_threads_share_the_children() -> None:
    decoder = Decoder(children=2)
    photos = [make_photo(seed, size=(200 + seed, 100)) for seed in range(8)]
    widths: dict[int, int] = {}

    def work(seed: int) -> None:
        for _ in range(5):
            widths[seed] = decoder.inspect(photos[seed]).width

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count = len(decoder_children())
    decoder.close()
    assert widths == {seed: 200 + seed for seed in range(8)}
    assert count <= 2
    assert decoder_children() == []


def test_a_forked_process_gets_a_child_of_its_own(decoder: Decoder) -> None:
    data = make_photo(1, size=SMALL)
    decoder.inspect(data)
    before = decoder_children()
    pid = os.fork()
    if pid == 0:
        ok = decoder.inspect(data).width == 320 and decoder_children() != before
        decoder.close()
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert decoder.inspect(data).width == 320
    assert decoder_children() == before


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    script = (
        "import sys, time\n"
        "from app.clients.decoder import Decoder\n"
        "from pathlib import Path\n"
        "decoder = Decoder()\n"
        "decoder.inspect(sys.stdin.buffer.read())\n"
        "print(*Path('/proc/self/task').glob('*/children').__next__().read_text().split())\n"
        "sys.stdout.flush()\n"
        "time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script]
    with subprocess.Popen(  # noqa: S603 words of this test
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as parent:
        assert parent.stdin
        assert parent.stdout
        parent.stdin.write(make_photo(1, size=SMALL))
        parent.stdin.close()
        child = int(parent.stdout.readline())
        handle = os.pidfd_open(child)
        parent.kill()
    try:
        ended, _, _ = select.select([handle], [], [], 20)
    finally:
        os.close(handle)
    assert ended == [handle], "the child outlived its parent"


def test_the_web_worker_never_loads_pillow_and_the_child_never_flask() -> None:
    for module, forbidden in (
        ("app.clients.decoder", "PIL"),
        ("app.clients.decoder_child", "flask"),
    ):
        script = f"import sys, {module}; sys.exit({forbidden!r} in sys.modules)"
        root = Path(__file__).parents[2]
        command = [sys.executable, "-c", script]
        assert subprocess.run(command, cwd=root, check=False).returncode == 0  # noqa: S603


def test_the_child_sees_no_secret(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    decoder.inspect(make_photo(1, size=SMALL))
    (child,) = decoder_children()
    assert b"secret" not in Path(f"/proc/{child}/environ").read_bytes()


def damaged(data: bytes, random: Random) -> bytes:
    """Bytes changed, cut out, doubled or appended, mostly near the front, where headers are."""
    broken = bytearray(data)
    reach = random.choice((64, 1024, len(broken)))
    for _ in range(random.choice((1, 3, 30))):
        at = random.randrange(min(reach, len(broken)))
        match random.randrange(4):
            case 0:
                broken[at] = random.randrange(256)
            case 1:
                broken[at : at + 4] = random.choice((b"\xff\xff\xff\xff", b"\0\0\0\0"))
            case 2:
                del broken[at : at + random.randrange(1, 40)]
            case 3:
                broken[at:at] = broken[at : at + random.randrange(1, 40)]
        if not broken:
            return b""
    return bytes(broken)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_damaged_pictures_give_facts_or_a_refusal(decoder: Decoder, format_: str) -> None:
    random = Random(f"damage {format_}")  # noqa: S311 repeatable, nothing secret
    good = make_photo(
        1,
        taken_at=datetime.now().astimezone(),
        location=(112.57, 26.9),
        size=(120, 90),
        format=format_,
    )
    refused = 0
    for _ in range(ROUNDS):
        data = damaged(good, random)
        try:
            facts = decoder.inspect(data)
        except ImageRefused:
            refused += 1
        else:
            assert facts.width * facts.height <= 50_000_000
    assert refused
    assert decoder.inspect(good).location
