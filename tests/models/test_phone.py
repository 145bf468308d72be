import pytest

from models.phone import masked, plain


@pytest.mark.parametrize(
    ("given", "digits"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("86 13800138000", "13800138000"),
        ("0086(138)00138000", "13800138000"),
        ("0734-8812345", "07348812345"),
        ("+1 555 123 4567", "+15551234567"),
        ("86001", "86001"),
    ],
)
def test_forms_of_a_number_are_one(given: str, digits: str) -> None:
    assert plain(given) == digits


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("13800138000", "138****8000"),
        ("+86 138 0013 8000", "138****8000"),
        ("0734-8812345", "073****2345"),
        ("12345", "****45"),
    ],
)
def test_most_of_a_number_is_hidden(given: str, shown: str) -> None:
    assert masked(given) == shown
