"""The decoder's child: `python -m app.clients.decoder_child MEMORY_MB TIMEOUT_S`.

Answers the messages of app.clients.decoder on its stdin, a socket, until that ends.
"""

import resource
import signal
import socket
import sys
from dataclasses import asdict
from typing import Any

from app.clients.decoder import receive, send
from models import image
from models.photo_facts import ImageRefused


def main(memory_mb: int, timeout_s: float) -> None:
    """Serve one parent. `memory_mb` is of address space in MiB, `timeout_s` for each picture."""
    _limit(resource.RLIMIT_AS, memory_mb * 1024 * 1024)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)  # a decoder has no file to write
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    with socket.socket(fileno=0) as channel:
        send(channel, {"ready": True})
        while message := receive(channel):
            header, data = message
            # The parent has the same limit; this one ends a child whose parent is gone.
            signal.setitimer(signal.ITIMER_REAL, timeout_s * 2)
            answer, body = _answer(header["do"], data)
            signal.setitimer(signal.ITIMER_REAL, 0)
            send(channel, answer, body)


def _answer(operation: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        if operation == "render":
            large, thumb = image.render(data)
            return {"large": len(large)}, large + thumb
        facts = asdict(image.inspect(data))
    except ImageRefused as refusal:
        return {"refused": refusal.code}, b""
    except MemoryError:
        return {"refused": "too-large-to-decode"}, b""
    taken_at, sketch = facts["taken_at"], facts.pop("sketch")
    return {**facts, "taken_at": taken_at.isoformat() if taken_at else None}, sketch


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
