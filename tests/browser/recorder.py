"""A proxy that keeps every byte a browser sends, and lets it reach this computer only."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HERE = re.compile(r"^(?:127\.0\.0\.1|localhost)$")


class Recorder:
    """Listens on loopback; `sent` holds what came from the browser, connection by connection."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.refused: list[str] = []
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def everything(self) -> bytes:
        with self._lock:
            return b"\n".join(self.sent)

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, ValueError):
            client.settimeout(30)
            head, body = self._request(client)
            with self._lock:
                self.sent.append(head + body)
            method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            found = re.match(r"http://([^/:]+)(?::(\d+))?(/.*)", target)
            if method == "CONNECT" or not found or not _HERE.match(found[1]):
                self.refused.append(f"{method} {target}")
                client.sendall(
                    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                return
            self._forward(client, head, body, found[1], int(found[2] or 80), found[3])

    @staticmethod
    def _request(client: socket.socket) -> tuple[bytes, bytes]:
        content = b""
        while b"\r\n\r\n" not in content:
            more = client.recv(1 << 16)
            if not more:
                raise ValueError("no request")
            content += more
        head, _, body = content.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        while length and len(body) < int(length[1]):
            body += client.recv(1 << 16)
        return head + b"\r\n\r\n", body

    @staticmethod
    def _forward(
        client: socket.socket, head: bytes, body: bytes, host: str, port: int, path: str
    ) -> None:
        first, _, rest = head.partition(b"\r\n")
        method = first.split(b" ", 1)[0]
        rest = re.sub(rb"(?im)^(?:proxy-)?connection:.*\r\n", b"", rest)
        with socket.create_connection((host, port), timeout=30) as origin:
            line = method + b" " + path.encode("latin-1") + b" HTTP/1.1\r\nConnection: close\r\n"
            origin.sendall(line + rest + body)
            while more := origin.recv(1 << 16):
                client.sendall(more)


@contextmanager
def recorder() -> Iterator[Recorder]:
    running = Recorder()
    try:
        yield running
    finally:
        running.close()
