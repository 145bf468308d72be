"""One store, two kinds: a folder, and a bucket of moto's server on loopback."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import boto3  # type: ignore[import-untyped]
import pytest
from moto.server import ThreadedMotoServer

from app.clients.photo_store import PhotoMissing, PhotoStore, original_key, rendition_key
from models.errors import StorageUnavailable

CREDENTIALS = {"access_key_id": "test-key", "secret_access_key": "test-secret"}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS["access_key_id"],
        aws_secret_access_key=CREDENTIALS["secret_access_key"],
    )
    client.create_bucket(Bucket="photos")
    client.close()
    yield url
    server.stop()


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    if request.param == "file":
        return PhotoStore.from_url(f"file://{tmp_path}/photos%20here")
    url = request.getfixturevalue("endpoint")
    prefix = uuid4().hex
    return PhotoStore.from_url(f"s3://photos/{prefix}?endpoint={url}&region=us-east-1", CREDENTIALS)


def new_key() -> str:
    return original_key(str(uuid4()))


def test_what_is_put_is_got(store: PhotoStore) -> None:
    key, data = new_key(), bytes(range(256)) * 40_000  # 10 MB
    assert not store.exists(key)
    store.put(key, data, "image/jpeg")
    assert store.exists(key)
    assert store.get(key) == data


def test_putting_again_is_the_same_as_once(store: PhotoStore) -> None:
    key = new_key()
    store.put(key, b"bytes", "image/png")
    store.put(key, b"bytes", "image/png")
    assert store.get(key) == b"bytes"


def test_what_is_not_there_is_missing(store: PhotoStore) -> None:
    with pytest.raises(PhotoMissing):
        store.get(new_key())


def test_deleting_twice_is_fine(store: PhotoStore) -> None:
    key = new_key()
    store.put(key, b"bytes", "image/png")
    store.delete(key)
    store.delete(key)
    assert not store.exists(key)


def test_a_store_that_works_passes_its_check(store: PhotoStore) -> None:
    store.check()
    store.check()


def test_a_bucket_keeps_the_media_type_and_the_prefix(endpoint: str) -> None:
    key = new_key()
    url = f"s3://photos/deep/er?endpoint={endpoint}&region=us-east-1"
    PhotoStore.from_url(url, CREDENTIALS).put(key, b"bytes", "image/webp")
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test-key",
        aws_secret_access_key="test-secret",
    )
    head = client.head_object(Bucket="photos", Key=f"deep/er/{key}")
    client.close()
    assert head["ContentType"] == "image/webp"


def test_a_bucket_that_is_away_is_unavailable(endpoint: str) -> None:
    for url in (
        "s3://photos?endpoint=http://127.0.0.1:1&region=us-east-1",
        f"s3://no-such-bucket?endpoint={endpoint}&region=us-east-1",
    ):
        away = PhotoStore.from_url(url, CREDENTIALS)
        with pytest.raises(StorageUnavailable):
            away.check()
        with pytest.raises(StorageUnavailable):
            away.put(new_key(), b"bytes", "image/jpeg")


def test_nobody_else_may_read_the_folder(tmp_path: Path) -> None:
    store, key = PhotoStore.from_url(f"file://{tmp_path}/photos"), new_key()
    store.put(key, b"bytes", "image/jpeg")
    folder = tmp_path / "photos"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / key).stat().st_mode) == 0o600


def test_a_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    """The kernel refuses to write more than 64 KiB to any file of that process."""
    script = f"""
import resource
from app.clients.photo_store import PhotoStore
from models.errors import StorageUnavailable
store = PhotoStore.from_url("file://{tmp_path}")
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
store.put("fits", bytes(60_000), "image/jpeg")
try:
    store.put("too-long", bytes(100_000), "image/jpeg")
except StorageUnavailable:
    print("refused")
print(store.exists("too-long"))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 65536))
try:
    store.check()
except StorageUnavailable:
    print("not ready")
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(  # noqa: S603 words of this test
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused", "False", "not", "ready"]
    left = [path.name for path in tmp_path.iterdir() if path.stat().st_size]
    assert left == ["fits"]


def test_a_folder_that_became_a_file_is_unavailable(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    store = PhotoStore.from_url(f"file://{folder}")
    folder.rmdir()
    folder.write_bytes(b"")
    with pytest.raises(StorageUnavailable):
        store.check()
    with pytest.raises(StorageUnavailable):
        store.put(new_key(), b"bytes", "image/jpeg")
    with pytest.raises(StorageUnavailable):
        PhotoStore.from_url(f"file://{folder}/below")


def test_keys_fan_out_and_take_only_photo_ids() -> None:
    photo = "0198c0de-0000-7000-8000-0123456789ab"
    assert original_key(photo) == f"original/ab/89/{photo}"
    assert rendition_key(photo, "thumb") == f"thumb/ab/89/{photo}.jpg"
    with pytest.raises(ValueError, match="UUID"):
        original_key("../../etc/passwd")


@pytest.mark.parametrize(
    "url", ["", "/var/photos", "file:relative", "file://host/x", "file:///", "s3:///x", "ftp://a/b"]
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="photo store"):
        PhotoStore.from_url(url, CREDENTIALS)


def test_a_bucket_needs_credentials() -> None:
    with pytest.raises(ValueError, match="secret_access_key"):
        PhotoStore.from_url("s3://photos", {"access_key_id": "a"})
