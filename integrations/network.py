"""Sockets that know when a call has to be over: a vendor that sends a byte a minute takes nobody's thread.

httpx's time-outs are for each wait, and begin anew with each byte. Here every wait is cut at the end of the call:

    with over_by(time.monotonic() + 20):
        client.get(…)                    # connecting, sending, head and body: 20 seconds in all

https://www.encode.io/httpcore/network-backends/
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpcore
import httpx

#: Bytes that are sent between two looks at the clock.
PIECE = 16 * 1024


class _Call(threading.local):
    """Until when the call that this thread makes may last, on the monotonic clock; None: no call is under way."""

    ends: float | None = None


_call = _Call()


@cache
def trust() -> ssl.SSLContext:
    """Who vouches for vendors: the public authorities, and those that this machine trusts beside them, for instance a
    company's own, from SSL_CERT_FILE where it is set. Reading them takes longer than most calls, so it is done once.
    """
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


@contextmanager
def over_by(moment: float) -> Iterator[None]:
    """Whatever this thread sends or reads during the block is given up at that moment of the monotonic clock."""
    before, _call.ends = _call.ends, moment
    try:
        yield
    finally:
        _call.ends = before


def transport(verify: ssl.SSLContext, limits: httpx.Limits, proxy: str | None = None) -> httpx.HTTPTransport:
    """httpx's own transport, over sockets that keep to the end of the call."""
    made = httpx.HTTPTransport(verify=verify, limits=limits, trust_env=False, proxy=proxy)
    made._pool._network_backend = _Backend()  # httpx hands on everything to httpcore but this
    return made


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    """Seconds that a wait may last: what httpx says, or what is left of the call."""
    if _call.ends is None:
        return timeout
    left = _call.ends - time.monotonic()
    if left <= 0:
        raise late("the call has lasted long enough")
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore.NetworkBackend):
    """Plain sockets, each of which keeps to the end of the call."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.connect_tcp(host, port, left, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._plain.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection whose waits are cut at the end of the call."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for first in range(0, len(buffer), PIECE):
            self._stream.write(buffer[first : first + PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
