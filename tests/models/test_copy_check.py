"""A copy is told from a second shot of the same spot."""

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from models.copy_check import compare, is_copy
from models.photo_facts import SKETCH_SIDE
from tools.pictures import Stage, draw

SCENES = range(6)


def sketch(image: Image.Image) -> bytes:
    return image.convert("L").resize((SKETCH_SIDE,) * 2, Image.Resampling.BOX).tobytes()


def shot(scene: int, seed: int = 1, stage: Stage = "before") -> Image.Image:
    return draw(seed, scene=scene, stage=stage, size=(600, 450))


def cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 40, height // 20, width - width // 20, height - height // 50))


def stamped(image: Image.Image) -> Image.Image:
    copy = image.copy()
    ImageDraw.Draw(copy).rectangle((0, 0, image.width // 3, image.height // 10), fill="white")
    return copy


@pytest.mark.parametrize("scene", SCENES)
def test_copies_are_copies(scene: int) -> None:
    original = shot(scene)
    stored = sketch(original)
    copies = {
        "same": original,
        "half the size": original.resize((300, 225)),
        "cropped": cropped(original),
        "stamped": stamped(original),
        "darker": ImageEnhance.Brightness(original).enhance(0.75),
        "flatter": ImageEnhance.Contrast(original).enhance(0.75),
        "all": ImageEnhance.Brightness(stamped(cropped(original))).enhance(0.8),
    }
    missed = [name for name, image in copies.items() if not is_copy(sketch(image), stored)]
    assert missed == []


@pytest.mark.parametrize("scene", SCENES)
def test_a_second_shot_is_no_copy(scene: int) -> None:
    stored = sketch(shot(scene))
    assert not is_copy(sketch(shot(scene, seed=2, stage="after")), stored)
    assert not is_copy(sketch(shot(scene, seed=3, stage="after")), stored)
    assert not is_copy(sketch(shot(scene + 100)), stored)


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_frame_with_the_heap_gone_is_told_by_what_changed(scene: int) -> None:
    original = shot(scene)
    cleaned = original.copy()
    ImageDraw.Draw(cleaned).rectangle((240, 200, 340, 280), fill=(128, 128, 128))
    fit = compare(sketch(cleaned), sketch(original))
    assert abs(fit.outside) < 0.004
    assert fit.change > compare(sketch(original), sketch(original)).change


def test_a_moved_frame_is_measured() -> None:
    wide = shot(1)
    one, other = wide.crop((0, 0, 580, 430)), wide.crop((12, 0, 592, 430))
    assert compare(sketch(other), sketch(one)).outside == pytest.approx(12 / 580, abs=0.003)
    assert not is_copy(sketch(other), sketch(one))


def test_blank_pictures_are_compared_without_fault() -> None:
    black, grey = bytes(SKETCH_SIDE**2), b"\x80" * SKETCH_SIDE**2
    assert is_copy(grey, grey)
    assert not is_copy(sketch(shot(1)), black)
