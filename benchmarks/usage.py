"""Wall time, CPU time and peak memory of everything that a piece of work starts (Linux)."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

MARK = "TRACER_BENCHMARK"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """What this process and all that carry its mark took."""

    wall_s: float = 0.0
    peak_mb: float = 0.0
    cpu_before: dict[int, float] = field(default_factory=dict)
    cpu_by_process: dict[int, float] = field(default_factory=dict)
    foreign: set[int] = field(default_factory=set)  # looked at once: looking costs time itself

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU of all processes."""
        found = self.cpu_by_process
        return sum(found.values()) - sum(self.cpu_before.get(each, 0.0) for each in found)

    def look(self) -> None:
        """Look at all processes once."""
        pages = 0
        for process, cpu_s, resident in _processes(self.foreign):
            self.cpu_by_process[process] = cpu_s
            pages += resident
        self.peak_mb = max(self.peak_mb, pages * 4096 / 2**20)


def _processes(foreign: set[int]) -> Iterator[tuple[int, float, int]]:
    """This process and those that it or they started: id, seconds of CPU, pages in memory."""
    mark = f"{MARK}={os.environ[MARK]}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) in foreign:
            continue
        try:
            if int(entry.name) != os.getpid() and mark not in (entry / "environ").read_bytes():
                foreign.add(int(entry.name))
                continue
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            resident = int((entry / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        yield int(entry.name), (int(stat[11]) + int(stat[12])) / TICKS, resident


@contextmanager
def measured() -> Iterator[Usage]:
    """Measure what happens inside; processes started since the first such block carry the mark."""
    os.environ.setdefault(MARK, uuid.uuid4().hex)
    usage, ended = Usage(), threading.Event()
    usage.cpu_before = {process: cpu_s for process, cpu_s, _ in _processes(usage.foreign)}

    def watch() -> None:
        while not ended.wait(0.1):
            usage.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    began = time.perf_counter()
    yield usage
    usage.wall_s = time.perf_counter() - began
    usage.look()
    ended.set()
    watcher.join()
