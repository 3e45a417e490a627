"""Work in processes of their own: what eats time or memory, or breaks the library that reads it, costs its process, not the program."""

import contextlib
import queue
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, Final

from syndication.errors import SyndicationError

MEMORY: Final = 1024 * 1024 * 1024
"""Bytes of address space of one child."""
OPEN_FILES: Final = 16
LARGEST_FILE: Final = 1024 * 1024 * 1024
"""Bytes of what a child may write, if it writes at all."""


class Children:
    """`processes` children that run `module` (which calls `attend`), each question within `seconds`. Threads share them; one that dies is
    replaced. `what`: what they read, for the sentences of `failure`: "document".
    """

    def __init__(self, module: str, what: str, failure: type[SyndicationError], processes: int, seconds: float) -> None:
        self._module = module
        self._what = what
        self._failure = failure
        self.seconds = seconds
        self.idle: queue.LifoQueue[subprocess.Popen[bytes] | None] = queue.LifoQueue()
        for _ in range(processes):
            self.idle.put(None)
        self._processes = processes

    def ask(self, *frames: bytes) -> bytes:
        """What a child answers. Raises `failure` with what it says, and where it took too long or too much memory."""
        child, kept = self.idle.get(), None
        try:
            if child is None or child.poll() is not None:
                _bury(child)
                child = self._spawn()
            failed, answer = self._asked(child, frames)
            kept = child
        finally:
            if kept is None:
                _bury(child)
            self.idle.put(kept)
        if failed:
            raise self._failure(answer.decode())
        return answer

    def close(self) -> None:
        """End the children; waits for what is under way."""
        for _ in range(self._processes):
            _bury(self.idle.get())
        for _ in range(self._processes):
            self.idle.put(None)

    def _spawn(self) -> subprocess.Popen[bytes]:
        # -I: no environment, no user's site, nothing from the current folder.
        command = [sys.executable, "-I", "-m", self._module]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={})  # noqa: S603 - our own module

    def _asked(self, child: subprocess.Popen[bytes], frames: tuple[bytes, ...]) -> tuple[bool, bytes]:
        """Whether it failed, and the answer. The deadline holds for sending, too: a child that hangs does not read."""
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self.seconds, end)
        timer.start()
        try:
            if child.stdin is None or child.stdout is None:
                raise self._failure(f"the reader of the {self._what} has no pipes")
            for frame in frames:
                send(child.stdin, frame)
            failed = receive(child.stdout) == b"1"
            answer = receive(child.stdout)
        except (OSError, EOFError) as error:
            child.wait()
            reason = f"took longer than {self.seconds:g} s" if late.is_set() else "took too much memory, or broke the parser"
            raise self._failure(f"the {self._what} {reason}: nothing of it was taken") from error
        finally:
            timer.cancel()
            # Either it has fired by now or it never will: a child must not be killed under the next question.
            timer.join()
        if late.is_set():
            raise self._failure(f"the {self._what} took longer than {self.seconds:g} s: nothing of it was taken")
        return failed, answer


def attend(frames: int, answer: Callable[..., bytes], failure: type[SyndicationError]) -> None:
    """The child's life, bounded: one question of so many frames after another, until the other side closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            asked = [receive(sys.stdin.buffer) for _ in range(frames)]
        except EOFError:
            return
        try:
            said, failed = answer(*asked), b"0"
        except failure as error:
            said, failed = str(error).encode("utf-8", "replace"), b"1"
        send(sys.stdout.buffer, failed)
        send(sys.stdout.buffer, said)


def send(pipe: IO[bytes], frame: bytes) -> None:
    """One frame: its length in four bytes, and itself."""
    pipe.write(len(frame).to_bytes(4))
    pipe.write(frame)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """The next frame. Raises EOFError where there is none, or half of one."""
    size = pipe.read(4)
    frame = pipe.read(int.from_bytes(size)) if len(size) == 4 else b""
    if len(size) != 4 or len(frame) != int.from_bytes(size):
        raise EOFError
    return frame


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
