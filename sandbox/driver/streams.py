"""What a submission prints and what the driver holds open: plain descriptors, with pexpect to match.

Where pexpect's own spawn classes would sleep or block in a read of their own, these ask the case's
event loop for more, so that all other streams are drained, exits are noticed and a stuck case is told
while one stream is waited for.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pexpect
from pexpect.spawnbase import SpawnBase

_CHUNK = 65536


class Stream:
    """Bytes that come from a descriptor (a pipe, a pseudo-terminal, a FIFO, a socket).

    received: all of it so far, cut at `limit` bytes; total counts on. more: called when a match
    needs bytes that are not there yet; returns when some came or the end was reached, or raises.
    """

    def __init__(self, descriptor: int, limit: int, more: Callable[[Stream], None]) -> None:
        self.closed = False
        self.descriptor = descriptor
        self.received = bytearray()
        self.total = 0
        self.ended = False
        self._limit = limit
        self._more = more
        self._unread = bytearray()  # what the matcher has not asked for
        self._matcher: _Matcher | None = None  # made when it is needed: most streams are read to their end
        os.set_blocking(descriptor, False)

    def drain(self) -> bool:
        """Read what is there now, once. True if something came or the stream has just ended."""
        if self.ended:
            return False
        try:
            data = os.read(self.descriptor, _CHUNK)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ECONNRESET):  # EIO: the last slave has closed
                raise
            data = b""
        if not data:
            self.ended = True
            return True
        self.feed(data)
        return True

    @property
    def over(self) -> bool:
        """More came than is kept: a flood."""
        return self.total > self._limit

    def next(self, size: int) -> bytes:
        """For the matcher: at most so many bytes, waiting until some are there; none at the end."""
        if not self._unread and not self.ended:
            self._more(self)
        data = bytes(self._unread[:size])
        del self._unread[:size]
        return data

    def _match(self) -> _Matcher:
        if self._matcher is None:
            self._matcher = _Matcher(self)
        return self._matcher

    def await_text(self, text: bytes) -> None:
        """Wait until these bytes have come, after what earlier waits matched. Raises pexpect.EOF."""
        # Wider than a chunk, or one that comes whole would push out the beginning of a text that it ends.
        self._match().expect_exact([text], timeout=None, searchwindowsize=2 * len(text) + _CHUNK)

    def await_line(self, text: bytes) -> None:
        """Wait until this has come as a line of its own. Raises pexpect.EOF."""
        self._match().expect_loop(_Line(text), timeout=None)  # type: ignore[arg-type]  # it only needs search()

    def await_pattern(self, pattern: bytes) -> None:
        """Wait until the regular expression matches (re.MULTILINE | re.DOTALL)."""
        self._match().expect([b"(?ms)" + pattern], timeout=None)

    @property
    def waiting(self) -> int:
        """How many bytes have come that no wait has matched and nobody has taken."""
        return len(self._unmatched()) + len(self._unread)

    def _unmatched(self) -> bytes:
        """What the matcher has asked for, and has found nothing in."""
        return bytes(self._matcher.buffer) if self._matcher is not None else b""

    def pending(self, size: int) -> bytes:
        """The last `size` of those bytes; they stay."""
        found = self._unmatched()
        if self._matcher is not None and self._matcher.after is pexpect.EOF:  # it has emptied its buffer then
            found = bytes(self._matcher.before or b"")
        return (found + bytes(self._unread))[-size:]

    def feed(self, data: bytes) -> None:
        """Count bytes in that somebody else has read from the descriptor."""
        self.total += len(data)
        room = max(self._limit - len(self.received), 0)
        self.received += data[:room]
        self._unread += data[:room]

    def take(self, size: int = 0) -> bytes:
        """The next bytes, at most size of them; all that have come if it is 0. Later waits begin behind them."""
        data = self._unmatched() + bytes(self._unread)
        rest = data[size:] if size else b""
        self._matcher = None
        self._unread = bytearray(rest)
        return data[: len(data) - len(rest)]

    def has_ended(self) -> bool:
        """Condition for a wait: nothing more will come."""
        return self.ended

    def close(self) -> None:
        """Let go of the descriptor; what was received stays."""
        if not self.closed:
            self.closed = True
            self.ended = True
            os.close(self.descriptor)


class _Line:
    """A searcher for pexpect: a whole line. As a regular expression a long one takes a second to be compiled."""

    eof_index = timeout_index = -1

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.start = self.end = 0
        self.match = b""

    def search(self, buffer: bytes, freshlen: int, searchwindowsize: int | None = None) -> int:  # noqa: ARG002
        """0 if it is there, else -1. freshlen: bytes at the end of the buffer that were not searched before."""
        at = max(0, len(buffer) - freshlen - len(self._text) - 2)
        while (at := buffer.find(self._text, at)) >= 0:
            end = at + len(self._text)
            newline = next((end_of for end_of in (b"\n", b"\r\n") if buffer.startswith(end_of, end)), b"")
            if newline and (at == 0 or buffer[at - 1 : at] == b"\n"):
                self.start, self.end = at, end + len(newline)
                self.match = buffer[self.start : self.end]
                return 0
            at += 1
        return -1


class _Matcher(SpawnBase):  # type: ignore[type-arg]  # the class is generic in its stubs only
    """pexpect's view of a stream."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(timeout=None, maxread=_CHUNK, searchwindowsize=None, encoding=None)
        self.delayafterread: float | None = None
        self.closed = False
        self._stream = stream

    def read_nonblocking(self, size: int = 1, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """The next bytes; raises pexpect.EOF at the end."""
        data = self._stream.next(size)
        if not data:
            self.flag_eof = True
            raise pexpect.EOF("end of stream")
        return data

    def isalive(self) -> bool:
        """There may be more."""
        return not self._stream.ended
