"""Evaluate the archive: `python -m evaluation.run [NAME...]` trains, scores, and writes the page.

Each case goes through the `tracer train` command in a home of its own, and beside it the peers of
benchmarks/peers.py see the same rows. Figures are kept in results.json; cases that are not named,
or whose data are not there, keep the ones they have.
"""

import io
import json
import os
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.peers import peer_scores, task_of
from evaluation.cases import CASES, Case
from evaluation.page import RESULTS, Result, read_results, write_page
from evaluation.preparation import PREPARATIONS
from tracer_ray.cli import main as tracer
from tracer_ray.releases.release import Release

ROOT = Path(__file__).parents[1]
HOMES = ROOT / "build" / "evaluation"


def main(names: list[str]) -> int:
    """Run the named cases, or all; 0 when every one of them could be run."""
    results = read_results()
    failed = []
    for case in CASES:
        if names and not any(name in case.name for name in names):
            continue
        found = evaluate(case)
        if found is None:
            failed.append(case.name)
            continue
        results[case.name] = found
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    write_page(results)
    for name in failed:
        print(f"not evaluated: {name}", file=sys.stderr)
    return 1 if failed else 0


def evaluate(case: Case) -> Result | None:
    """Train one case and score it beside its peers; None where its data are not there."""
    folder = Path(os.environ.get("TRACER_SHARED", ROOT / ".." / "shared")) / "data" / case.folder
    if not folder.is_dir():
        return None
    home = HOMES / case.name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    source = folder
    if case.prepare:
        source = home / "data.parquet"
        pq.write_table(PREPARATIONS[case.prepare](folder), source)
    said = _train(case, source, home)
    if said is None:
        return None
    release = Release.open(str(said["uri"]))
    (target,) = release.manifest.targets
    (run_folder,) = (home / "runs" / case.blueprint).iterdir()
    figures = release.manifest.figures[target]
    blueprint = release.blueprint()
    task = task_of(release, str(run_folder), target)
    return {
        "metric": figures.metric,
        "rows": figures.rows,
        "positives": int((task.test_y > 0).sum()),
        "split": "forward in time"
        if blueprint.time
        else ("forward in order" if blueprint.row_order_is_time else "random, by hash"),
        "scores": {
            "ours": dict(figures.ours),
            "pooled": dict(figures.pooled),
            "baseline": dict(figures.baseline),
            **peer_scores(task),
        },
    }


def _train(case: Case, source: Path, home: Path) -> dict[str, object] | None:
    arguments = ["train", case.blueprint, "--data", str(source), "--home", str(home), "--json"]
    captured = io.StringIO()
    with redirect_stdout(captured):
        status = tracer(arguments)
    if status != 0:
        return None
    said: dict[str, object] = json.loads(captured.getvalue().splitlines()[-1])
    return said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
