"""One supervisor per data folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.child import Pause, StartFailedError

STOPPING_SECONDS = 60.0


class DataDirLock:
    """Held while a supervisor uses the folder; the kernel releases it when its holder dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._write(f"{os.getpid()} running")

    def stopping(self) -> None:
        """Say that the holder is on its way out, so that a successor waits for it."""
        self._write(f"{os.getpid()} stopping")

    def _write(self, text: str) -> None:
        os.pwrite(self._descriptor, text.ljust(40).encode(), 0)


@contextmanager
def exclusive(data_dir: Path, pause: Pause) -> Iterator[DataDirLock]:
    """Hold DATA_DIR/lock. StartFailedError if another supervisor runs there; one that is
    stopping is waited for."""
    path = data_dir / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    started = time.monotonic()
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                pid, _, state = path.read_text().strip().partition(" ")
                # A second of grace: the holder may not have noticed its own signal yet.
                patience = STOPPING_SECONDS if state == "stopping" else 1.0
                if time.monotonic() - started > patience:
                    raise StartFailedError(
                        f"another `make run` (process {pid}) uses {data_dir}: "
                        "stop it, or set another DATA_DIR and PORT"
                    ) from None
                pause(0.1)
        yield DataDirLock(descriptor)
    finally:
        os.close(descriptor)
