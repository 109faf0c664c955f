"""Evaluate the archive: `python -m evaluation.run [NAME...]` trains, scores, and writes the page.

Each case goes through the `tracer train` command in a home of its own, and beside it the peers of
evaluation/peers.py see the same rows. Figures are kept in results.json; cases that are not named,
or whose data are not there, keep the ones they have.
"""

import io
import json
import os
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow.parquet as pq

from evaluation.cases import CASES, Case
from evaluation.page import RESULTS, Result, read_results, write_page
from evaluation.peers import Task, peer_scores, task_of
from evaluation.preparation import PREPARATIONS
from evaluation.risk_peers import risk_scores
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Role
from tracer_ray.cli import main as tracer
from tracer_ray.releases.release import Release
from tracer_ray.splits import Basis, basis_of
from tracer_ray.synthetic import Synthetic, declared
from tracer_ray.training.scoring import is_judged_whole, score

ROOT = Path(__file__).parents[1]
DECLARED_ROWS = 5000
SPLITS = {
    Basis.DAY: "forward in time",
    Basis.ORDER: "forward in order",
    Basis.HASH: "random, by hash",
}
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
    home = HOMES / case.name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    source = _source(case, home)
    said = _train(case, source, home) if source.exists() else None
    if said is None:
        return None
    release = Release.open(str(said["uri"]))
    (target,) = release.manifest.targets
    (run_folder,) = (home / "runs" / case.blueprint).iterdir()
    figures = release.manifest.figures[target]
    notes = cast(dict[str, dict[str, str]], release.calibration())[target]
    task = task_of(release, str(run_folder), target)
    scores = {"ours": figures.ours, "pooled": figures.pooled, "baseline": figures.baseline}
    peers = peer_scores(task)
    if is_judged_whole(release.blueprint()):
        peers |= risk_scores(release, str(run_folder), target)
    truth = {} if case.folder or case.prepare else {"truth": _truth_scores(case, target, task)}
    return {
        "metric": figures.metric,
        "rows": figures.rows,
        "positives": int((task.test_y > 0).sum()),
        "split": SPLITS[basis_of(release.blueprint())],
        "scores": {name: dict(each) for name, each in scores.items()} | peers | truth,
        "level": notes["level"],
        "elasticities": {
            each.owner: [each.elasticity, each.error] for each in release.responses() if each.owner
        },
    }


def _source(case: Case, home: Path) -> Path:
    """The data's folder, or a file made of them or of the declaration."""
    folder = Path(os.environ.get("TRACER_SHARED", ROOT / ".." / "shared")) / "data" / case.folder
    if (case.folder and not case.prepare) or not folder.is_dir():
        return folder
    made = home / "data.parquet"
    table = PREPARATIONS[case.prepare](folder) if case.prepare else _declared(case).rows
    pq.write_table(table, made)
    return made


def _declared(case: Case) -> Synthetic:
    return declared(blueprint(case.blueprint), DECLARED_ROWS, seed=0)


def _truth_scores(case: Case, target: str, task: Task) -> dict[str, float]:
    """What the truth behind the rows scores on the test rows: nobody can do better."""
    made, row = _declared(case), blueprint(case.blueprint).role(Role.ROW)
    assert row is not None
    truth = dict(zip(made.rows[row.name].to_pylist(), made.truth[target].to_pylist(), strict=True))
    said = np.array([truth[key] for key in task.test_keys.tolist()])
    return score(task.test_y, said, task.answer)


def _train(case: Case, source: Path, home: Path) -> dict[str, object] | None:
    arguments = ["train", case.blueprint, "--data", str(source), "--home", str(home), "--json"]
    arguments += ["--set", case.chosen] if case.chosen else []
    captured = io.StringIO()
    with redirect_stdout(captured):
        status = tracer(arguments)
    if status != 0:
        return None
    said: dict[str, object] = json.loads(captured.getvalue().splitlines()[-1])
    return said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
