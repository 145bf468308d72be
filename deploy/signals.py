"""How a supervisor learns that it shall stop."""

import os
import signal
import time
from pathlib import Path
from types import FrameType

from deploy.child import follow

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Someone asked the supervisor to stop."""


def sigint_pending_in(pid: int) -> bool:
    """Whether the process blocks SIGINT just now, which GNU make does only while it handles
    one. It then waits for its children without telling them: right for Ctrl-C, which reaches
    them too, but for ever when SIGINT was sent to make alone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:"))
    return bool(int(blocked, 16) & 1 << (signal.SIGINT - 1))


class StopSwitch:
    """Remembers SIGINT, SIGTERM and SIGHUP (unless ignored, as under nohup).

    Under make it also stops when make is interrupted or killed: make is what the user started.
    """

    def __init__(self) -> None:
        self.asked = False
        self._make = self._parent_make()
        for number in STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._ask)

    def pause(self, seconds: float) -> None:
        """Sleep briefly; StopRequested if it is time to stop."""
        time.sleep(seconds)
        if self.asked or (self._make and sigint_pending_in(self._make)):
            raise StopRequested

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def _parent_make(self) -> int | None:
        parent = os.getppid()
        if Path(f"/proc/{parent}/comm").read_text().strip() not in {"make", "gmake"}:
            return None
        follow(parent, signal.SIGTERM)
        return parent
