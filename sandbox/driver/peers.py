"""Which Unix-domain socket is the other end of which: only netlink tells (sock_diag(7))."""

from __future__ import annotations

import socket
import struct

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_DUMP = 0x301
_SHOW_NAME_AND_PEER = 0x1 | 0x4
_ATTRIBUTE_NAME, _ATTRIBUTE_PEER = 0, 2
_NETLINK_HEADER = struct.Struct("=IHHII")
_UNIX_REQUEST = struct.Struct("=BBHIIIII")
_UNIX_ANSWER = struct.Struct("=BBBBIII")
_ATTRIBUTE = struct.Struct("=HH")


def unix_sockets() -> dict[int, tuple[int, str]]:
    """inode -> (inode of the other end or 0, name) of every Unix-domain socket (sock_diag(7))."""
    body = _UNIX_REQUEST.pack(socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, _SHOW_NAME_AND_PEER, 0xFFFFFFFF, 0xFFFFFFFF)
    request = _NETLINK_HEADER.pack(_NETLINK_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0)
    found: dict[int, tuple[int, str]] = {}
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as netlink:
            netlink.settimeout(1)  # the kernel answers at once; this only keeps a broken one from holding us
            netlink.send(request + body)
            while _take_answers(netlink.recv(1 << 17), found):
                pass
    except OSError:
        return found
    return found


def _take_answers(data: bytes, found: dict[int, tuple[int, str]]) -> bool:
    """Read one packet of answers; False after the last."""
    at = 0
    while at + _NETLINK_HEADER.size <= len(data):
        size, kind, *_ = _NETLINK_HEADER.unpack_from(data, at)
        if kind != _SOCK_DIAG_BY_FAMILY or size < _NETLINK_HEADER.size:
            return False
        start = at + _NETLINK_HEADER.size
        inode = _UNIX_ANSWER.unpack_from(data, start)[4]
        found[inode] = _attributes(data[start + _UNIX_ANSWER.size : at + size])
        at += (size + 3) & ~3
    return bool(data)


def _attributes(data: bytes) -> tuple[int, str]:
    peer, name, at = 0, "", 0
    while at + _ATTRIBUTE.size <= len(data):
        size, kind = _ATTRIBUTE.unpack_from(data, at)
        if size < _ATTRIBUTE.size:
            break
        value = data[at + _ATTRIBUTE.size : at + size]
        if kind == _ATTRIBUTE_PEER and len(value) == 4:
            peer = int(struct.unpack("=I", value)[0])
        elif kind == _ATTRIBUTE_NAME:
            # An abstract name begins with a NUL, which is written as @.
            name = (b"@" * value.startswith(b"\0") + value.strip(b"\0")).decode("utf-8", "replace")
        at += (size + 3) & ~3
    return peer, name
