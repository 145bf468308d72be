"""Telephone numbers: one form for comparing, one for showing."""

import re
from dataclasses import dataclass

_FILLING = re.compile(r"[\s()-]")


@dataclass(frozen=True, slots=True)
class SealedPhone:
    """A number as it is stored: encrypted, and a keyed hash to find it by."""

    sealed: bytes
    blind: bytes


def plain(phone: str) -> str:
    """The number's digits, without the country code where that is China's.

    >>> plain("+86 138-1234-5678")
    '13812345678'
    """
    digits = _FILLING.sub("", phone)
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    return digits.removeprefix("86") if len(digits) == 13 else digits


def masked(phone: str) -> str:
    """The number for display: 138****5678; of a short one only the last two digits."""
    digits = plain(phone)
    if len(digits) < 8:
        return f"****{digits[-2:]}"
    return f"{digits[:3]}****{digits[-4:]}"
