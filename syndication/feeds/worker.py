"""Parsers in processes of their own: a document that eats time or memory costs its process, not the program."""

import contextlib
import json
import queue
import resource
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import datetime
from typing import IO, Any, Final

from pydantic import TypeAdapter

from syndication.errors import FeedError
from syndication.feeds.parse import parse
from syndication.model.entry import ParsedFeed

MEMORY: Final = 1024 * 1024 * 1024
"""Bytes of address space of one child."""
OPEN_FILES: Final = 16

_adapter: Final = TypeAdapter(ParsedFeed)


class Parser:
    """Parses in `processes` children, each document within `seconds`. Threads share it; a child that dies is replaced."""

    def __init__(self, processes: int = 2, seconds: float = 10.0) -> None:
        self._seconds = seconds
        self._idle: queue.LifoQueue[subprocess.Popen[bytes] | None] = queue.LifoQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._processes = processes

    def parse(self, body: bytes, *, content_type: str | None, base_url: str, language: str, now: datetime) -> ParsedFeed:
        """As `feeds.parse.parse`; raises FeedError also where the document took too long or too much memory."""
        asked = {"content_type": content_type, "base_url": base_url, "language": language, "now": now.isoformat()}
        child, kept = self._idle.get(), None
        try:
            if child is None or child.poll() is not None:
                _bury(child)
                child = _spawn()
            failed, answer = self._ask(child, json.dumps(asked).encode(), body)
            kept = child
        finally:
            if kept is None:
                _bury(child)
            self._idle.put(kept)
        if failed:
            raise FeedError(answer.decode())
        return _unpacked(answer)

    def close(self) -> None:
        """End the children; waits for parses under way."""
        for _ in range(self._processes):
            _bury(self._idle.get())
        for _ in range(self._processes):
            self._idle.put(None)

    def _ask(self, child: subprocess.Popen[bytes], *frames: bytes) -> tuple[bool, bytes]:
        """Whether it failed, and the answer. The deadline holds for sending, too: a child that hangs does not read."""
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._seconds, end)
        timer.start()
        try:
            if child.stdin is None or child.stdout is None:
                raise FeedError("the parser has no pipes")
            for frame in frames:
                _send(child.stdin, frame)
            failed = _receive(child.stdout) == b"1"
            answer = _receive(child.stdout)
        except (OSError, EOFError) as error:
            child.wait()
            reason = f"took longer than {self._seconds:g} s" if late.is_set() else "took too much memory, or broke the parser"
            raise FeedError(f"the document {reason}: nothing of it was taken") from error
        finally:
            timer.cancel()
            # Either it has fired by now or it never will: a child must not be killed under the next document.
            timer.join()
        if late.is_set():
            raise FeedError(f"the document took longer than {self._seconds:g} s: nothing of it was taken")
        return failed, answer


def _spawn() -> subprocess.Popen[bytes]:
    # -I: no environment, no user's site, nothing from the current folder.
    command = [sys.executable, "-I", "-m", "syndication.feeds.worker"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={})  # noqa: S603 - our own module


def _bury(child: subprocess.Popen[bytes] | None) -> None:
    if child is None:
        return
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            # What is still in the buffer cannot be written any more, which closing would try.
            with contextlib.suppress(OSError):
                pipe.close()


def _send(pipe: IO[bytes], frame: bytes) -> None:
    pipe.write(len(frame).to_bytes(4))
    pipe.write(frame)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    size = pipe.read(4)
    frame = pipe.read(int.from_bytes(size)) if len(size) == 4 else b""
    if len(size) != 4 or len(frame) != int.from_bytes(size):
        raise EOFError
    return frame


def _packed(feed: ParsedFeed) -> bytes:
    """As JSON; the raw bytes, which may be of any encoding, as base64."""
    entries = tuple(replace(one, raw=b64encode(one.raw)) for one in feed.entries)
    unreadable = tuple(replace(one, raw=b64encode(one.raw)) for one in feed.unreadable)
    return _adapter.dump_json(replace(feed, entries=entries, unreadable=unreadable))


def _unpacked(answer: bytes) -> ParsedFeed:
    feed: ParsedFeed = _adapter.validate_json(answer)
    entries = tuple(replace(one, raw=b64decode(one.raw)) for one in feed.entries)
    unreadable = tuple(replace(one, raw=b64decode(one.raw)) for one in feed.unreadable)
    return replace(feed, entries=entries, unreadable=unreadable)


def serve(read: IO[bytes], write: IO[bytes]) -> None:
    """The child's life: one document after another, until the other side closes."""
    while True:
        try:
            asked: dict[str, Any] = json.loads(_receive(read))
            body = _receive(read)
        except EOFError:
            return
        try:
            now = datetime.fromisoformat(asked.pop("now"))
            answer, failed = _packed(parse(body, now=now, **asked)), b"0"
        except FeedError as error:
            answer, failed = str(error).encode("utf-8", "replace"), b"1"
        _send(write, failed)
        _send(write, answer)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)
