"""What `tracer plan` says of a run, and what the run then takes: time, memory and disk.

Run `python -m benchmarks.plan [--budget NAME] BLUEPRINT[:TARGET]=FOLDER ...`; prints Markdown.
Both commands run in empty homes, one after the other, start and end included; memory is the most
that all processes had together, with Ray's own, pages that they share counted once per process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.usage import Usage, measured

COMMAND = "import sys; from tracer_ray.cli import main; sys.argv[0] = 'tracer'; main()"
MB = 2**20


def run(command: str, task: str, budget: str, home: Path) -> tuple[dict[str, Any], Usage]:
    """What a command of `tracer` prints as JSON, and what it took."""
    named, _, folder = task.partition("=")
    blueprint, _, target = named.partition(":")
    given = [
        command,
        blueprint,
        "--data",
        folder,
        "--budget",
        budget,
        "--home",
        str(home),
        "--json",
    ]
    given += ["--target", target] if target else []
    with measured() as usage:
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *given], stdout=subprocess.PIPE, text=True, check=True
        )
    return json.loads(done.stdout), usage


def written_mb(home: Path) -> float:
    """What a run wrote beside its dataset and the registry."""
    folders = (home / "runs", home / "releases")
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files) / MB


def line(task: str, budget: str) -> str:
    """A line of the table."""
    with tempfile.TemporaryDirectory() as plan_home, tempfile.TemporaryDirectory() as home:
        said, planning = run("plan", task, budget, Path(plan_home))
        _, taken = run("train", task, budget, Path(home))
        disk_mb = written_mb(Path(home))
    name = f"{task.partition('=')[0]}, {said['rows']:,} rows, `{budget}`"
    times = f"{said['seconds']:.0f} s | {taken.wall_s:.0f} s | {taken.wall_s / said['seconds']:.2f}"
    memory = f"{said['memory_bytes'] / MB:,.0f} MB | {taken.peak_mb:,.0f} MB"
    disk = f"{said['disk_bytes'] / MB:,.0f} MB | {disk_mb:,.0f} MB"
    return f"| {name} | {planning.wall_s:.0f} s | {times} | {memory} | {disk} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="standard")
    parser.add_argument("tasks", nargs="+", metavar="BLUEPRINT[:TARGET]=FOLDER")
    given = parser.parse_args()
    print(
        "| run | planning | time: said | took | ratio | memory: said | peak | disk: said | took |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for task in given.tasks:
        print(line(task, given.budget), flush=True)


if __name__ == "__main__":
    main()
