"""Keys of this installation: what is encrypted at rest, and what is signed for a while."""

import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadData, URLSafeTimedSerializer

from models.phone import SealedPhone, masked, plain

log = logging.getLogger(__name__)
KEY_FILE = "data.key"


class Safe:
    """Encrypts with the first key and opens with any; the last one also makes keyed hashes and
    signatures, so that a new key can be put in front without losing anything.

    Keys are Fernet's: 32 bytes in URL-safe Base64.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError for what is no key."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._root = keys[-1].encode()

    @classmethod
    def of(cls, given: str, folder: Path) -> Self:
        """The keys given, by comma; none: the one in the folder's file, made when missing."""
        keys = [key.strip() for key in given.split(",") if key.strip()]
        return cls(keys or [_kept(folder / KEY_FILE)])

    @property
    def fingerprint(self) -> str:
        """Tells keys apart and gives none away."""
        return self._derived("fingerprint").hex()[:16]

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises ValueError for what was sealed with a key that is not here."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ValueError("sealed with another key") from None

    def phone(self, number: str | None) -> SealedPhone | None:
        if number is None:
            return None
        blind = hmac.digest(self._derived("phone"), plain(number).encode(), "sha256")
        return SealedPhone(self.seal(number), blind)

    def number(self, sealed: bytes | None) -> str | None:
        """The number; None as well for one that no key here opens, which a person cannot help."""
        try:
            return None if sealed is None else self.open(sealed)
        except ValueError:
            log.warning("a phone number was sealed with a key that is not here; see DATA_KEY")
            return None

    def masked_phone(self, sealed: bytes | None) -> str | None:
        number = self.number(sealed)
        return None if number is None else masked(number)

    def sign(self, purpose: str, value: str) -> str:
        """A token that `read` takes back: letters, digits, `-`, `_` and `.`."""
        return str(URLSafeTimedSerializer(self._derived(purpose)).dumps(value))

    def read(self, purpose: str, token: str, seconds: int) -> str | None:
        """What was signed for the purpose less than so long ago, or None."""
        try:
            value = URLSafeTimedSerializer(self._derived(purpose)).loads(token, max_age=seconds)
        except BadData:
            return None
        return value if isinstance(value, str) else None

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self._root, purpose.encode(), hashlib.sha256)


def _kept(path: Path) -> str:
    """The key in the file. Of several processes that find none, all get the one made first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            fresh.unlink()
    return path.read_text().strip()
