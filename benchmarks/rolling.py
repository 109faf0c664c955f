"""One origin is one lot: the same comparison with the data cut at several places in time.

Run `python -m benchmarks.rolling BLUEPRINT=FILE ...`; prints a Markdown table of log losses. The
file's rows stand in order. At each origin the rows after it are unknown; the newest of those before
it are the test rows, to which nothing is fitted. Tracer's candidates and ensemble are chosen on
validation rows, then fitted to all rows before the test rows, as the peers of evaluation/peers.py.
"""

import sys
import tempfile
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.peers import Task, default_lightgbm, linear_model
from tracer_ray.archive import blueprint
from tracer_ray.data.in_process import ingest_in_process
from tracer_ray.families import Resources
from tracer_ray.metrics import metric
from tracer_ray.rows import FloatArray
from tracer_ray.splits import Part
from tracer_ray.training.in_process import (
    InProcessRun,
    build_in_process,
    planned_cuts,
    search_in_process,
)
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import LabelledRows, fit_ensemble
from tracer_ray.training.stages import gather

ORIGINS = (0.52, 0.64, 0.76, 0.88, 1.0)
SEED = 0


def forecasts(name: str, table: pa.Table) -> Iterator[tuple[FloatArray, FloatArray]]:
    """The test rows' outcomes with what Tracer, the peers and the base rate say of them."""
    with tempfile.TemporaryDirectory() as home:
        dataset = ingest_in_process(blueprint(name), {"rows": table}, home)
        plan = InProcessRun(home, dataset, "standard", SEED, planned_cuts(dataset)).plan
        (target,) = plan.targets
        build_in_process(plan)
        rows = gather(plan, target)
        test = rows.part(Part.TEST)
        task = _task(plan, target, rows)
        yield task.test_y, _ours(plan, target, rows)
        yield task.test_y, linear_model(task)
        yield task.test_y, default_lightgbm(task)
        yield task.test_y, np.full(int(test.sum()), task.y.mean())


def _task(plan: TrainingPlan, target: str, rows: LabelledRows) -> Task:
    test, goal = rows.part(Part.TEST), plan.objective(target)
    seen, judged = rows.matrix(~test), rows.matrix(test)
    names = np.array([], dtype=object)
    coded = list(goal.task.categorical)
    return Task(seen.x, seen.y, judged.x, judged.y, names, coded, goal.answer)


def _ours(plan: TrainingPlan, target: str, rows: LabelledRows) -> FloatArray:
    test, goal = rows.part(Part.TEST), plan.objective(target)
    chosen = search_in_process(plan, target, rows).final.members
    fitted = fit_ensemble(rows, ~test, goal, chosen, Resources(seed=SEED))
    return fitted.predict(rows.x[test])


def main() -> None:
    """Compare at every origin of every file, and print."""
    print("| data | share of the rows | Tracer | linear | LightGBM | base rate |")
    print("|---|---|---|---|---|---|")
    loss = metric("log_loss")
    for pair in sys.argv[1:]:
        name, _, file = pair.partition("=")
        table = pq.read_table(file)
        for origin in ORIGINS:
            known = table.slice(0, int(len(table) * origin))
            cells = " | ".join(f"{loss.score(*each):.4f}" for each in forecasts(name, known))
            print(f"| {name} | {origin:.2f} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
