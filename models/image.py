"""Uploaded pictures: decoded, judged, made small. Only the decoder's child process imports this.

Formats are recognised by their first bytes and each is shown to its own plugin only, so that none
of Pillow's many others ever sees what a stranger sent.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pillow_heif
from PIL import Image, ImageCms, UnidentifiedImageError

from models import exif
from models.photo_facts import MAX_PIXELS, SKETCH_SIDE, ImageFacts, ImageRefused, Renditions

# Without its thumbnail the whole picture is decoded, not the small one that travels beside it.
pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

LARGE, THUMB = 1600, 320  # pixels, longest side
_QUALITY = 82
_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OTHER_PICTURES = (b"GIF8", b"BM", b"II*\0", b"MM\0*", b"8BPS", b"\0\0\1\0", b"\0\0\0\x0cjP  ")
_MARKUP = (b"<svg", b"<?xml", b"<!doc", b"<html", b"%pdf")
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DECODING_FAULTS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def inspect(data: bytes) -> ImageFacts:
    """The facts of a picture, all of which has been decoded. Raises ImageRefused."""
    with _opened(data) as (image, media_type):
        width, height = image.size
        # An eighth of the size costs least, and still reads every byte of the picture.
        drafted = image.draft("L", (4 * SKETCH_SIDE, 4 * SKETCH_SIDE))
        image.load()
        known = exif.read(image)
        if known.orientation > 4:
            width, height = height, width
        return ImageFacts(
            media_type=media_type,
            width=width,
            height=height,
            sketch=_upright(_sketch(image, drafted and drafted[1]), known.orientation).tobytes(),
            taken_at=known.taken_at,
            location=known.location,
            accuracy_m=known.accuracy_m,
        )


def render(data: bytes) -> Renditions:
    """What others may see of a picture. Raises ImageRefused."""
    with _opened(data) as (image, _):
        # Only a box of the picture's own proportions makes draft() choose the scale that fits.
        image.draft(None, _fitted(image.size, LARGE))
        image.load()
        orientation = exif.read(image).orientation
        large = _shrunk(_plain(image), LARGE)
        large = _flat(_srgb(large, image.info.get("icc_profile")))
        large = _upright(large, orientation)
        return Renditions(_jpeg(large), _jpeg(_shrunk(large, THUMB)))


@contextmanager
def _opened(data: bytes) -> Iterator[tuple[Image.Image, str]]:
    """The picture of which only the header was read yet, and its media type."""
    format_ = _sniffed(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[format_]) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ImageRefused("too-many-pixels")
                yield image, _MEDIA_TYPES[format_]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused("too-many-pixels") from error
    except UnidentifiedImageError as error:
        raise ImageRefused("not-an-image") from error
    except _DECODING_FAULTS as error:
        raise ImageRefused("truncated") from error


def _sniffed(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "HEIF"
    start = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_OTHER_PICTURES) or start.startswith(_MARKUP) or data[4:8] == b"ftyp":
        raise ImageRefused("unsupported-type")
    raise ImageRefused("not-an-image")


def _sketch(image: Image.Image, box: tuple[float, float, float, float] | None) -> Image.Image:
    """`box` is what a draft holds of the picture: its last pixels may lie half outside."""
    plain = _plain(image)
    if plain.mode == "RGBA":
        plain = _flat(_shrunk(plain, 16 * SKETCH_SIDE))
    side = (SKETCH_SIDE, SKETCH_SIDE)
    return plain.convert("L").resize(side, Image.Resampling.BOX, box=box)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TRANSPOSE[orientation]) if orientation in _TRANSPOSE else image


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size of the same proportions whose longer side is at most `longest`."""
    factor = min(1.0, longest / max(size))
    width, height = size
    return max(1, round(width * factor)), max(1, round(height * factor))


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    size = _fitted(image.size, longest)
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that can be resized: L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off at white
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if "transparency" in image.info or image.mode in {"LA", "La", "PA", "RGBa"}:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "RGBA", "CMYK"} else image.convert("RGB")


def _flat(image: Image.Image) -> Image.Image:
    """RGB or L, what shines through shown on white."""
    if image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of another space, such as an iPhone's Display P3, as every screen shows them."""
    if not profile or image.mode not in {"RGB", "CMYK"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image  # a damaged profile: the colours are a little off, the picture is there


def _jpeg(image: Image.Image) -> bytes:
    image.info.clear()  # Pillow would write the comment again
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
