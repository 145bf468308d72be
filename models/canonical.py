"""The ledger's canonical JSON, its hashes and its Merkle root (docs/ledger.md).

The form is RFC 8785 (JCS) over a domain small enough that every language agrees on it: objects
with ASCII names, arrays, strings, integers within ±(2^53 - 1), true, false and null.
"""

import hashlib
from collections.abc import Mapping, Sequence
from types import NoneType

import orjson

GENESIS = bytes(32)
SALT_BYTES = 16
_LARGEST = 2**53 - 1


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of `value`: dicts, lists or tuples, str, int, bool, None.

    Raises:
        TypeError: a value of another type, floats among them.
        ValueError: a name outside ASCII, an integer past 2^53 - 1, a lone surrogate.
        Either names the place, `$/payload/photos/0`.
    """
    # Within the domain orjson's order (by code point) and escapes are those of RFC 8785. Places
    # are worked out only to word a refusal: entries are hashed on the way of every request.
    if not _fits(value):
        _check(value, "$")
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except TypeError:
        _check(value, "$")
        raise


def entry_hash(entry: Mapping[str, object]) -> bytes:
    """SHA-256 of an entry's canonical form, 32 bytes.

    `entry` holds all that docs/ledger.md lists, `previous` (64 hex digits) among it: the chain.
    """
    return hashlib.sha256(canonical(entry)).digest()


def text_digest(salt: bytes, text: str) -> str:
    """What a payload says of a text: SHA-256 over the 16 bytes of salt and the UTF-8, in hex.

    Raises ValueError for a salt of another length.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return hashlib.sha256(salt + text.encode()).hexdigest()


def head_leaf(case: str, seq: int, own_hash: bytes) -> bytes:
    """The Merkle leaf of a chain's head: case number, sequence number, hash of its last entry."""
    return canonical({"case": case, "seq": seq, "hash": own_hash.hex()})


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle Tree Hash of RFC 6962, section 2.1, 32 bytes; of no leaves, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    # Pairing from the left and passing an odd last node up gives the RFC's splits at powers of 2.
    while len(level) > 1:
        level = [_parent(level[i : i + 2]) for i in range(0, len(level), 2)]
    return level[0]


def _parent(nodes: Sequence[bytes]) -> bytes:
    return hashlib.sha256(b"\x01" + b"".join(nodes)).digest() if len(nodes) == 2 else nodes[0]


_PLAIN = frozenset({str, int, bool, NoneType})


def _fits(value: object) -> bool:
    """Whether the types and names are those of the domain; orjson itself refuses large integers
    and lone surrogates."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if isinstance(value, dict):
        return all(
            isinstance(name, str) and name.isascii() and _fits(inner)
            for name, inner in value.items()
        )
    if kind is list or kind is tuple:
        return all(map(_fits, value))  # type: ignore[call-overload]
    return isinstance(value, str | int)


def _check(value: object, path: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, int):
        if not -_LARGEST <= value <= _LARGEST:
            raise ValueError(f"integer past 2^53 - 1 at {path}")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(inner, f"{path}/{_name(name, path)}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check(inner, f"{path}/{index}")
    else:
        raise TypeError(f"{type(value).__name__} has no canonical form, at {path}")


def _check_text(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"lone surrogate at {path}") from None


def _name(name: object, path: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"a name that is no string at {path}: {name!r}")
    if not name.isascii():
        raise ValueError(f"a name outside ASCII at {path}: {name!r}")
    return name
