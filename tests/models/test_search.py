"""Character pairs: two Chinese characters are found, and nothing is found across a break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search import grams


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), []),
        ((None, ""), []),
        (("垃圾",), ["垃圾"]),
        (("垃圾桶",), ["垃圾", "圾桶"]),
        (("树",), ["树"]),
        (("垃圾，树",), ["垃圾", "树"]),
        (("楼道 口",), ["楼道", "口"]),
        (("AbC",), ["ab", "bc"]),
        (("垃圾", "垃圾"), ["垃圾"]),
        (("垃圾", "圾桶"), ["垃圾", "圾桶"]),
        ((" ，。！",), []),
    ],
)
def test_pairs_of_each_run(texts: tuple[str | None, ...], expected: list[str]) -> None:
    assert grams(*texts) == expected


@given(st.text("垃圾桶树，。 aBİß1", max_size=60), st.integers(0, 60), st.integers(2, 8))
def test_what_a_text_contains_is_found_by_its_pairs(text: str, start: int, length: int) -> None:
    phrase = text[start : start + length]
    if len(phrase.casefold()) < 2:
        return
    pairs = {pair for pair in grams(phrase) if len(pair) == 2}
    assert pairs <= set(grams(text))


def test_a_long_text_has_each_pair_once() -> None:
    assert len(grams("垃圾" * 5000)) == 2
