"""The channel to a container's first process: the engine's attach stream, taken apart.

Everything goes through the API connection, so that any engine will do that DOCKER_HOST reaches. What the
container prints comes in frames (stream, length, bytes), as the Engine API says under "Attach to a container".
"""

from __future__ import annotations

import socket
import struct
from typing import Any

_FRAME = struct.Struct(">BxxxL")
_STDOUT, _STDERR = 1, 2
_CHUNK = 1 << 18
_STDERR_KEPT = 4096


class Attached:
    """A grader.backends.conversation.Link over an attach stream. complaints: the end of what came on stderr."""

    def __init__(self, attached: Any) -> None:
        """attached: what docker-py's attach_socket returns; over a Unix socket or TCP a SocketIO, with TLS its own."""
        self._held = attached
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        self._raw = bytearray()
        self.complaints = bytearray()

    def settimeout(self, seconds: float) -> None:
        """See conversation.Link."""
        self._socket.settimeout(seconds)

    def send(self, data: bytes) -> None:
        """See conversation.Link."""
        self._socket.sendall(data)

    def receive(self) -> bytes:
        """See conversation.Link."""
        while True:
            data = self._socket.recv(_CHUNK)
            if not data:
                return b""
            self._raw += data
            if out := self._frames():
                return out

    def _frames(self) -> bytes:
        """Take every whole frame; what was for stdout."""
        out = bytearray()
        at = 0
        while at + _FRAME.size <= len(self._raw):
            stream, length = _FRAME.unpack_from(self._raw, at)
            if stream not in (_STDOUT, _STDERR):
                raise ValueError("the engine's attach stream is out of step")
            end = at + _FRAME.size + length
            if end > len(self._raw):
                break
            body = memoryview(self._raw)[at + _FRAME.size : end]
            if stream == _STDOUT:
                out += body
            else:
                self.complaints += body
                del self.complaints[:-_STDERR_KEPT]
            body.release()
            at = end
        del self._raw[:at]
        return bytes(out)

    def close(self) -> None:
        """Hang up; the driver ends when it notices."""
        self._held.close()
        self._socket.close()
