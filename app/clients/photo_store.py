"""Where photos lie: a folder of this machine, or a bucket of any store that speaks S3."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from models.errors import NotFound, StorageUnavailable

if TYPE_CHECKING:
    from obstore.store import S3Config

_CHECK_KEY, _CHECK_DATA = "ready", bytes(4096)
_RETRY_LIMIT = 2


class PhotoMissing(NotFound):
    """No bytes lie under this key."""


def original_key(photo_id: str) -> str:
    """Where the bytes that were uploaded lie. `photo_id` is a UUID."""
    return f"original/{_fanned(photo_id)}"


def rendition_key(photo_id: str, size: Literal["large", "thumb"]) -> str:
    """Where one of the renditions lies. `photo_id` is a UUID."""
    return f"{size}/{_fanned(photo_id)}.jpg"


def _fanned(photo_id: str) -> str:
    """Two levels of 256 folders, from the end: a UUID may begin with the time."""
    name = str(UUID(photo_id))
    return f"{name[-2:]}/{name[-4:-2]}/{name}"


class PhotoStore:
    """Bytes under keys. Every method may raise StorageUnavailable: full, unwritable or away."""

    def __init__(self, store: LocalStore | S3Store, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def from_url(cls, url: str, credentials: Mapping[str, str] | None = None) -> Self:
        """Open `file:///folder` or `s3://bucket/prefix?endpoint=https://host&region=name`.

        `credentials`, for S3 only, holds `access_key_id`, `secret_access_key` and perhaps
        `session_token`. Raises ValueError for any other URL, StorageUnavailable for a folder that
        cannot be made.
        """
        parts = urlsplit(url)
        absolute = parts.path.startswith("/") and parts.path != "/"
        if parts.scheme == "file" and not parts.netloc and absolute:
            return cls._folder_at(Path(unquote(parts.path)))
        if parts.scheme == "s3" and parts.netloc:
            options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            return cls._bucket(parts.netloc, parts.path.strip("/"), options, credentials or {})
        raise ValueError("the photo store is file:///folder or s3://bucket/prefix?endpoint=…")

    @classmethod
    def _folder_at(cls, folder: Path) -> Self:
        with _storage():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)  # whatever lies below is out of reach for other users
            return cls(LocalStore(folder), folder)

    @classmethod
    def _bucket(
        cls, bucket: str, prefix: str, options: Mapping[str, str], credentials: Mapping[str, str]
    ) -> Self:
        if not {"access_key_id", "secret_access_key"} <= set(credentials):
            raise ValueError("S3 needs the credentials access_key_id and secret_access_key")
        config: S3Config = {
            "region": options.get("region", "us-east-1"),
            "access_key_id": credentials["access_key_id"],
            "secret_access_key": credentials["secret_access_key"],
        }
        if token := credentials.get("session_token"):
            config["session_token"] = token
        if endpoint := options.get("endpoint"):
            config["endpoint"] = endpoint
        store = S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=30),
            },
            retry_config={"max_retries": _RETRY_LIMIT, "retry_timeout": timedelta(seconds=30)},
        )
        return cls(store)

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Write all of `data` or nothing; on disk when it returns. Again is the same as once."""
        with _storage():
            if self._folder:
                self._store.put(key, data, use_multipart=False)
                _settle(self._folder / key)
            else:
                attributes = {"Content-Type": media_type}
                self._store.put(key, data, attributes=attributes, use_multipart=False)

    def get(self, key: str) -> bytes:
        """Read it all. Raises PhotoMissing."""
        with _found():
            return bytes(self._store.get(key).bytes())

    def exists(self, key: str) -> bool:
        """Whether anything lies under the key."""
        try:
            with _found():
                self._store.head(key)
        except PhotoMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove it; nothing there is fine."""
        try:
            with _found():
                self._store.delete(key)
        except PhotoMissing:
            return

    def check(self) -> None:
        """Write four kilobytes: raises StorageUnavailable where photos cannot be stored now."""
        with _storage():
            self._store.put(_CHECK_KEY, _CHECK_DATA, use_multipart=False)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise StorageUnavailable("照片暂时无法存取，请稍后再试。") from error


@contextmanager
def _found() -> Iterator[None]:
    with _storage():
        try:
            yield
        except (NotFoundError, FileNotFoundError) as error:
            raise PhotoMissing("照片不存在。") from error


def _settle(path: Path) -> None:
    """Readable by nobody else, and still there after a power cut."""
    path.chmod(0o600)
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
