"""What one trial may take: seconds per candidate, and memory.

A fit is native code that may never return and may hold the interpreter's lock, so no Python thread
can be relied on to stop it. `faulthandler` has a watchdog in C for that: it ends the process. Ray
then starts another one, and what was lost is a record with its reason.
"""

import faulthandler
import math
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STANDARD_ERROR = 2


@dataclass(frozen=True)
class Limits:
    """Seconds that fitting one candidate may take, and bytes that a trial's process may allocate.

    Without `memory_bytes` a trial may have its CPUs' share of its node's memory.
    """

    candidate_s: float = 600.0
    memory_bytes: int = 0


@dataclass(frozen=True)
class Deadline:
    """When a target has to be trained: `seconds` after `began_s`, an instant of time.monotonic().

    What judging and the release are expected to take is not among these seconds. The pooled search
    may take the first third of them, cross-fitting what it found another, the fleet what is left.

    >>> Deadline(100.0, 60.0).cross_fit_until_s, Deadline(100.0).cross_fit_until_s
    (140.0, inf)
    """

    began_s: float
    seconds: float = math.inf

    @property
    def is_bound(self) -> bool:
        """Whether there is one."""
        return math.isfinite(self.seconds)

    @property
    def search_until_s(self) -> float:
        """When the pooled search has to end."""
        return self.began_s + self.seconds / 3.0

    @property
    def cross_fit_until_s(self) -> float:
        """When the pooled model has to be cross-fitted."""
        return self.began_s + self.seconds * 2.0 / 3.0

    @property
    def fleet_until_s(self) -> float:
        """When the fleet has to end."""
        return self.began_s + self.seconds


UNBOUNDED = Deadline(0.0)


def process_began_s() -> float:
    """When this process was started, an instant of time.monotonic() (Linux); now if nobody tells.

    >>> time.monotonic() - 3600.0 < process_began_s() <= time.monotonic()
    True
    """
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return time.monotonic()
    began_ticks = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[19])
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - began_ticks / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - max(age_s, 0.0)


@contextmanager
def ending_after(seconds: float) -> Iterator[None]:
    """End this process, with a traceback in its log, if the work inside takes longer."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=_STANDARD_ERROR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def bound_memory(further_bytes: int) -> None:
    """Let this process allocate so much more, then get a MemoryError; 0 is no bound.

    Only private memory counts: what is mapped from the object store is shared.
    """
    if further_bytes > 0:
        bound = _private_bytes() + further_bytes
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or bound < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


def _private_bytes() -> int:
    """The private memory of this process (Linux); 0 where it is not told."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    lines = status.read_text(encoding="utf-8").splitlines()
    sizes = [line.split()[1] for line in lines if line.startswith("VmData:")]
    return int(sizes[0]) * 1024 if sizes else 0
