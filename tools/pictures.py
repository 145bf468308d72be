"""Made photos of a street: the demo, the seed data, the tests and the benchmarks share them.

A picture is drawn, not photographed: a sky, house fronts, trees, a pavement and a road that depend
on `scene` alone; the camera's place, the light, passers-by, cars and sensor noise that depend on
`seed`; and a heap of rubbish that is there before and gone after. The same arguments always give
the same picture.
"""

import io
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Literal, cast

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, ImageEnhance

pillow_heif.register_heif_opener()

Colour = tuple[int, int, int]
Stage = Literal["before", "after"]

_WIDTH, _HEIGHT = 960, 720  # what is drawn; the camera then takes its frame out of it
_MARGIN = 0.04  # of each side, for the camera to move in
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_UNTURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def make_photo(
    seed: int,
    *,
    scene: int | str | None = None,
    stage: Stage = "before",
    taken_at: datetime | None = None,
    location: tuple[float, float] | None = None,
    accuracy: float | None = None,
    orientation: int = 1,
    size: tuple[int, int] = (1200, 900),
    format: str = "JPEG",  # noqa: A002 the name that Pillow uses
    quality: int = 88,
) -> bytes:
    """The bytes of one shot, with EXIF as a phone writes it.

    `scene` names the place (left out: a place of its own); `stage` says whether the rubbish is
    still there; `location` is (longitude, latitude) in WGS-84 and `accuracy` its error in metres;
    a `taken_at` with a time zone also writes the offset; `orientation` is the EXIF value 1 to 8 of
    the way the phone was held; `size` is what a viewer sees, upright, in pixels; `format` one of
    JPEG, PNG, WEBP, HEIF.
    """
    image = draw(seed, scene=seed if scene is None else scene, stage=stage, size=size)
    if orientation in _UNTURN:
        image = image.transpose(_UNTURN[orientation])
    exif = _exif(taken_at, location, accuracy, orientation)
    out = io.BytesIO()
    image.save(out, format, quality=quality, exif=exif.tobytes())
    return out.getvalue()


def draw(seed: int, *, scene: int | str, stage: Stage, size: tuple[int, int]) -> Image.Image:
    """The shot itself, upright, RGB, of `size` pixels."""
    place, moment = Random(f"scene {scene}"), Random(f"shot {scene} {seed}")
    canvas = _textured(_background(place), place)
    if stage == "before":
        _rubbish(ImageDraw.Draw(canvas), place)
    _passers(ImageDraw.Draw(canvas), moment)
    return _grain(_light(_frame(canvas, moment, stage, size), moment), moment)


def _background(place: Random) -> Image.Image:
    canvas = Image.new("RGB", (_WIDTH, _HEIGHT), _tint(place, (150, 185, 215), 30))
    pen = ImageDraw.Draw(canvas)
    horizon = int(_HEIGHT * place.uniform(0.35, 0.6))
    _sky(pen, horizon, place)
    x = -place.randrange(80)
    while x < _WIDTH:
        width = place.randrange(90, 320)
        _house(
            pen, (x, horizon - place.randrange(60, horizon + 60), x + width, horizon + 40), place
        )
        x += width + place.choice((0, 0, place.randrange(60)))
    _ground(pen, horizon, place)
    for _ in range(place.randrange(5)):
        _tree(pen, place.randrange(_WIDTH), horizon + place.randrange(10, 120), place)
    for _ in range(place.randrange(1, 5)):
        _post(pen, place.randrange(_WIDTH), horizon + place.randrange(20, 160), place)
    return canvas


def _sky(pen: ImageDraw.ImageDraw, horizon: int, place: Random) -> None:
    top, low = _tint(place, (110, 150, 200), 40), _tint(place, (200, 210, 220), 30)
    for y in range(horizon):
        part = y / horizon
        colour = tuple(int(a + (b - a) * part) for a, b in zip(top, low, strict=True))
        pen.line([(0, y), (_WIDTH, y)], fill=cast("Colour", colour))


