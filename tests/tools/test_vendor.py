"""What the page brings along is what the lock file names."""

import io
import tarfile
from pathlib import Path

import pytest

from tools import vendor


def test_the_files_here_are_the_pinned_ones() -> None:
    assert vendor.differing() == []
    pinned = vendor.pinned()
    named = {vendor.place_of(name) / f["to"] for name, p in pinned.items() for f in p["files"]}
    folders = {vendor.place_of(name).parent for name in pinned}
    assert vendor.FOLDER in folders
    assert {path for folder in folders for path in folder.rglob("*.*")} <= named


def test_every_package_brings_its_licence() -> None:
    for name, package in vendor.pinned().items():
        assert "LICENSE" in [file["to"] for file in package["files"]], name


def test_a_changed_file_is_named(tmp_path: Path) -> None:
    missing = vendor.differing(tmp_path)
    assert "leaflet/leaflet.js" in missing


def test_another_archive_is_not_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        packed.addfile(tarfile.TarInfo("package/LICENSE"), io.BytesIO())
    with pytest.raises(vendor.NotAsPinned, match="leaflet"):
        vendor.unpack("leaflet", out.getvalue(), tmp_path)
    assert list(tmp_path.iterdir()) == []
