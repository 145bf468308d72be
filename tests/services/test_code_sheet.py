"""Sheets of place codes: complete labels, one page at a time, no half files."""

import io
import resource
import struct
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFont, PdfParser
from pylopdf_fonts_zh_cn import serif_path

from app.services import code_sheet
from app.services.code_sheet import Labelled, check, find_font, pages, write
from models.errors import InvalidInput

A4 = (2480, 3508)
RED, BLUE = "#ff0000", "#0000ff"
LONG = "江南街道滨江社区滨江花园小区北侧垃圾分类投放站"
SAME_WIDTH = {"，": "。", "小区": "街道", "1": "7", "e ": "c ", "C": "G", "（": "【"}
Draw = Callable[[Sequence[Labelled], Path | None], Iterator[Image.Image]]


def picture(colour: str = RED, size: tuple[int, int] = (60, 60), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def labels(count: int, colour: str = RED) -> list[Labelled]:
    return [Labelled(f"第{n}号岗亭", f"box-{n}", picture(colour)) for n in range(count)]


def drawn(name: str = "幸福里", code: str = "x7k2", font: Path | None = None) -> Image.Image:
    return next(pages([Labelled(name, code, picture())], font))


def differing(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one, other).getbbox()


def of_colour(page: Image.Image, colour: str) -> tuple[int, int, int, int]:
    """Where pixels of nearly that colour are: left, top, right, bottom."""
    away = ImageChops.difference(page, Image.new("RGB", page.size, colour)).convert("L")
    box = away.point([255] * 12 + [0] * 244).getbbox()
    assert box is not None
    return box


def collection(*fonts: bytes) -> bytes:
    """A TrueType collection: the fonts one after the other, their tables' offsets shifted."""
    begin = 12 + 4 * len(fonts)
    head, body = struct.pack(">4sHHI", b"ttcf", 1, 0, len(fonts)), b""
    for font in fonts:
        at = begin + len(body)
        whole = bytearray(font)
        for table in range(struct.unpack_from(">H", font, 4)[0]):
            (offset,) = struct.unpack_from(">I", font, 12 + 16 * table + 8)
            struct.pack_into(">I", whole, 12 + 16 * table + 8, offset + at)
        head += struct.pack(">I", at)
        body += whole + bytes(-len(whole) % 4)
    return head + body


def refused(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        act()
    return caught.value.faults[0].pointer, caught.value.detail


@pytest.mark.parametrize(("count", "sheets"), [(1, 1), (12, 1), (13, 2), (25, 3)])
def test_twelve_labels_fill_a_page_of_a4(count: int, sheets: int) -> None:
    found = list(pages(labels(count)))
    assert [(page.size, page.mode) for page in found] == [(A4, "RGB")] * sheets


def test_every_place_of_the_grid_has_its_own_picture() -> None:
    colours = [f"#{60 + 16 * n:02x}00{240 - 16 * n:02x}" for n in range(12)]
    page = next(pages([Labelled("岗亭", "x", picture(colour)) for colour in colours]))
    for n, colour in enumerate(colours):
        row, column = divmod(n, 3)
        left, top = column * A4[0] / 3, row * A4[1] / 4
        cell = page.crop((int(left), int(top), int(left + A4[0] / 3), int(top + A4[1] / 4)))
        box = of_colour(cell, colour)
        assert box[2] - box[0] == box[3] - box[1] >= 36 / 25.4 * 300


def test_a_label_lies_within_its_cutting_lines() -> None:
    page = drawn("汉" * 100, "m" * 32)
    away = ImageChops.invert(page).getbbox()
    assert away is not None
    left, top, right, bottom = away
    assert left >= 59, "printers leave 5 mm"
    assert top >= 59
    inner = ImageChops.invert(page.crop((left + 3, top + 3, right - 3, bottom - 3))).getbbox()
    assert inner is not None
    assert inner[0] >= 24, "2 mm between text and the line"
    assert inner[2] <= right - left - 30
    assert right <= 59 + A4[0] / 3
    assert bottom <= 59 + A4[1] / 4


def test_the_name_is_drawn_below_the_picture() -> None:
    one, other = drawn("幸福里"), drawn("朝阳村")
    box = differing(one, other)
    assert box is not None
    assert box[1] > of_colour(one, RED)[3]
    assert box[3] - box[1] >= 40, "12 point"


def test_the_code_is_drawn_below_the_name_and_smaller() -> None:
    name, code = differing(drawn(), drawn("朝阳村")), differing(drawn(), drawn(code="9pqr"))
    assert name is not None
    assert code is not None
    assert code[1] > name[3]
    assert code[3] - code[1] < name[3] - name[1]


def test_every_label_has_the_heading() -> None:
    page = next(pages(labels(2)))
    above = of_colour(page, RED)[1]
    half = page.crop((0, 0, A4[0] // 3, above)), page.crop((A4[0] // 3, 0, A4[0], above))
    for part in half:
        band = part.crop(of_colour(part, "#0b5d3b"))
        words = of_colour(band.crop((20, 20, band.width - 20, band.height - 20)), "#ffffff")
        assert words[2] - words[0] >= 400, "nine characters of 13 point"
        assert words[3] - words[1] >= 40


@pytest.mark.parametrize("name", [LONG, "Wanda Plaza East Gate 2, Second Floor", "A" * 44])
def test_a_name_of_two_lines_is_not_cut(name: str) -> None:
    assert differing(drawn(name), drawn(name[:-1] + "正")) is not None


def test_a_name_that_is_too_long_is_cut_and_says_so() -> None:
    assert differing(drawn("汉" * 80 + "甲"), drawn("汉" * 80 + "乙")) is None
    assert differing(drawn("汉" * 80), drawn("汉" * 36)) is not None


def test_longer_names_are_smaller_before_they_are_cut() -> None:
    def height(name: str) -> int:
        page = drawn(name)
        box = differing(page, drawn(name.replace("日", "目")))
        assert box is not None
        return box[3] - box[1]

    assert height("日" + "汉" * 22) > height("日" + "汉" * 32) > 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("幸福里社区党群，", "服务中心东楼"),
        ("东海新村北门小区", "南门垃圾投放"),
        ("幸福新村东区", "12号楼西侧灯杆"),
        ("Happiness Village ", "Community Centre East"),
        ("幸福里社区站", "（公共卫生间）"),
    ],
)
def test_lines_end_after_words_and_punctuation(first: str, second: str) -> None:
    """The end of the first line and the beginning of the second, changed."""
    last = first[-2:] if first[-2:] in SAME_WIDTH else first[-1]
    ended = first.removesuffix(last) + SAME_WIDTH.get(last, "回")
    begun = SAME_WIDTH.get(second[0], "回") + second[1:]
    page = drawn(first + second)
    above, below = differing(page, drawn(ended + second)), differing(page, drawn(first + begun))
    assert above is not None
    assert below is not None
    assert above[3] <= below[1], "not on one line"


def test_white_space_in_names_does_not_matter() -> None:
    assert differing(drawn(" 幸福里\n东门 "), drawn("幸福里 东门")) is None


def test_a_given_font_is_used() -> None:
    assert differing(drawn(font=serif_path()), drawn()) is not None
    assert differing(drawn(font=find_font()), drawn()) is None


def test_of_a_collection_the_simplified_chinese_face_is_used(tmp_path: Path) -> None:
    other = ImageFont.load_default(10)
    assert isinstance(other, ImageFont.FreeTypeFont)
    file = tmp_path / "fonts.ttc"
    file.write_bytes(collection(other.font_bytes, find_font().read_bytes()))
    assert other.getname()[0] == ImageFont.truetype(file, 10).getname()[0]
    assert differing(drawn(font=file), drawn()) is None


def test_what_is_no_font_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    file = tmp_path / "font.ttf"
    file.write_bytes(b"no font")
    for font in (file, tmp_path / "none.ttf"):
        pointer, detail = refused(partial(pages, labels(1), font))
        assert pointer == "/font"
        assert str(font) in detail
        assert "--font" in detail
        assert refused(partial(check, tmp_path / "a.pdf", font))[0] == "/font"


def test_a_transparent_picture_lies_on_white() -> None:
    file = io.BytesIO()
    image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 60, 30))
    image.save(file, "PNG")
    page = next(pages([Labelled("幸福里", "x", file.getvalue())]))
    left, _, right, bottom = of_colour(page, RED)
    assert page.getpixel(((left + right) // 2, bottom + 60)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
def test_any_kind_of_picture_is_taken(mode: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (60, 60), "#000000").convert(mode).save(
        file, "JPEG" if mode == "CMYK" else "PNG"
    )
    page = next(pages([Labelled("幸福里", "x", file.getvalue())]))
    box = of_colour(drawn(), RED)
    assert page.getpixel(((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)) == (0, 0, 0)


def test_a_picture_keeps_its_shape() -> None:
    page = next(pages([Labelled("幸福里", "x", picture(size=(80, 40)))]))
    left, top, right, bottom = of_colour(page, RED)
    assert (right - left) == pytest.approx(2 * (bottom - top), abs=4)


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b'{"errcode":40001}',
        picture()[:-40],
        picture(size=(300, 300), kind="JPEG")[:400],
        picture(kind="GIF"),
        picture().replace(b"IDAT", b"IDOT"),
    ],
    ids=["empty", "json", "cut png", "cut jpeg", "gif", "no data"],
)
def test_what_is_no_picture_names_its_place_and_leaves_no_file(
    image: bytes, tmp_path: Path
) -> None:
    bad = [*labels(13), Labelled("东门公交站", "east", image)]
    for name in ("a.pdf", "a.png"):
        pointer, detail = refused(partial(write, bad, tmp_path / name))
        assert pointer == "/image"
        assert "东门公交站" in detail
        assert "east" in detail
    assert list(tmp_path.iterdir()) == []


def test_pages_are_drawn_when_they_are_asked_for() -> None:
    drawing = pages([*labels(12), Labelled("东门", "east", b"none")])
    assert next(drawing).size == A4
    with pytest.raises(InvalidInput):
        next(drawing)


@pytest.mark.parametrize("name", ["codes.pdf", "codes.PDF"])
def test_a_pdf_has_all_pages_at_their_size(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"an older sheet")
    assert write(labels(26), path) == [path]
    assert list(tmp_path.iterdir()) == [path]
    with PdfParser.PdfParser(str(path)) as pdf:
        boxes = [pdf.read_indirect(page)[b"MediaBox"] for page in pdf.pages]
        title = pdf.info.Title
    assert [[round(float(side)) for side in box] for box in boxes] == [[0, 0, 595, 842]] * 3
    assert title == "随手拍地点码"


def test_a_pdf_holds_the_pictures_of_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "codes.pdf"
    write([*labels(12, RED), *labels(12, BLUE)], path)
    whole = path.read_bytes()
    starts = [at for at in range(len(whole)) if whole.startswith(b"\xff\xd8\xff", at)]
    found = [Image.open(io.BytesIO(whole[at:])).convert("RGB") for at in starts]
    assert [page.size for page in found] == [A4, A4]
    assert of_colour(found[0], RED)
    assert of_colour(found[1], BLUE)


@pytest.mark.parametrize("name", ["codes.pdf", "codes.png"])
def test_no_more_than_two_pages_are_in_memory(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    living: list[int] = []
    made: list[weakref.ref[Image.Image]] = []
    draw: Draw = pages

    def counted(labelled: Sequence[Labelled], font: Path | None = None) -> Iterator[Image.Image]:
        for page in draw(labelled, font):
            made.append(weakref.ref(page))
            living.append(sum(one() is not None for one in made))
            yield page

    monkeypatch.setattr(code_sheet, "pages", counted)
    write(labels(60), tmp_path / name)
    assert len(living) == 5
    assert max(living) <= 2


def test_one_page_is_one_png_and_more_are_numbered(tmp_path: Path) -> None:
    assert write(labels(12), tmp_path / "codes.png") == [tmp_path / "codes.png"]
    several = [tmp_path / "东区.v2-1.PNG", tmp_path / "东区.v2-2.PNG"]
    assert write(labels(13), tmp_path / "东区.v2.PNG") == several
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "codes.png", *several])
    for path in several:
        with Image.open(path) as image:
            assert (image.format, image.size) == ("PNG", A4)
            assert [round(dots) for dots in image.info["dpi"]] == [300, 300]


@pytest.mark.parametrize("name", ["codes.pdf", "codes.png"])
def test_a_full_disk_leaves_what_was_there(name: str, tmp_path: Path) -> None:
    """Stood in for by a limit on the size of files, at which writing fails midway too."""
    path = tmp_path / name
    path.write_bytes(b"an older sheet")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        pointer, detail = refused(lambda: write(labels(12), path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert pointer == "/file"
    assert str(path) in detail
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [
        (name, b"an older sheet")
    ]


@pytest.mark.parametrize("name", ["codes.jpg", "codes", ".pdf", "codes.pdf.gz"])
def test_another_ending_is_refused(name: str, tmp_path: Path) -> None:
    pointer, detail = refused(lambda: write(labels(1), tmp_path / name))
    assert pointer == "/file"
    assert ".pdf" in detail
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_and_an_empty_sheet_are_refused(tmp_path: Path) -> None:
    assert refused(lambda: write(labels(1), tmp_path / "none" / "a.pdf"))[0] == "/file"
    assert refused(lambda: write([], tmp_path / "a.pdf"))[0] == "/codes"
    assert list(tmp_path.iterdir()) == []
