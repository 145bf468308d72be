"""Child processes that never outlive their supervisor (Linux)."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log is set aside once, at the next start
LIBC = ctypes.CDLL(None, use_errno=True)

Pause = Callable[[float], None]


class StartFailedError(Exception):
    """The service cannot start; the message is one for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """An unprivileged user by number; servers run as it when the supervisor is root."""

    uid: int
    gid: int


def say(message: str) -> None:
    """Tell the person at the terminal; standard output is kept for the `ready` line."""
    print(message, file=sys.stderr, flush=True)


def follow(parent: int, number: signal.Signals) -> None:
    """Let the kernel send this process the signal when its parent, `parent`, dies."""
    LIBC.prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` for children of this process: `follow` it."""
    return partial(follow, os.getpid(), number)


class Child:
    """One supervised process: the same command line, started as often as needed.

    Must be started from the main thread: the kernel's notice of the parent's death is bound
    to the thread that forked.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path,
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.env = dict(env)
        self.log = log
        self.cwd = cwd
        self.account = account
        self.stop_signal = stop_signal
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process in its own session, its output appended to the log."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        account = self.account
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.argv,
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                # Runs after the change of user, which would clear what it sets; the
                # supervisor has one thread, so code between fork and exec is safe.
                preexec_fn=die_with_parent(self.stop_signal),  # noqa: PLW1509
            )

    def exit_code(self) -> int | None:
        """None while running; negative for a signal, as `subprocess` has it."""
        return self.process.poll() if self.process else None

    def ask_to_stop(self) -> None:
        """Send the stop signal, if it is running."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def stop(self, grace: float = 10.0) -> None:
        """Ask, wait at most `grace` seconds, then kill."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the log, indented for the terminal; empty when there is none."""
        if not self.log.exists():
            return ""
        text = self.log.read_text("utf-8", errors="replace").splitlines()[-lines:]
        return "\n".join(f"    {line}" for line in text)

    def require_running(self) -> None:
        """Raise StartFailedError with the log's end if the process has ended."""
        code = self.exit_code()
        if code is not None:
            raise StartFailedError(
                f"{self.name} ended with code {code}; the end of {self.log}:\n{self.log_tail()}"
            )

    def wait_until(
        self, ready: Callable[[], bool], *, seconds: float, pause: Pause = time.sleep
    ) -> None:
        """Poll `ready` until true; StartFailedError when the process ends or time runs out."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.require_running()
            if time.monotonic() > deadline:
                raise StartFailedError(
                    f"{self.name} was not ready after {seconds:.0f} s; the end of {self.log}:\n"
                    f"{self.log_tail()}"
                )
            pause(0.05)
