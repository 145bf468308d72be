"""What a photo costs to decode: `python -m benchmarks.renditions`.

Prints the CPU time of the child process and the most memory that it held, for an inspection and a
rendering of pictures of 12 and of about 50 megapixels.
"""

import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from app.clients.decoder import Decoder
from models.photo_facts import ImageRefused
from tools.pictures import draw

ROUNDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures."""
    small = draw(1, scene=1, stage="before", size=(4000, 3000))
    large = small.resize((8160, 6120))
    print(f"{'':22}{'MB':>6}{'':10}{'CPU ms':>8}{'wall ms':>9}{'peak MB':>9}")
    for name, image, format_, options in (
        ("12 MP JPEG", small, "JPEG", {"quality": 88}),
        ("12 MP HEIC", small, "HEIF", {"quality": 60}),
        ("50 MP JPEG", large, "JPEG", {"quality": 88}),
        ("50 MP progressive", large, "JPEG", {"quality": 88, "progressive": True}),
        ("50 MP PNG", large, "PNG", {"compress_level": 1}),
        ("50 MP PNG with alpha", large.convert("RGBA"), "PNG", {"compress_level": 1}),
        ("50 MP WebP", large, "WEBP", {"quality": 60, "method": 0}),
    ):
        measure(name, encoded(image, format_, options))


def encoded(image: Image.Image, format_: str, options: dict[str, Any]) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def measure(name: str, data: bytes) -> None:
    """Print two lines, one for each operation."""
    for operation in ("inspect", "render"):
        decoder = Decoder()
        call: Callable[[bytes], object] = getattr(decoder, operation)
        try:
            call(data)
            child = _child()
            cpu, wall = _cpu_seconds(child), time.perf_counter()
            for _ in range(ROUNDS):
                call(data)
            cpu, wall = _cpu_seconds(child) - cpu, time.perf_counter() - wall
            figures = f"{cpu / ROUNDS * 1e3:8.0f}{wall / ROUNDS * 1e3:9.0f}{_peak_mb(child):9.0f}"
        except ImageRefused as refusal:
            figures = f"  {refusal.code}"
        finally:
            decoder.close()
        print(f"{name:22}{len(data) / 1e6:6.1f}  {operation:8}{figures}")


def _child() -> int:
    tasks = Path("/proc/self/task").glob("*/children")
    return next(int(pid) for task in tasks for pid in task.read_text().split())


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main()
