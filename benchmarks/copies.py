"""How well copies are told from second shots: `python -m benchmarks.copies [SCENES]`.

Draws that many places, makes copies and second shots of each, and prints what the look-up finds and
what the check says. The pictures are made ones; real streets have more detail and fewer straight
edges, so that the figures compare methods and do not promise a rate.
"""

import io
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageEnhance

from models.copy_check import is_copy
from models.image import inspect
from models.likeness import BANDS, COPY_DISTANCE, band_probes, bands, hamming, likeness, probes
from tools.pictures import Stage, draw

SIZE = (1200, 900)
Edit = Callable[[Image.Image, Random], Image.Image]


class Trial(NamedTuple):
    """One upload beside the stored photo: was it found by the hash, was it judged a copy?"""

    kind: str
    copy: bool
    found_plainly: bool
    found: bool
    judged: bool


def crop(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Cut off these parts of the width and height."""
    width, height = image.size
    box = (width * left, height * top, width * (1 - right), height * (1 - bottom))
    return image.crop(tuple(round(edge) for edge in box))  # type: ignore[arg-type]


def stamp(image: Image.Image, random: Random) -> Image.Image:
    """Write a date into a corner, on a band or without."""
    image = image.copy()
    pen, (width, height) = ImageDraw.Draw(image), image.size
    across, down = int(width * random.uniform(0.25, 0.5)), int(height * random.uniform(0.05, 0.12))
    x, y = random.choice((0, width - across)), random.choice((0, height - down))
    if random.random() < 0.5:
        pen.rectangle((x, y, x + across, y + down), fill=random.choice(("black", "white")))
    ink = random.choice(("red", "white", "yellow"))
    pen.text((x + 10, y + down * 0.2), "2026-05-01 12:30", fill=ink, font_size=down * 0.6)
    return image


def resized(factor: float) -> Edit:
    """Both sides times `factor`."""
    return lambda image, _: image.resize(
        (round(image.width * factor), round(image.height * factor))
    )


def all_at_once(image: Image.Image, random: Random) -> Image.Image:
    """Cropped, brightened or darkened, stamped and halved."""
    image = crop(image, *(random.uniform(0, 0.06) for _ in range(4)))
    image = ImageEnhance.Brightness(image).enhance(random.uniform(0.75, 1.25))
    return resized(0.5)(stamp(image, random), random)


EDITS: dict[str, tuple[Edit, int]] = {
    "quality 30": (lambda image, _: image, 30),
    "quality 60": (lambda image, _: image, 60),
    "quality 90": (lambda image, _: image, 90),
    "size 50 %": (resized(0.5), 80),
    "size 25 %": (resized(0.25), 80),
    "to 1600 px": (resized(1600 / 1200), 80),
    "crop 2 %": (lambda image, _: crop(image, 0.02, 0.02, 0.02, 0.02), 85),
    "crop 4 %": (lambda image, _: crop(image, 0.04, 0.04, 0.04, 0.04), 85),
    "crop 6 %": (lambda image, _: crop(image, 0.06, 0.06, 0.06, 0.06), 85),
    "crop 2-6 % a side": (
        lambda image, random: crop(image, *(random.uniform(0.02, 0.06) for _ in range(4))),
        85,
    ),
    "crop one side": (
        lambda image, random: crop(image, *random.sample((random.uniform(0.02, 0.06), 0, 0, 0), 4)),
        85,
    ),
    "darker": (lambda image, _: ImageEnhance.Brightness(image).enhance(0.75), 85),
    "brighter": (lambda image, _: ImageEnhance.Brightness(image).enhance(1.25), 85),
    "contrast -25 %": (lambda image, _: ImageEnhance.Contrast(image).enhance(0.75), 85),
    "contrast +25 %": (lambda image, _: ImageEnhance.Contrast(image).enhance(1.25), 85),
    "stamped": (stamp, 85),
    "all at once": (all_at_once, 60),
}


def trials(scene: int) -> tuple[bytes, list[Trial]]:
    """The stored photo's sketch, and the trials of one place."""
    random = Random(scene)
    original = _shot(1, scene, "before")
    stored = _sketch(original, 88)
    uploads = [
        (kind, True, _sketch(edit(original, random), quality))
        for kind, (edit, quality) in EDITS.items()
    ]
    for kind, seed, stage in (("after", 2, "after"), ("before again", 3, "before")):
        uploads.append((kind, False, _sketch(_shot(seed, scene, stage), 85)))  # type: ignore[arg-type]
    uploads.append(("elsewhere", False, _sketch(_shot(1, -scene - 1, "before"), 85)))
    return stored, [_trial(kind, copy, upload, stored) for kind, copy, upload in uploads]


def _trial(kind: str, copy: bool, upload: bytes, stored: bytes) -> Trial:
    value = likeness(stored)
    plain = hamming(likeness(upload), value) <= COPY_DISTANCE
    found = any(hamming(probe, value) <= COPY_DISTANCE for probe in probes(upload))
    return Trial(kind, copy, plain, found, is_copy(upload, stored))


def _shot(seed: int, scene: int, stage: Stage) -> Image.Image:
    return draw(seed, scene=scene, stage=stage, size=SIZE)


def _sketch(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return inspect(out.getvalue()).sketch


def main(scenes: int = 200) -> None:
    """Print the figures."""
    with ProcessPoolExecutor(2) as pool:
        sketches, results = zip(*pool.map(trials, range(scenes)), strict=True)
    rows = list(chain.from_iterable(results))
    print(f"{scenes} scenes; share of uploads, %")
    print(f"{'':20}{'hash alone':>12}{'with probes':>12}{'judged copy':>12}{'both':>8}")
    groups = [(kind, [row for row in rows if row.kind == kind]) for kind in _kinds(rows)]
    groups.append(("ALL COPIES", [row for row in rows if row.copy]))
    for kind, group in groups:
        shares = (
            _share(row.found_plainly for row in group),
            _share(row.found for row in group),
            _share(row.judged for row in group),
            _share(row.found and row.judged for row in group),
        )
        print(f"{kind:20}{shares[0]:12.1f}{shares[1]:12.1f}{shares[2]:12.1f}{shares[3]:8.1f}")
    _print_index(sketches)


def _print_index(sketches: tuple[bytes, ...]) -> None:
    """How much of a table of other places a look-up would touch, before distances are counted."""
    stored = [bands(likeness(sketch)) for sketch in sketches]
    alone = [[set(column) for column in band_probes([likeness(sketch)])] for sketch in sketches]
    cropped = [[set(column) for column in band_probes(probes(sketch))] for sketch in sketches]
    for name, wanted in (("the hash alone", alone), ("all probes", cropped)):
        values = sum(len(column) for columns in wanted for column in columns) / len(sketches)
        touched = _share(
            any(band in column for band, column in zip(row, columns, strict=True))
            for i, columns in enumerate(wanted)
            for j, row in enumerate(stored)
            if i != j
        )
        even = 100 * (1 - (1 - values / BANDS / 2**16) ** BANDS)
        print(
            f"{name}: {values:.0f} band values; they touch {touched:.2f} % of the other places "
            f"({even:.2f} % were all values as frequent)"
        )


def _kinds(rows: list[Trial]) -> Iterator[str]:
    return iter(dict.fromkeys(row.kind for row in rows))


def _share(flags: Iterator[bool]) -> float:
    values = list(flags)
    return 100 * sum(values) / len(values)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
