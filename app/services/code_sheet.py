"""Sheets of place codes: A4 pages to print and cut apart, each label complete by itself."""

import io
import secrets
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex
from PIL import Image, ImageDraw, ImageFont, ImageOps
from pylopdf_fonts_zh_cn import sans_path

from models.errors import InvalidInput

DPI = 300
ACROSS, DOWN = 3, 4
PER_PAGE = ACROSS * DOWN
HEADING = "扫码上报 · 随手拍"
TITLE = "随手拍地点码"
"""Of the PDF document."""


def _px(mm: float) -> int:
    return round(mm * DPI / 25.4)


_PAGE = (_px(210), _px(297))
_MARGIN = _px(8)
_CELL = ((_PAGE[0] - 2 * _MARGIN) // ACROSS, (_PAGE[1] - 2 * _MARGIN) // DOWN)
_TEXT_WIDTH = _CELL[0] - 2 * _px(4)
_BAND = (_px(3.2), _px(10.4))
_CODE_TOP, _CODE_SIDE = _px(11.9), _px(39)
_NAME_MIDDLE, _NAME_LINE = _px(57.2), 1.25
_NAME_SIZES = range(_px(4.5), _px(2.9), -2)
_NUMBER_MIDDLE = _px(65.6)
_NUMBER_SIZES = range(_px(2.8), _px(1.6), -1)
_WHITE, _INK, _GREY, _GREEN, _LINE = "#ffffff", "#111111", "#555555", "#0b5d3b", "#b0b0b0"
_DASH = (_px(1.6), _px(1.2))

_TOKENS = regex.compile(
    r"[（《〈「『【“‘(\[]*"
    r"(?:[A-Za-z0-9]+[号楼栋座层室路街]*|社区|小区|街道|路口|广场|公园|中心|号楼|\X)"
    r"[，。、；：！？）》〉」』】”’…,.;:!?)\]]*\s*"
)
"""What stays on one line: words that places end in, numbers, and punctuation with its word."""
_DECODING_FAULTS = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A place and its code: `image` are the bytes of a square picture, JPEG or PNG."""

    name: str
    code: str
    image: bytes


def find_font() -> Path:
    """The font of sheets that are given none: Noto Sans SC, installed with the project."""
    return sans_path()


def check(path: Path, font: Path | None = None) -> None:
    """Whether `write` could write there with that font, before the codes are fetched.

    Raises:
        InvalidInput: a file name without .pdf or .png, no such folder, no font.
    """
    if path.suffix.lower() not in (".pdf", ".png"):
        raise InvalidInput.at("/file", f"文件名应以 .pdf 或 .png 结尾：{path.name}")
    if not path.absolute().parent.is_dir():
        raise InvalidInput.at("/file", f"没有这个文件夹：{path.absolute().parent}")
    _Face(font or find_font())


def write(labelled: Sequence[Labelled], path: Path, font: Path | None = None) -> list[Path]:
    """Writes the sheet and returns its files: one PDF, or a PNG for each page, `name-1.png` and
    so on where there are several. They appear when all are complete.

    Raises:
        InvalidInput: as `check` and `pages` say; nothing to print; the file cannot be written.
    """
    check(path, font)
    if not labelled:
        raise InvalidInput.at("/codes", "没有可打印的地点码")
    drawn = pages(labelled, font)
    bound = path.suffix.lower() == ".pdf"
    count = 1 if bound else -(-len(labelled) // PER_PAGE)
    names = [f"{path.stem}-{number}{path.suffix}" for number in range(1, count + 1)]
    targets = [path.with_name(name) for name in names] if count > 1 else [path]
    parts = [path.with_name(f".{secrets.token_hex(8)}.part") for _ in targets]
    try:
        if bound:
            _write_pdf(drawn, parts[0])
        else:
            for page, part in zip(drawn, parts, strict=True):
                page.save(part, "PNG", dpi=(DPI, DPI))
        for part, target in zip(parts, targets, strict=True):
            part.replace(target)
    except OSError as error:
        raise InvalidInput.at("/file", f"无法写入 {path}：{error.strerror or error}") from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return targets


def _write_pdf(drawn: Iterator[Image.Image], path: Path) -> None:
    """Page by page: given all at once, Pillow would hold all in memory before it writes one."""
    how: dict[str, Any] = {"resolution": DPI, "quality": 92, "subsampling": 0}
    for number, page in enumerate(drawn):
        page.save(path, "PDF", **how, **({"append": True} if number else {"title": TITLE}))


def pages(labelled: Sequence[Labelled], font: Path | None = None) -> Iterator[Image.Image]:
    """RGB pages of A4 at DPI with up to PER_PAGE labels, each drawn when it is asked for.

    Raises:
        InvalidInput: the font cannot be used; while drawing, the picture of a place cannot.
    """
    face = _Face(font or find_font())
    starts = range(0, len(labelled), PER_PAGE)
    return (_page(labelled[start : start + PER_PAGE], face) for start in starts)


class _Face:
    """A font file at any size in pixels; of a collection, the face for simplified Chinese."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index = 0
        self._sizes: dict[int, ImageFont.FreeTypeFont] = {}
        try:
            self.at(10)
        except OSError as error:
            message = f"不能使用字体 {path}，请用 --font 指定中文字体文件（.ttf、.otf 或 .ttc）"
            raise InvalidInput.at("/font", message) from error
        self._index = self._simplified()
        self._sizes.clear()

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        if size not in self._sizes:
            self._sizes[size] = self._load(size, self._index)
        return self._sizes[size]

    def _load(self, size: int, index: int) -> ImageFont.FreeTypeFont:
        layout = ImageFont.Layout.BASIC
        return ImageFont.truetype(self._path, size, index=index, layout_engine=layout)

    def _simplified(self) -> int:
        for index in range(100):
            try:
                family = self._load(10, index).getname()[0] or ""
            except OSError:
                break
            if "SC" in family.split():
                return index
        return 0


def _page(labelled: Sequence[Labelled], face: _Face) -> Image.Image:
    page = Image.new("RGB", _PAGE, _WHITE)
    draw = ImageDraw.Draw(page)
    for place, one in enumerate(labelled):
        row, column = divmod(place, ACROSS)
        left, top = _MARGIN + column * _CELL[0], _MARGIN + row * _CELL[1]
        _cutting_lines(draw, left, top)
        _label(page, draw, face, one, left, top)
    return page


def _cutting_lines(draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    right, bottom = left + _CELL[0], top + _CELL[1]
    dash, gap = _DASH
    for x in range(left, right, dash + gap):
        for y in (top, bottom):
            draw.line((x, y, min(x + dash, right), y), _LINE, 2)
    for y in range(top, bottom, dash + gap):
        for x in (left, right):
            draw.line((x, y, x, min(y + dash, bottom)), _LINE, 2)


def _label(
    page: Image.Image, draw: ImageDraw.ImageDraw, face: _Face, one: Labelled, left: int, top: int
) -> None:
    middle = left + _CELL[0] // 2
    band = (middle - _TEXT_WIDTH // 2, top + _BAND[0], middle + _TEXT_WIDTH // 2, top + _BAND[1])
    draw.rounded_rectangle(band, _px(1.5), _GREEN)
    heading = face.at(_px(4.4))
    where = (middle, top + sum(_BAND) // 2)
    draw.text(where, HEADING, _WHITE, heading, anchor="mm", stroke_width=1)
    picture = _picture(one)
    across = (_CODE_SIDE - picture.width) // 2, (_CODE_SIDE - picture.height) // 2
    page.paste(picture, (middle - _CODE_SIDE // 2 + across[0], top + _CODE_TOP + across[1]))
    font, lines = _name(face, one.name)
    height = font.size * _NAME_LINE
    for number, line in enumerate(lines):
        y = top + _NAME_MIDDLE + (number - (len(lines) - 1) / 2) * height
        draw.text((middle, y), line, _INK, font, anchor="mm", stroke_width=1, stroke_fill=_INK)
    written = f"编号 {one.code}"
    sized = (face.at(size) for size in _NUMBER_SIZES)
    small = next((f for f in sized if f.getlength(written) <= _TEXT_WIDTH), None)
    small = small or face.at(_NUMBER_SIZES[-1])
    draw.text((middle, top + _NUMBER_MIDDLE), written, _GREY, small, anchor="mm")


def _picture(one: Labelled) -> Image.Image:
    try:
        with Image.open(io.BytesIO(one.image), formats=("JPEG", "PNG")) as image:
            image.load()
            if image.has_transparency_data:
                white = Image.new("RGBA", image.size, _WHITE)
                solid = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
            else:
                solid = image.convert("RGB")
    except _DECODING_FAULTS as error:
        message = f"地点“{one.name}”（{one.code}）的小程序码不是可用的图片"
        raise InvalidInput.at("/image", message) from error
    return ImageOps.contain(solid, (_CODE_SIDE, _CODE_SIDE), Image.Resampling.LANCZOS)


def _name(face: _Face, name: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """One line or two of about the same length, as large as they fit; at the smallest, cut."""
    text = " ".join(name.split())
    tokens = _TOKENS.findall(text)
    for size in _NAME_SIZES:
        font = face.at(size)
        if font.getlength(text) <= _TEXT_WIDTH:
            return font, [text]
        lines = _halves(font, tokens)
        if lines is not None:
            return font, lines
    font = face.at(_NAME_SIZES[-1])
    first = _filled(font, text, "")
    return font, [first.rstrip(), _filled(font, text[len(first) :].lstrip(), "…")]


def _halves(font: ImageFont.FreeTypeFont, tokens: Sequence[str]) -> list[str] | None:
    if font.getlength("".join(tokens)) > 2 * _TEXT_WIDTH:
        return None
    found: list[tuple[float, int, list[str]]] = []
    for count in range(1, len(tokens)):
        lines = ["".join(tokens[:count]).rstrip(), "".join(tokens[count:])]
        first, second = (font.getlength(line) for line in lines)
        if max(first, second) <= _TEXT_WIDTH:
            found.append((abs(first - second), -count, lines))
    return min(found)[2] if found else None


def _filled(font: ImageFont.FreeTypeFont, text: str, mark: str) -> str:
    """As much of the text as one line takes; with the mark where something is missing."""
    if font.getlength(text) <= _TEXT_WIDTH:
        return text
    kept = ""
    for cluster in regex.findall(r"\X", text):
        if font.getlength(kept + cluster + mark) > _TEXT_WIDTH:
            break
        kept += cluster
    return kept.rstrip() + mark if mark else kept
