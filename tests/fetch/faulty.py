"""A real server on 127.0.0.1 that answers byte for byte what a test wants, however wrong, and keeps what it was asked."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


@dataclass
class Faulty:
    """`asked`: the head of every request, in order. `answers`: what to do for a path; `b"..."` is sent as it stands."""

    port: int
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Answer | bytes] = field(default_factory=dict)
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        """The address of a path here."""
        return f"{scheme}://{host}:{self.port}{path}"

    def serve(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        """One connection."""
        with suppress(OSError), tls.wrap_socket(sock, server_side=True) if tls else sock as peer:
            head = b""
            while b"\r\n\r\n" not in head:
                more = peer.recv(65536)
                if not more:
                    return
                head += more
            self.asked.append(head.decode("latin-1"))
            path = self.asked[-1].split(" ")[1].partition("?")[0]
            answer = self.answers.get(path, not_found())
            if isinstance(answer, bytes):
                peer.sendall(answer)
            else:
                answer(peer)


@contextmanager
def faulty(host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None, raw: Answer | None = None) -> Iterator[Faulty]:
    """A server until the block is left. `raw`: what to do with a connection before a word is said."""
    listener = socket.create_server((host, port), backlog=64)
    server = Faulty(listener.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            target, args = (raw, (sock,)) if raw else (server.serve, (sock, tls))
            threading.Thread(target=quietly, args=(target, *args), name="faulty", daemon=True).start()

    threading.Thread(target=accept, name="faulty", daemon=True).start()
    try:
        yield server
    finally:
        server.stopping.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def quietly(target: Callable[..., None], *args: object) -> None:
    """The client going away is what these servers are for."""
    with suppress(OSError):
        target(*args)


def reply(status: int = 200, body: bytes = b"<feed/>", *headers: str, length: int | None = -1) -> bytes:
    """A whole answer. `length`: what Content-Length claims; None leaves it out."""
    lines = [f"HTTP/1.1 {status} Status", *headers]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def not_found() -> bytes:
    """404."""
    return reply(404, b"")


def redirect(to: str, status: int = 302) -> bytes:
    """A redirect."""
    return reply(status, b"", f"Location: {to}")


def drip(head: bytes, piece: bytes, pause: float = 0.05, times: int = 10_000, tail: bytes = b"") -> Answer:
    """`head` at once, then `piece` again and again, `pause` seconds apart."""

    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        for _ in range(times):
            time.sleep(pause)
            sock.sendall(piece)
        sock.sendall(tail)

    return answer


def hang(sock: socket.socket) -> None:
    """Say nothing until the other side goes."""
    while sock.recv(4096):
        pass


def reset(after: bytes) -> Answer:
    """Say something, then tear the connection down (RST)."""

    def answer(sock: socket.socket) -> None:
        sock.sendall(after)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        sock.close()

    return answer


def flood(head: bytes, piece: bytes, times: int) -> Answer:
    """As much as the other side will take."""

    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        for _ in range(times):
            sock.sendall(piece)

    return answer
