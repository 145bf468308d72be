"""Decodes pictures in a child process, so that no upload can take a web worker down.

Parent and child talk over a socket pair that is the child's stdin: a message is two lengths, a
JSON header and bytes. Nothing that comes back is ever unpickled. When the parent dies, even by
kill -9, the child reads the end of its stdin and goes too. (docs/adr/0004-decoding-in-a-child.md)
"""

import json
import os
import queue
import socket
import struct
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from models.photo_facts import REFUSALS, ImageFacts, ImageRefused, RefusalCode, Renditions

_ROOT = Path(__file__).resolve().parents[2]
_LENGTHS = struct.Struct("!II")  # of the header and of the bytes after it
_MAX_HEADER, _MAX_BYTES = 64 * 1024, 256 * 1024 * 1024
# Nothing of ours: a picture that took the child over would find no password in its environment.
# One malloc arena, because each counts 64 MiB of address space, used or not.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "PYTHONUTF8": "1"}
_Result = TypeVar("_Result")


def send(channel: socket.socket, header: dict[str, Any], body: bytes = b"") -> None:
    """Write one message."""
    text = json.dumps(header).encode()
    channel.sendall(_LENGTHS.pack(len(text), len(body)) + text)
    channel.sendall(body)


def receive(
    channel: socket.socket, deadline: float | None = None
) -> tuple[dict[str, Any], bytes] | None:
    """Read one message; None where the other side has gone.

    Raises TimeoutError past `deadline` (time.monotonic), ValueError or TypeError for no message.
    """
    lengths = _read(channel, _LENGTHS.size, deadline)
    if lengths is None:
        return None
    header_size, body_size = _LENGTHS.unpack(lengths)
    if header_size > _MAX_HEADER or body_size > _MAX_BYTES:
        raise ValueError("message too long")
    text, body = _read(channel, header_size, deadline), _read(channel, body_size, deadline)
    if text is None or body is None:
        return None
    header = json.loads(text)
    if not isinstance(header, dict):
        raise TypeError("not a message")
    return header, bytes(body)


def _read(channel: socket.socket, size: int, deadline: float | None) -> bytearray | None:
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        if deadline is not None:
            channel.settimeout(max(0.001, deadline - time.monotonic()))
        count = channel.recv_into(view[done:])
        if count == 0:
            return None
        done += count
    return data


class Decoder:
    """`children` processes, each started when first needed, shared by all threads.

    `memory_mb` limits a child's address space in MiB, `timeout_s` the seconds for one picture;
    after `images_per_child` pictures a child is replaced by a fresh one. A picture that crashes its
    child or passes a limit is refused like any other that cannot be decoded. A caller waits while
    all children are at work. Where no child can be started, which is no fault of the picture,
    RuntimeError or OSError is raised.
    """

    def __init__(
        self,
        *,
        children: int = 1,
        memory_mb: int = 1024,
        timeout_s: float = 20,
        images_per_child: int = 500,
    ) -> None:
        self._children = children
        self._memory_mb = memory_mb
        self._timeout_s = timeout_s
        self._images_per_child = images_per_child
        # Last in, first out: while one child is enough, the others need not start.
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self.start_over()
        _decoders.add(self)

    def inspect(self, data: bytes) -> ImageFacts:
        """The facts of a picture. Raises ImageRefused."""
        return self._ask("inspect", data, _facts)

    def render(self, data: bytes) -> Renditions:
        """What others may see of a picture. Raises ImageRefused."""
        return self._ask("render", data, _renditions)

    def close(self) -> None:
        """End the children that are not at work. A later call would start new ones."""
        idle = [self._idle.get() for _ in range(self._idle.qsize())]
        for child in idle:
            if child:
                child.end()
            self._idle.put(None)

    def start_over(self) -> None:
        """Forget all children: in a forked process they are still the first one's."""
        for child in self._idle.queue:
            if child:
                child.forget()
        self._idle = queue.LifoQueue()
        for _ in range(self._children):
            self._idle.put(None)

    def _ask(
        self, operation: str, data: bytes, read: Callable[[dict[str, Any], bytes], _Result]
    ) -> _Result:
        child = self._idle.get()
        try:
            if child and child.ended:
                child.end()
                child = None
            if child is None:
                child = _Child(self._memory_mb, self._timeout_s, self._images_per_child)
            return child.ask(operation, data, read)
        finally:
            self._idle.put(None if child is None or child.ended else child)


class _Child:
    def __init__(self, memory_mb: int, timeout_s: float, images: int) -> None:
        self._timeout_s = timeout_s
        self._images_left = images
        self._channel, theirs = socket.socketpair()
        command = [sys.executable, "-m", "app.clients.decoder_child"]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 no word of it comes from outside
                [*command, str(memory_mb), str(timeout_s)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=_ROOT,
                env=_ENVIRONMENT,
            )
        try:
            ready = receive(self._channel, time.monotonic() + timeout_s)
        except OSError:
            ready = None
        if ready is None:
            self.end()
            raise RuntimeError("the decoder's child process did not start")

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def ask(
        self, operation: str, data: bytes, read: Callable[[dict[str, Any], bytes], _Result]
    ) -> _Result:
        self._images_left -= 1
        healthy = False
        try:
            header, body = self._exchange(operation, data)
            healthy = header.get("refused") != "too-large-to-decode" and self._images_left > 0
            if "refused" in header:
                raise ImageRefused(_code(header["refused"]))
            return read(header, body)
        except TimeoutError as error:
            raise ImageRefused("too-large-to-decode") from error
        except (OSError, LookupError, TypeError, ValueError) as error:
            healthy = False
            raise ImageRefused("not-an-image") from error
        finally:
            if not healthy:
                self.end()

    def end(self) -> None:
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        self._channel.close()

    def _exchange(self, operation: str, data: bytes) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + self._timeout_s
        self._channel.settimeout(self._timeout_s)
        send(self._channel, {"do": operation}, data)
        answer = receive(self._channel, deadline)
        if answer is None:
            raise ConnectionResetError("the child died of this picture")
        return answer


def _code(text: str) -> RefusalCode:
    return next((code for code in REFUSALS if code == text), "not-an-image")


def _facts(header: dict[str, Any], sketch: bytes) -> ImageFacts:
    taken_at, location, accuracy = header["taken_at"], header["location"], header["accuracy_m"]
    return ImageFacts(
        media_type=str(header["media_type"]),
        width=int(header["width"]),
        height=int(header["height"]),
        sketch=sketch,
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
        location=(float(location[0]), float(location[1])) if location else None,
        accuracy_m=float(accuracy) if accuracy else None,
    )


def _renditions(header: dict[str, Any], body: bytes) -> Renditions:
    large_size = int(header["large"])
    return Renditions(body[:large_size], body[large_size:])


_decoders: weakref.WeakSet[Decoder] = weakref.WeakSet()


def _after_fork() -> None:
    for decoder in _decoders:
        decoder.start_over()


os.register_at_fork(after_in_child=_after_fork)
