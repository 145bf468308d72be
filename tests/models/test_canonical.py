import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.canonical import GENESIS, canonical, entry_hash, head_leaf, merkle_root, text_digest

DOCS = Path(__file__).resolve().parents[2] / "docs"
LARGEST = 2**53 - 1
SHORT_ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(max_codepoint=127), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def slow_string(text: str) -> str:
    """RFC 8785, section 3.2.2.2, one character at a time."""
    written = [
        SHORT_ESCAPES.get(ord(c)) or (f"\\u{ord(c):04x}" if ord(c) < 0x20 else c) for c in text
    ]
    return f'"{"".join(written)}"'


def slow(value: Any) -> str:
    """RFC 8785 written from the RFC; names in the order of their UTF-16 code units."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return slow_string(value)
    if isinstance(value, list):
        return f"[{','.join(slow(inner) for inner in value)}]"
    ordered = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{slow_string(name)}:{slow(value[name])}" for name in ordered) + "}"


@given(values)
@example("".join(map(chr, range(0x21))) + '"\\/\x7f\x80\u2028\u2029\ufeff\uffff\U0001f600')
@example([LARGEST, -LARGEST, 0, True, False, None, [], {}])
@example({"a~": 1, "a": 2, "A": 3, "_": 4, "": 5, "\x7f": 6, "\x00": 7, "10": 8, "9": 9})
def test_canonical_form_is_rfc_8785(value: Any) -> None:
    assert canonical(value) == slow(value).encode()


def test_canonical_form_of_the_example_in_rfc_8785() -> None:
    # Section 3.2.2 without its fractions.
    value = {
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value) == expected.encode()


@given(values)
def test_canonical_form_survives_being_stored_as_json(value: Any) -> None:
    assert canonical(json.loads(json.dumps(value))) == canonical(value)


@pytest.mark.parametrize(
    ("value", "error", "place"),
    [
        ({"payload": {"places": [1, 26.9]}}, TypeError, "$/payload/places/1"),
        ({"a": float("nan")}, TypeError, "$/a"),
        ({"a": b"bytes"}, TypeError, "$/a"),
        ({"a": {1, 2}}, TypeError, "$/a"),
        (object(), TypeError, "$"),
        ({"a": {7: "x"}}, TypeError, "$/a"),
        ({"a": LARGEST + 1}, ValueError, "$/a"),
        ({"a": -LARGEST - 1}, ValueError, "$/a"),
        ({"a": ["ok", "\ud83d"]}, ValueError, "$/a/1"),
        ({"a": {"状态": 1}}, ValueError, "$/a"),
        ({"a": {"\ud83d": 1}}, ValueError, "$/a"),
    ],
)
def test_what_has_no_canonical_form_is_refused_by_its_place(
    value: Any, error: type[Exception], place: str
) -> None:
    with pytest.raises(error, match=rf"at {re.escape(place)}(:|$)"):
        canonical(value)


def test_text_digest_takes_the_salt_before_the_text() -> None:
    salt = bytes(range(16))
    assert text_digest(salt, "垃圾") == hashlib.sha256(salt + "垃圾".encode()).hexdigest()
    assert text_digest(bytes(16), "垃圾") != text_digest(salt, "垃圾")


@pytest.mark.parametrize("size", [0, 15, 17])
def test_text_digest_refuses_a_salt_of_another_length(size: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        text_digest(bytes(size), "垃圾")


CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
CT_LEAVES += ["606162636465666768696a6b6c6d6e6f"]


# The vectors of certificate-transparency's own Merkle tree tests.
@pytest.mark.parametrize(
    ("size", "root"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_merkle_root_is_the_published_one(size: int, root: str) -> None:
    assert merkle_root([bytes.fromhex(leaf) for leaf in CT_LEAVES[:size]]).hex() == root


def slow_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, by its own recursion."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    halves = slow_root(leaves[:split]) + slow_root(leaves[split:])
    return hashlib.sha256(b"\x01" + halves).digest()


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40))
def test_merkle_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == slow_root(leaves)


def test_the_example_in_the_documentation_holds() -> None:
    block = re.search(r"```json\n(.*?)```", (DOCS / "ledger.md").read_text("utf-8"), re.DOTALL)
    assert block
    shown = json.loads(block[1])
    previous = GENESIS.hex()
    for entry in shown["items"]:
        own = entry.pop("hash")
        assert (entry["previous"], entry_hash(entry).hex()) == (previous, own)
        previous = own
    first = shown["items"][0]
    assert canonical(first).decode() == shown["first_canonical"]
    salted = text_digest(bytes.fromhex(shown["salt"]), shown["text"])
    assert first["payload"]["description"] == {"sha256": salted}
    heads = [head_leaf(h["case"], h["seq"], bytes.fromhex(h["hash"])) for h in shown["heads"]]
    assert merkle_root(heads).hex() == shown["root"]
    line = shown["anchor_line"].encode()
    assert canonical(json.loads(line)) == line
    assert json.loads(line)["root"] == shown["root"]
    assert hashlib.sha256(line).hexdigest() == shown["anchor_line_sha256"]


def chain(length: int = 5) -> list[dict[str, Any]]:
    """A whole chain as the API answers it, with everything in it that a program may get wrong."""
    entries: list[dict[str, Any]] = []
    previous = GENESIS.hex()
    for seq in range(1, length + 1):
        entry = {
            "case": "HY20261123000123",
            "seq": seq,
            "at": f"2026-11-23T01:02:03.{seq:06}Z",
            "actor": {"account": 10**9, "role": "dispatcher", "unit": None},
            "action": "remark",
            "from": "assigned" if seq > 1 else None,
            "to": "assigned",
            "holder": "unit:环卫",
            "round": 1,
            "payload": {
                "number": "12345",
                "odd": '\x00\x08\t\n\x0b\x0c\r\x1f "\\/\x7f\x80\u2028\ufeff\U0001f600',
                "limits": [LARGEST, -LARGEST, 0, -1],
                "flags": [True, False, None, [], {}],
                "Z": {"b": 1, "a_": 2, "a": 3, "B": 4},
            },
            "previous": previous,
        }
        previous = entry_hash(entry).hex()
        entries.append(entry | {"hash": previous})
    return entries


def recompute(entries: list[dict[str, Any]]) -> tuple[int, str]:
    """Exit status and output of the documented program."""
    perl = shutil.which("perl")
    modules = [perl or "", "-MJSON::PP", "-MDigest::SHA", "-e", "1"]
    if perl is None or subprocess.run(modules, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("no perl with JSON::PP and Digest::SHA on this machine")
    done = subprocess.run(  # noqa: S603  (our own script)
        [perl, DOCS / "ledger-verify.pl"],
        input=json.dumps({"items": entries, "next_cursor": None}, ensure_ascii=False).encode(),
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout.decode()


def test_a_program_in_another_language_finds_a_whole_chain_whole() -> None:
    assert recompute(chain()) == (0, "ok 5\n")


def rehash(entry: dict[str, Any], **changed: Any) -> dict[str, Any]:
    unhashed = {k: v for k, v in (entry | changed).items() if k != "hash"}
    return unhashed | {"hash": entry_hash(unhashed).hex()}


def test_a_program_in_another_language_names_the_first_bad_entry() -> None:
    whole = chain()
    other = whole[0] | {"payload": {}}
    tampered = {
        "a changed payload": ([*whole[:2], whole[2] | {"payload": {}}, *whole[3:]], 3),
        "a changed entry hashed anew": ([rehash(whole[0], payload={}), *whole[1:]], 2),
        "a missing entry": ([*whole[:3], *whole[4:]], 4),
        "a missing start": (whole[1:], 1),
        "two exchanged entries": ([whole[0], whole[2], whole[1], *whole[3:]], 2),
        "an entry twice": ([whole[0], *whole], 2),
        "another case's entry": ([*whole[:4], rehash(whole[4], case="HY1")], 5),
        "a number skipped": ([*whole[:4], rehash(whole[4], seq=6)], 5),
        "a number as text": ([whole[0] | {"seq": "1"}, *whole[1:]], 1),
        "a member added": ([whole[0] | {"note": "x"}, *whole[1:]], 1),
        "no hash": ([{k: v for k, v in other.items() if k != "hash"}, *whole[1:]], 1),
    }
    found = {name: recompute(entries) for name, (entries, _) in tampered.items()}
    assert found == {name: (1, f"bad {seq}\n") for name, (_, seq) in tampered.items()}
