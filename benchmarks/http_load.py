"""HTTP load from one asyncio process: closed loops (so many clients) and open (so many a s).

In an open loop a request's time counts from when it was due, so that waiting behind others counts
too, also for one of the connections of the pool. A connection carries one request after another.
The client shares the machine with the server, so it is made to cost little.
"""

import asyncio
import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np

HOST = "127.0.0.1"
MOST_CONNECTIONS = 4_096


@dataclass
class Outcome:
    """What a load gave: seconds of each answer by its HTTP status."""

    wall_s: float = 0.0
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def add(self, status: int, seconds: float) -> None:
        """Take in one answer; only good ones are timed."""
        self.statuses[status] += 1
        if status == 200:
            self.seconds.append(seconds)

    @property
    def per_second(self) -> float:
        """Good answers per second."""
        return self.statuses[200] / self.wall_s

    def milliseconds(self, share: float) -> float:
        """The time within which that share of the good answers came."""
        return float(np.quantile(self.seconds, share)) * 1e3 if self.seconds else float("nan")


@dataclass(frozen=True)
class Target:
    """Whom to ask what."""

    port: int
    path: str
    body: bytes

    @cached_property
    def request(self) -> bytes:
        """The request as it is sent."""
        head = f"POST {self.path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


class Connection(asyncio.Protocol):
    """One connection, opened when it is first used; it carries one request at a time."""

    def __init__(self, target: Target) -> None:
        """Open nothing yet."""
        self._target = target
        self._transport: asyncio.Transport | None = None
        self._status: asyncio.Future[int] | None = None
        self._head = b""
        self._left = bytearray()

    async def ask(self) -> int:
        """Send the request and read the whole answer; its status. OSError where none came."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await loop.create_connection(lambda: self, HOST, self._target.port)
        assert self._transport is not None
        self._status = loop.create_future()
        self._transport.write(self._target.request)
        return await self._status

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._head, self._left = b"", bytearray()

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._left += data
        if not self._head:
            head, end, body = self._left.partition(b"\r\n\r\n")
            if not end:
                return
            self._head, self._left = bytes(head).lower(), body
        length = int(self._head.partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(self._left) >= length and self._status:
            status, is_last = int(self._head.split(b" ", 2)[1]), b"connection: close" in self._head
            self._head, self._left = b"", bytearray()
            if is_last:
                self.close()
            self._status.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail what waits for an answer."""
        self._transport = None
        if self._status and not self._status.done():
            self._status.set_exception(ConnectionResetError("no answer"))

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()
        self._transport = None


def free_port() -> int:
    """A port of this machine that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, path: str) -> bool:
    """Whether a service answers there; an empty request is refused by one that does."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", b"{}")
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code == 422
    except OSError:
        return False


async def closed_loop(target: Target, clients: int, for_s: float) -> Outcome:
    """So many clients, each asking again as soon as it is answered."""
    outcome, started = Outcome(), time.perf_counter()

    async def client() -> None:
        connection = Connection(target)
        while (asked := time.perf_counter()) < started + for_s:
            outcome.add(await connection.ask(), time.perf_counter() - asked)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    outcome.wall_s = time.perf_counter() - started
    return outcome


async def open_loop(target: Target, per_second: float, for_s: float) -> Outcome:
    """So many requests each second, whether or not the ones before were answered."""
    outcome, started = Outcome(), time.perf_counter()
    pool = [Connection(target) for _ in range(MOST_CONNECTIONS)]  # the last used comes first
    is_free = asyncio.Semaphore(MOST_CONNECTIONS)

    async def ask(due: float) -> None:
        async with is_free:
            connection = pool.pop()
            try:
                outcome.add(await connection.ask(), time.perf_counter() - due)
            except OSError:
                outcome.statuses[0] += 1
            pool.append(connection)

    asked = []
    for number in range(int(per_second * for_s)):
        due = started + number / per_second
        if (wait_s := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait_s)
        asked.append(asyncio.create_task(ask(due)))
    await asyncio.gather(*asked)
    outcome.wall_s = time.perf_counter() - started
    for connection in pool:
        connection.close()
    return outcome