def _house(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], place: Random) -> None:
    left, top, right, bottom = box
    wall = _tint(place, (165, 150, 135), 60)
    pen.rectangle(box, fill=wall)
    pane = _tint(place, (70, 80, 95), 40)
    step_x, step_y = place.randrange(24, 60), place.randrange(32, 70)
    for x in range(left + 10, right - step_x // 2, step_x):
        for y in range(top + 12, bottom - step_y // 2, step_y):
            shade = _tint(place, pane, 18)
            pen.rectangle((x, y, x + step_x * 0.6, y + step_y * 0.55), fill=shade)
    sign = _tint(place, (150, 60, 50), 90)
    y = bottom - place.randrange(60, 110)
    pen.rectangle((left + 4, y, max(right - 4, left + 5), y + place.randrange(16, 36)), fill=sign)


def _ground(pen: ImageDraw.ImageDraw, horizon: int, place: Random) -> None:
    kerb = horizon + place.randrange(60, 160)
    pen.rectangle((0, horizon + 20, _WIDTH, kerb), fill=_tint(place, (160, 155, 148), 35))
    pen.rectangle((0, kerb, _WIDTH, _HEIGHT), fill=_tint(place, (95, 96, 100), 30))
    pen.line([(0, kerb), (_WIDTH, kerb)], fill=(190, 190, 185), width=5)
    vanish = place.randrange(-200, _WIDTH + 200)
    for _ in range(place.randrange(2, 6)):
        foot = place.randrange(-_WIDTH // 2, _WIDTH * 3 // 2)
        pen.line([(vanish, kerb), (foot, _HEIGHT)], fill=(205, 203, 190), width=9)


def _tree(pen: ImageDraw.ImageDraw, x: int, foot: int, place: Random) -> None:
    height = place.randrange(120, 320)
    pen.rectangle((x - 7, foot - height, x + 7, foot), fill=_tint(place, (85, 65, 50), 15))
    green = _tint(place, (65, 100, 55), 30)
    for _ in range(place.randrange(12, 30)):
        cx, cy = x + place.gauss(0, 45), foot - height + place.gauss(0, 40)
        radius = place.uniform(14, 44)
        box = (cx - radius, cy - radius, cx + radius, cy + radius)
        pen.ellipse(box, fill=_tint(place, green, 22))


def _post(pen: ImageDraw.ImageDraw, x: int, foot: int, place: Random) -> None:
    height, colour = place.randrange(60, 340), _tint(place, (110, 110, 115), 60)
    pen.rectangle((x - 4, foot - height, x + 4, foot), fill=colour)
    if place.random() < 0.7:
        width = place.randrange(20, 90)
        box = (x - width // 2, foot - height, x + width // 2, foot - height + width // 2)
        pen.rectangle(box, fill=_tint(place, (60, 90, 160), 80))


def _rubbish(pen: ImageDraw.ImageDraw, place: Random) -> None:
    x, y = place.uniform(0.25, 0.75) * _WIDTH, place.uniform(0.72, 0.88) * _HEIGHT
    for _ in range(place.randrange(10, 26)):
        cx, cy, half = x + place.gauss(0, 45), y + place.gauss(0, 22), place.uniform(8, 28)
        shape: Callable[..., None] = place.choice((pen.ellipse, pen.rectangle))
        box = (cx - half, cy - half * 0.7, cx + half, cy + half * 0.7)
        shape(box, fill=_tint(place, (120, 115, 110), 100), outline=(40, 40, 40))


def _passers(pen: ImageDraw.ImageDraw, moment: Random) -> None:
    for _ in range(moment.randrange(4)):
        x, foot = moment.randrange(_WIDTH), moment.uniform(0.62, 0.95) * _HEIGHT
        height = 60 + (foot - 0.6 * _HEIGHT) * 0.9
        coat = _tint(moment, (90, 80, 90), 80)
        body = (x - height * 0.13, foot - height * 0.85, x + height * 0.13, foot)
        pen.rectangle(body, fill=coat)
        head = (x - height * 0.08, foot - height, x + height * 0.08, foot - height * 0.84)
        pen.ellipse(head, fill=(190, 150, 125))
    for _ in range(moment.randrange(3)):
        x, y = moment.randrange(_WIDTH), moment.uniform(0.66, 0.9) * _HEIGHT
        length = moment.uniform(120, 240)
        paint = _tint(moment, (140, 140, 145), 110)
        pen.rounded_rectangle((x, y - length * 0.25, x + length, y), 14, fill=paint)
        roof = (x + length * 0.2, y - length * 0.42, x + length * 0.8, y - length * 0.22)
        pen.rounded_rectangle(roof, 12, fill=_tint(moment, (60, 70, 80), 20))
        for wheel in (0.2, 0.8):
            cx, radius = x + length * wheel, length * 0.09
            pen.ellipse((cx - radius, y - radius, cx + radius, y + radius), fill=(25, 25, 28))


def _textured(canvas: Image.Image, place: Random) -> Image.Image:
    """The canvas under blotches of every size: walls, leaves and tarmac are never of one colour."""
    numbers = np.random.default_rng(place.getrandbits(32))
    factor = np.ones((_HEIGHT, _WIDTH))
    for cells, strength in ((4, 0.14), (12, 0.10), (40, 0.08), (160, 0.06)):
        small = numbers.normal(0, strength, (cells * 3 // 4, cells)).astype(np.float32)
        factor += np.asarray(
            Image.fromarray(small).resize((_WIDTH, _HEIGHT), Image.Resampling.BICUBIC)
        )
    pixels = np.asarray(canvas) * factor[:, :, None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _frame(canvas: Image.Image, moment: Random, stage: Stage, size: tuple[int, int]) -> Image.Image:
    """What the camera sees: who comes back for the second stage stands 1 to 3 % further on."""
    across, down, turn = (moment.choice((-1, 1)) * moment.uniform(0.005, 0.015) for _ in range(3))
    across = abs(across) if stage == "before" else -abs(across)
    turned = canvas.rotate(turn * 60, Image.Resampling.BICUBIC)
    left, top = (_MARGIN + across) * _WIDTH, (_MARGIN + down) * _HEIGHT
    box = (left, top, left + (1 - 2 * _MARGIN) * _WIDTH, top + (1 - 2 * _MARGIN) * _HEIGHT)
    return turned.resize(size, Image.Resampling.BICUBIC, box=box)


def _light(image: Image.Image, moment: Random) -> Image.Image:
    image = ImageEnhance.Brightness(image).enhance(moment.uniform(0.8, 1.15))
    image = ImageEnhance.Contrast(image).enhance(moment.uniform(0.85, 1.15))
    return ImageEnhance.Color(image).enhance(moment.uniform(0.8, 1.15))


def _grain(image: Image.Image, moment: Random) -> Image.Image:
    numbers = np.random.default_rng(moment.getrandbits(32))
    noise = numbers.standard_normal((image.height, image.width), dtype=np.float32) * 5
    pixels = np.asarray(image) + noise[:, :, None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _tint(source: Random, colour: Colour, spread: int) -> Colour:
    light = source.randint(-spread, spread)
    red, green, blue = (
        min(255, max(0, part + light + source.randint(-spread // 3, spread // 3)))
        for part in colour
    )
    return red, green, blue


def _exif(
    taken_at: datetime | None,
    location: tuple[float, float] | None,
    accuracy: float | None,
    orientation: int,
) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Suishoupai", orientation
    if taken_at:
        details = exif.get_ifd(_EXIF_IFD)
        details[0x9003] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
        if taken_at.tzinfo:
            details[0x9011] = taken_at.isoformat()[-6:]
    if location:
        longitude, latitude = location
        place = exif.get_ifd(_GPS_IFD)
        place[1], place[2] = "N" if latitude >= 0 else "S", _degrees(latitude)
        place[3], place[4] = "E" if longitude >= 0 else "W", _degrees(longitude)
        if accuracy is not None:
            place[31] = accuracy
    return exif


def _degrees(angle: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(abs(angle) * 3600, 60)
    degrees, minutes = divmod(minutes, 60)
    return degrees, minutes, seconds
