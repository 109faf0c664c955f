"""HTTP load from one asyncio process: closed loops (so many clients) and open (so many a s).

In an open loop a request's time counts from when it was due, so that waiting behind others counts
too. A connection carries one request after another and is used again.
"""

import asyncio
import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

HOST = "127.0.0.1"


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

    @property
    def request(self) -> bytes:
        """The request as it is sent."""
        head = f"POST {self.path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


class Connection:
    """One connection, opened when it is first used."""

    def __init__(self, target: Target) -> None:
        """Open nothing yet."""
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self) -> int:
        """Send the request and read the whole answer; its status."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._target.port)
        reader, writer = self._streams
        writer.write(self._target.request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        if b"connection: close" in head:
            await self.close()
        return int(head.split(b" ", 2)[1])

    async def close(self) -> None:
        """Hang up."""
        if self._streams:
            self._streams[1].close()
        self._streams = None


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
        await connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    outcome.wall_s = time.perf_counter() - started
    return outcome


async def open_loop(target: Target, per_second: float, for_s: float) -> Outcome:
    """So many requests each second, whether or not the ones before were answered."""
    outcome, started = Outcome(), time.perf_counter()
    idle: list[Connection] = []

    async def ask(due: float) -> None:
        connection = idle.pop() if idle else Connection(target)
        try:
            outcome.add(await connection.ask(), time.perf_counter() - due)
            idle.append(connection)
        except OSError:
            outcome.statuses[0] += 1

    asked = []
    for number in range(int(per_second * for_s)):
        due = started + number / per_second
        if (wait_s := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait_s)
        asked.append(asyncio.create_task(ask(due)))
    await asyncio.gather(*asked)
    outcome.wall_s = time.perf_counter() - started
    for connection in idle:
        await connection.close()
    return outcome
