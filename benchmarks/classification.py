"""Tracer beside other makers of classifiers, on rows that are held back from all of them.

Run `python -m benchmarks.classification BLUEPRINT=FOLDER ... [--automl-python PATH]`; prints a
Markdown table. A quarter of the rows is held back before anybody sees them: the newest where rows
stand in order, else a random one. Tracer gets the other rows as they are; the peers
(tabular_peers.py) get the columns that its blueprint reads of the same rows. FLAML and AutoGluon
run under the interpreter of --automl-python, because AutoGluon's dependencies may be other versions
than ours, and are left out where it has none. Times are those of whole processes, with their start.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.contenders import Contender, ask_peer, train_release
from benchmarks.tabular_peers import OUTCOME, PEERS
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Answer
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.in_process import ingest_in_process
from tracer_ray.metrics import metric
from tracer_ray.prediction.evaluation import concatenate
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.rows import FloatArray, Rows
from tracer_ray.splits import Basis, basis_of
from tracer_ray.training.scoring import score

TEST_SHARE, SEED, RESAMPLES = 0.25, 0, 2000
AUTOML = ("flaml", "autogluon")


@dataclass(frozen=True)
class Contest:
    """The outcomes of the test rows, how many rows all learned from, and what everybody says."""

    data: str
    learned: int
    actual: FloatArray
    contenders: tuple[Contender, ...]
    absent: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The lines of the table, Tracer's first."""
        ours = self.contenders[0]
        for each in self.contenders:
            scores = score(self.actual, each.said, Answer.PROBABILITY)
            beyond = "" if each is ours else self._beyond(each, ours)
            yield (
                f"| {self.data} | {each.name} | {scores['log_loss']:.4f} | {beyond} "
                f"| {scores['auc']:.4f} | {scores['brier']:.4f} | {each.seconds:.0f} s |"
            )

    def _beyond(self, other: Contender, ours: Contender) -> str:
        """How much more log loss another has, with the 95 % interval of the bootstrap over rows."""
        judge = metric("log_loss")
        more = judge.losses(self.actual, other.said) - judge.losses(self.actual, ours.said)
        random = np.random.default_rng(SEED)
        drawn = [more[random.integers(0, len(more), len(more))].mean() for _ in range(RESAMPLES)]
        low, high = np.quantile(drawn, (0.025, 0.975))
        return f"{more.mean():+.4f} ({low:+.4f} to {high:+.4f})"


def compete(name: str, source: Path, automl_python: str) -> Contest:
    """Train everybody on the same rows of one data set."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        held_back = _write_parts(name, source, home)
        began = time.perf_counter()
        given, fresh = str(home / "given.parquet"), str(home / "home")
        uri = train_release(name, "--data", given, "--home", fresh, "--budget", "standard")
        seconds = time.perf_counter() - began
        predictor = Predictor.open(uri)
        (target,) = predictor.targets
        dataset = Dataset.open(str(predictor.release.manifest.origin.dataset_uri))
        learned = concatenate([dataset.read_bucket(each) for each in range(dataset.buckets)])
        judged = ingest_in_process(predictor.blueprint, {"test": held_back}, f"{home}/judged")
        test = judged.read_bucket(0)
        features = {each.column for each in predictor.blueprint.features_for(target)}
        for part, rows in (("train", learned), ("test", test)):
            pq.write_table(_columns(rows, features, target), home / f"{part}.parquet")
        rate = np.full(len(test), learned.numbers[target].mean())
        found = [
            Contender("Tracer", _said(predictor, target, test), seconds),
            Contender("base rate", rate, 0.0),
        ]
        absent = []
        for peer in PEERS:
            python = automl_python if peer in AUTOML else sys.executable
            said = ask_peer("tabular_peers.py", peer, python, home)
            found += [said] if said else []
            absent += [] if said else [peer]
        actual = test.numbers[target]
        return Contest(source.name, len(learned), actual, tuple(found), tuple(absent))


def _write_parts(name: str, source: Path, home: Path) -> pa.Table:
    """Write the rows that may be learned from; gives those held back."""
    table = pa.concat_tables(pq.read_table(file) for file in sorted(source.glob("*.parquet")))
    order = np.arange(len(table))
    if basis_of(blueprint(name)) is not Basis.ORDER:
        order = np.random.default_rng(SEED).permutation(order)
    cut = round((1.0 - TEST_SHARE) * len(table))
    pq.write_table(table.take(np.sort(order[:cut])), home / "given.parquet")
    return table.take(np.sort(order[cut:]))


def _columns(rows: Rows, names: set[str], target: str) -> pa.Table:
    """The raw columns of those names and the outcome."""
    known = {**rows.numbers, **rows.categories}
    return pa.table({**{name: known[name] for name in sorted(names)}, OUTCOME: known[target]})


def _said(predictor: Predictor, target: str, rows: Rows) -> FloatArray:
    """What the release answers, float64 [rows]."""
    program, models = predictor.program, predictor.target(target)
    cross = program.cross([program.summarise(rows)])
    features, _ = program.transform(rows, cross, predictor.vocabulary)
    said = models.predict(features, rows.entities[rows.entity_index])
    return models.uncertainty.calibrate(said.ours)


def main() -> None:
    """Compete on every data set, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="+", metavar="BLUEPRINT=FOLDER")
    parser.add_argument("--automl-python", default=sys.executable, metavar="PATH")
    given = parser.parse_args()
    print("| data | contender | log loss | beyond Tracer's | AUC | Brier | wall |")
    print("|---|---|---|---|---|---|---|", flush=True)
    notes = []
    for pair in given.pairs:
        name, _, source = pair.partition("=")
        contest = compete(name, Path(source), given.automl_python)
        print("\n".join(contest.lines()), flush=True)
        rows = f"{contest.learned:,} rows learned from, {len(contest.actual):,} judged"
        absent = "".join(f", without {each}, which is not installed" for each in contest.absent)
        notes.append(f"- {contest.data}: {rows}{absent}")
    print("\n" + "\n".join(notes))


if __name__ == "__main__":
    main()
