"""PostgreSQL and Valkey on this machine, with nothing to install: for `make run` and tests."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.postgres import EmbeddedPostgres
from deploy.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "temporary_servers"]


@contextmanager
def temporary_servers() -> Iterator[tuple[EmbeddedPostgres, EmbeddedValkey]]:
    """Both servers in a new folder below the system's temporary folder, gone afterwards.

    PostgreSQL runs without fsync. Use from the main thread.
    """
    home = Path(tempfile.mkdtemp(prefix="suishoupai-"))
    try:
        home.chmod(0o711)  # root's servers run as another user
        with EmbeddedPostgres(home, durable=False) as postgres, EmbeddedValkey(home) as valkey:
            yield postgres, valkey
    finally:
        shutil.rmtree(home)
