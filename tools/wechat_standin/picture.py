"""A picture that looks like a mini program's code, and says that it is none."""

import io
from random import Random

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

_RINGS = range(8, 20)
_RAYS = 72
_CORNERS = ((0.16, 0.16), (0.84, 0.16), (0.16, 0.84))


def place_code(scene: str, width: int) -> bytes:
    """JPEG of `width` pixels square: rays of dots that the scene decides, around 演示."""
    image = Image.new("RGB", (width, width), "white")
    draw, random, middle = ImageDraw.Draw(image), Random(scene), width / 2
    corners = [complex(x, y) * width for x, y in _CORNERS]
    for ring in _RINGS:
        for ray in range(_RAYS):
            at = complex(middle, middle) + middle * ring / 21 * complex(0, 1) ** (ray / 18)
            free = all(abs(at - corner) > width * 0.12 for corner in corners)
            if random.random() < 0.6 and free:
                _disc(draw, at, width / 130, "black")
    for corner in corners:
        for part, colour in ((0.085, "black"), (0.055, "white"), (0.03, "black")):
            _disc(draw, corner, width * part, colour)
    font = ImageFont.truetype(sans_path(), width / 9)
    draw.text((middle, middle), "演示", fill="black", anchor="mm", font=font)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=90)
    return data.getvalue()


def _disc(draw: ImageDraw.ImageDraw, at: complex, radius: float, colour: str) -> None:
    x, y = at.real, at.imag
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
