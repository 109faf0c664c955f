"""The command of `tracer` where somebody else's packages are installed too."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_COMMAND = "import sys; from tracer_ray.cli import main; sys.exit(main(sys.argv[1:]))"


def environment(site: Path) -> dict[str, str]:
    """Python finds the packages of a folder, and those of this checkout."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}


def tracer(site: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """How the command ended, and what it printed."""
    run = [sys.executable, "-c", _COMMAND, *arguments]
    return subprocess.run(run, capture_output=True, text=True, env=environment(site))
