"""Keys: made once, kept from others, replaced without losing anything."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.kit import Kit
from app.services.safe import KEY_FILE, Safe
from config import Settings, SettingsError
from models.phone import SealedPhone

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def phone(safe: Safe, number: str) -> SealedPhone:
    found = safe.phone(number)
    assert found is not None
    return found


def test_a_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first, second = Safe.of("", tmp_path / "data"), Safe.of("", tmp_path / "data")
    assert second.open(first.seal("138")) == "138"
    path = tmp_path / "data" / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from app.services.safe import Safe;"
        "print(Safe.of('', pathlib.Path(sys.argv[1])).fingerprint)"
    )
    started = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_a_new_key_in_front_opens_what_the_old_one_sealed() -> None:
    before, after = Safe([OLD]), Safe([NEW, OLD])
    sealed = before.seal("13800138000")
    assert after.open(sealed) == "13800138000"
    assert phone(before, "138").blind == phone(after, "138").blind
    assert before.fingerprint == after.fingerprint
    assert after.read("p", before.sign("p", "x"), 60) == "x"
    with pytest.raises(ValueError, match="another key"):
        before.open(after.seal("138"))


def test_what_no_key_opens_is_no_number() -> None:
    assert Safe([NEW]).number(Safe([OLD]).seal("138")) is None
    assert Safe([NEW]).masked_phone(Safe([OLD]).seal("138")) is None
    assert Safe([NEW]).masked_phone(None) is None


def test_sealing_twice_looks_different_and_is_found_by_one_hash() -> None:
    safe = Safe([OLD])
    one, two = phone(safe, "13800138000"), phone(safe, "+86 138 0013 8000")
    assert one.sealed != two.sealed
    assert one.blind == two.blind
    assert one.blind != phone(Safe([NEW]), "13800138000").blind


@pytest.mark.parametrize("given", ["short", "x" * 44, "é" * 44])
def test_what_is_no_key_is_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Safe.of(given, tmp_path)


@pytest.mark.parametrize(
    ("key", "folder"),
    [("no key", "here"), ("", "file/below"), (f"{OLD},no key", "here")],
    ids=["no key", "no folder", "one is none"],
)
def test_a_start_without_a_key_names_the_setting(key: str, folder: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(
        "postgresql://127.0.0.1:9/x",
        "redis://127.0.0.1:9/0",
        f"file://{tmp_path}/photos",
        data_key=key,
        data_dir=tmp_path / folder,
    )
    with pytest.raises(SettingsError, match="DATA_KEY"):
        Kit.from_settings(settings)


def test_a_signature_is_for_one_purpose_and_a_time() -> None:
    safe = Safe([OLD])
    token = safe.sign("photo", "abc")
    assert safe.read("photo", token, 60) == "abc"
    assert safe.read("other", token, 60) is None
    assert safe.read("photo", token, -1) is None
    assert safe.read("photo", token + "x", 60) is None
    assert Safe([NEW]).read("photo", token, 60) is None
