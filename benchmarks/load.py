"""A load generator: prebuilt requests over kept-alive sockets, one thread to a client.

It shares the machine with what it measures, so it does as little as it can: at 1,000 requests a
second it takes about a twentieth of a core.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

CLIENTS = 8
TIMEOUT_S = 30.0


@dataclass
class Load:
    """What a run gave: seconds from the first request to the last answer, the latencies of the
    answers that were 2xx in seconds, and how many others came by status;
    `cpu_s` says who used the cores."""

    seconds: float
    latencies: list[float]
    failures: Counter[int] = field(default_factory=Counter)
    cpu_s: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Successful answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds that this share of the answers took at most."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request, ready to be sent."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(port: int, requests: Sequence[bytes], *, seconds: float, clients: int = CLIENTS) -> Load:
    """Sends each request once until time or requests run out."""
    following = count()
    deadline = time.perf_counter() + seconds
    load = Load(0.0, [])

    def work() -> None:
        with _connect(port) as connection:
            for index in following:
                if index >= len(requests) or time.perf_counter() > deadline:
                    return
                began = time.perf_counter()
                status, _ = exchange(connection, requests[index])
                if 200 <= status < 300:
                    load.latencies.append(time.perf_counter() - began)
                else:
                    load.failures[status] += 1

    threads = [threading.Thread(target=work) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    return load


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(connection: socket.socket, sent: bytes) -> tuple[int, bytes]:
    """Status and body of one answer; ConnectionError when the server hangs up."""
    connection.sendall(sent)
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _receive(connection)
    head = received[:end].lower()
    wanted = end + 4 + _content_length(head)
    while len(received) < wanted:
        received += _receive(connection)
    return int(head[9:12]), received[end + 4 :]


def _receive(connection: socket.socket) -> bytes:
    part = connection.recv(1 << 17)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part


def _content_length(head: bytes) -> int:
    _, _, rest = head.partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0] or 0)
