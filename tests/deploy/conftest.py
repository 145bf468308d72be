"""A throw-away data folder with a service on it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.running_service import Service


@pytest.fixture
def service() -> Iterator[Service]:
    """A service on a new folder that any user may enter: root's servers run as another."""
    folder = Path(tempfile.mkdtemp(prefix="suishoupai-test-"))
    folder.chmod(0o711)
    started = Service(folder)
    try:
        yield started
    finally:
        started.close()
        shutil.rmtree(folder)
