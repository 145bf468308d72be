"""Fetches the pinned packages of the web pages and their tests again: `python -m tools.vendor`.

`tools/vendor.json` names each package, its version, its integrity (SHA-512, as npm tells it) and
which of its files go where: below the `folder` that it names, else to the files of all pages.
What does not have that integrity is not unpacked. `--check` fetches nothing, and compares the files
with the SHA-256 that stand there.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = Path(__file__).with_name("vendor.json")
FOLDER = ROOT / "app" / "vendor" / "packages"


class NotAsPinned(Exception):
    """What was fetched, or lies here, is not what the lock file names."""


def pinned() -> dict[str, Any]:
    """Packages by name."""
    found: dict[str, Any] = json.loads(LOCK.read_text())
    return found


def integrity(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def place_of(name: str, below: Path | None = None) -> Path:
    """The folder of a package: where the lock file puts it, or `below` another one."""
    if below is not None:
        return below / name
    folder = pinned()[name].get("folder")
    return (ROOT / folder if folder else FOLDER) / name


def differing(folder: Path | None = None) -> list[str]:
    """Files that are missing (below another folder, where one is given), or are not those of the
    lock file."""
    wrong = []
    for name, package in pinned().items():
        for file in package["files"]:
            path = place_of(name, folder) / file["to"]
            same = (
                path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
            )
            if not same:
                wrong.append(f"{name}/{file['to']}")
    return wrong


def unpack(name: str, archive: bytes, folder: Path | None = None) -> None:
    """Copies a package's files out of its archive.

    Raises:
        NotAsPinned: the archive, or a file in it, is another one.
    """
    package = pinned()[name]
    if integrity(archive) != package["integrity"]:
        raise NotAsPinned(f"{name}: {integrity(archive)} is not {package['integrity']}")
    place = place_of(name, folder)
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as packed:
            for one in package["files"]:
                found = packed.extractfile(f"package/{one['from']}")
                data = found.read() if found is not None else b""
                if hashlib.sha256(data).hexdigest() != one["sha256"]:
                    raise NotAsPinned(f"{name}/{one['from']} is another file")
                (place / one["to"]).write_bytes(data)


def fetch(name: str) -> bytes:
    """The archive of a package, by npm."""
    wanted = f"{name}@{pinned()[name]['version']}"
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", wanted, "--silent"]
        subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        (archive,) = Path(place).glob("*.tgz")
        return archive.read_bytes()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.vendor", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare what lies here")
    if not parser.parse_args(arguments).check:
        for name in pinned():
            unpack(name, fetch(name))
    wrong = differing()
    for name in wrong:
        print(f"{name} is not as pinned")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
