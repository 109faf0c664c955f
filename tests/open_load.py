"""One request again and again at a constant rate, whether or not those before it were answered."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import httpx

LIMIT_S = 120.0


@dataclass(frozen=True)
class Sent:
    """A request: when it was due and when it was over (seconds of the load), and what befell it."""

    due_s: float
    over_s: float
    failure: str


@dataclass
class OpenLoad:
    """A load on a service that must always say the same; what is asked is sent as JSON."""

    url: str
    asked: dict[str, object]
    per_second: float
    expected: object
    sent: list[Sent] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _started_s: float = 0.0

    def __enter__(self) -> "OpenLoad":
        self._started_s = time.monotonic()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._load()))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def now_s(self) -> float:
        """How long it has gone on."""
        return time.monotonic() - self._started_s

    def go_on(self, seconds: float) -> None:
        """Wait until what was due in so many seconds from now is over."""
        until_s = self.now_s + seconds
        self.wait_until(lambda: any(each.due_s >= until_s for each in list(self.sent)))

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Poll until something is so."""
        deadline = time.monotonic() + LIMIT_S
        while not is_so():
            assert time.monotonic() < deadline, f"it never happened; {self.failures}"
            time.sleep(0.05)

    def is_calm(self, seconds: float) -> bool:
        """Whether something was due in the last so many seconds, and all of it was answered."""
        since_s = self.now_s - seconds
        recent = [each for each in list(self.sent) if each.due_s >= since_s]
        return bool(recent) and not any(each.failure for each in recent)

    @property
    def failures(self) -> Counter[str]:
        """How many requests failed, by what befell them."""
        return Counter(each.failure for each in list(self.sent) if each.failure)

    def recovery(self, fault_s: float) -> str:
        """What came of a fault: failures, the first success after it, and the last failure."""
        after = [each for each in self.sent if each.over_s >= fault_s]
        good = [each.over_s for each in after if not each.failure and each.due_s >= fault_s]
        bad = [each.due_s for each in after if each.failure]
        slowest = max((e.over_s - e.due_s for e in after if not e.failure), default=0.0)
        return (
            f"{len(bad)} of {len(after)} failed {dict(self.failures)}, first success after "
            f"{min(good, default=float('nan')) - fault_s:.2f} s, last failure after "
            f"{max(bad, default=fault_s) - fault_s:.2f} s, slowest answer {slowest:.2f} s"
        )

    async def _load(self) -> None:
        everything = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        running: set[asyncio.Task[None]] = set()
        async with httpx.AsyncClient(limits=everything, timeout=LIMIT_S) as client:
            number = 0
            while not self._is_over.is_set():
                due_s = number / self.per_second
                await asyncio.sleep(max(0.0, due_s - self.now_s))
                running.add(asyncio.create_task(self._ask(client, due_s)))
                running = {each for each in running if not each.done()}
                number += 1
            await asyncio.gather(*running)

    async def _ask(self, client: httpx.AsyncClient, due_s: float) -> None:
        failure = ""
        try:
            reply = await client.post(self.url, json=self.asked)
            if reply.status_code != 200:
                failure = f"{reply.status_code}"
            elif reply.json() != self.expected:
                failure = "another answer"
        except httpx.HTTPError as error:
            failure = type(error).__name__
        self.sent.append(Sent(due_s, self.now_s, failure))
