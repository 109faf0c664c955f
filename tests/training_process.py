"""A training run in a process of its own, with a Ray of its own, that tests can kill."""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import marked

ROOT = Path(__file__).parents[1]
DEADLINE_S = 300.0
MARK = "TRACER_TEST_PROCESS"
TRAIN = """
import importlib
import sys
from tracer_ray.archive import blueprint
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.session import start_ray
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
name, cpus, budget, source, home, *targets = sys.argv[1:]
start_ray(cpus=int(cpus))
module, _, constant = name.rpartition(":")
chosen = getattr(importlib.import_module(module), constant) if module else blueprint(name)
request = TrainingRequest(chosen, (source,), home, tuple(targets), budget)
print(train(request, LineProgress()).manifest.fingerprint)
"""


@dataclass(frozen=True)
class TrainingProcess:
    """A running training, and the mark that all its processes carry."""

    process: "subprocess.Popen[str]"
    mark: str

    def result(self) -> str:
        """Wait for its end; the fingerprint of its release."""
        said, _ = self.process.communicate(timeout=DEADLINE_S)
        assert self.process.returncode == 0
        found: list[str] = re.findall(r"\b[0-9a-f]{64}\b", said)
        return found[-1]  # Ray may say something after it

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Poll until something is so; the process must not end before."""
        until = time.monotonic() + DEADLINE_S
        while not is_so():
            assert time.monotonic() < until
            try:
                self.process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"it ended with {self.process.returncode} before")

    def kill_worker(self, title: str) -> bool:
        """Kill -9 one of its processes by a word of its title; whether there was one."""
        found = marked(MARK, self.mark, title)
        for each in found[:1]:
            os.kill(each, signal.SIGKILL)
        return bool(found)


@contextmanager
def running(script: str, *arguments: str) -> Iterator[TrainingProcess]:
    """A script in a process of its own, killed at the end if it still runs."""
    mark = uuid.uuid4().hex
    environment = {name: text for name, text in os.environ.items() if not name.startswith("RAY_")}
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=environment | {MARK: mark},
    )
    try:
        yield TrainingProcess(process, mark)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def training(
    blueprint: str,
    source: Path,
    home: Path | str,
    *targets: str,
    cpus: int = 1,
    budget: str = "small",
) -> Iterator[TrainingProcess]:
    """A training run of its own, of a blueprint's id or of a constant, `module:NAME`."""
    given = (blueprint, str(cpus), budget, str(source), str(home), *targets)
    with running(TRAIN, *given) as process:
        yield process


def logs(home: Path, part: str) -> dict[str, bytes]:
    """The logs of a run's finished trials: `fleet/*` or `pooled/*/search`."""
    return {str(path): path.read_bytes() for path in home.glob(f"runs/*/*/{part}/*.log")}
