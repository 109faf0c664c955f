"""How a competition asks everybody: Tracer by its own command, a peer under its own interpreter."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.tabular_peers import NOT_INSTALLED
from tracer_ray.rows import FloatArray

_TRAIN = "import sys; from tracer_ray.cli import run_job; run_job('train')"


@dataclass(frozen=True)
class Contender:
    """What somebody says of the test rows, and the seconds that it took."""

    name: str
    said: FloatArray
    seconds: float


def train_release(*arguments: str) -> str:
    """Train as `tracer train` does, in a process of its own; gives the release's URI."""
    command = [sys.executable, "-c", _TRAIN, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return str(json.loads(done.stdout.splitlines()[-1])["uri"])


def ask_peer(script: str, peer: str, python: str, home: Path) -> Contender | None:
    """What a peer of a script beside this one says, with any number of threads; None where absent.

    The script reads its rows from `home`, and writes what it says there as `PEER.npy`.
    """
    began = time.perf_counter()
    command = [python, str(Path(__file__).with_name(script)), peer, str(home)]
    freely = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    done = subprocess.run(command, capture_output=True, env=freely)
    seconds = time.perf_counter() - began
    if done.returncode == NOT_INSTALLED:
        return None
    done.check_returncode()
    return Contender(peer, np.load(home / f"{peer}.npy"), seconds)
