"""A fleet of models by Tracer, by joblib + Optuna, by Ray's documented pattern, and by FLAML.

Run `python -m benchmarks.fleet`, or with other numbers of players; prints Markdown tables. All
search the same families in the same ranges on the same features and cuts, with the same CPUs, and
are judged on the same test rows. The documented pattern is one Tune trial per entity and
configuration that reads its data itself; it is run for a few entities and its time is scaled up.
FLAML takes part where it is installed.
"""

import importlib
import importlib.util
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow.parquet as pq

from benchmarks.stage_clock import StageClock
from benchmarks.usage import Usage, measured
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Candidate
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.session import start_ray, stop_ray
from tracer_ray.engine.train import train
from tracer_ray.families import Resources, family
from tracer_ray.families.contract import Matrix, Task
from tracer_ray.releases.release import Release
from tracer_ray.rows import Float32Array, FloatArray
from tracer_ray.splits import Part, PartArray
from tracer_ray.synthetic import player_games
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.search import OwnSearch

PLAYERS = (60, 240)
GAMES, TRIALS, CPUS = 82, 50, 2
PATTERN_ENTITIES = 2
FLAML_S = 3.0  # per entity
TARGET, FAMILIES = "points", ("elastic_net", "lightgbm", "xgboost")

Work = TypeVar("Work")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Entity:
    """Where one entity's rows are."""

    folder: str
    bucket: int
    row_group: int
    name: str


@dataclass(frozen=True)
class History:
    """One entity's rows."""

    x: Float32Array
    y: FloatArray
    parts: PartArray

    def matrix(self, *parts: Part) -> Matrix:
        """The rows of some parts."""
        held = np.isin(self.parts, parts)
        return Matrix(self.x[held], self.y[held])


def read(entity: Entity) -> History:
    """An entity's rows, from storage."""
    rows = BucketReader(entity.folder).features(entity.bucket, entity.row_group)
    y = rows.outcomes[TARGET]
    known = np.isfinite(y)
    return History(rows.x[known], y[known], rows.parts[known])


def try_one(history: History, candidate: Candidate) -> float:
    """A candidate fitted to training rows: its mean absolute error on validation rows."""
    model = _fit(history, candidate, Part.TRAIN)
    held = history.matrix(Part.VALIDATION)
    return float(np.abs(model.predict(held.x) - held.y).mean())


def test_error(history: History, candidate: Candidate) -> tuple[float, int]:
    """Fitted to training and validation rows: the sum of errors on test rows, and how many."""
    model = _fit(history, candidate, Part.TRAIN, Part.VALIDATION)
    held = history.matrix(Part.TEST)
    return float(np.abs(model.predict(held.x) - held.y).sum()), len(held)


def _fit(history: History, candidate: Candidate, *parts: Part) -> Any:
    names = tuple(f"f{number}" for number in range(history.x.shape[1]))
    task = Task(blueprint("player_props").target(TARGET).answer, "absolute", names)
    chosen = family(candidate.family)
    return chosen.fit(task, history.matrix(*parts), None, candidate.settings, Resources(1, 0))


def proposals(seed: int) -> OwnSearch:
    """Fifty proposals of Optuna's TPE from scratch, in the same ranges as ours."""
    return OwnSearch(tuple(map(Candidate, FAMILIES)), TRIALS, seed)


def search_alone(entity: Entity) -> tuple[float, int]:
    """What a team writes: read, fifty trials, refit, test."""
    history, search = read(entity), proposals(entity.row_group)
    found: list[tuple[float, Candidate]] = []
    for candidate in search.candidates():
        loss = try_one(history, candidate)
        search.report(candidate, loss)
        found.append((loss, candidate))
    return test_error(history, min(found, key=lambda each: each[0])[1])


def joblib_and_optuna(entities: list[Entity]) -> float:
    """One process per CPU, fifty trials per entity; the mean absolute error on test rows."""
    return _mean(in_parallel(search_alone, entities))


def documented_pattern(entities: list[Entity]) -> float:
    """One Tune trial per entity and configuration; each reads its data itself."""
    from ray import tune

    def objective(config: dict[str, Any]) -> None:
        entity, candidate = config["pair"]
        tune.report({"loss": try_one(read(entity), candidate)})

    start_ray(cpus=CPUS)
    candidates = list(proposals(0)._portfolio)
    drawn = [*candidates, *_drawn(TRIALS - len(candidates))]
    results = tune.Tuner(
        tune.with_resources(objective, {"cpu": 1}),
        param_space={"pair": tune.grid_search([(e, c) for e in entities for c in drawn])},
        run_config=tune.RunConfig(storage_path=tempfile.mkdtemp(), verbose=0),
    ).fit()
    best: dict[str, tuple[float, Entity, Candidate]] = {}
    for result in map(results.__getitem__, range(len(results))):
        entity, candidate = (result.config or {})["pair"]
        loss = (result.metrics or {})["loss"]
        if entity.name not in best or loss < best[entity.name][0]:
            best[entity.name] = (loss, entity, candidate)
    stop_ray()
    return _mean([test_error(read(entity), candidate) for _, entity, candidate in best.values()])


def _drawn(count: int) -> list[Candidate]:
    from tracer_ray.training.search import draw

    return list(draw(tuple(map(Candidate, FAMILIES)), count + len(FAMILIES), 1)[len(FAMILIES) :])


def flaml(entities: list[Entity]) -> float:
    """FLAML with a time budget per entity, as many at once as there are CPUs."""
    return _mean(in_parallel(_flaml_one, entities))


def in_parallel(work: Callable[[Work], Found], parts: list[Work]) -> list[Found]:
    """What the work gives for every part, in as many processes as there are CPUs, by joblib."""
    joblib: Any = importlib.import_module("joblib")
    jobs = (joblib.delayed(work)(each) for each in parts)
    found: list[Found] = joblib.Parallel(n_jobs=CPUS)(jobs)
    return found


def _flaml_one(entity: Entity) -> tuple[float, int]:
    flaml: Any = importlib.import_module("flaml")
    history, automl = read(entity), flaml.AutoML()
    train, held = history.matrix(Part.TRAIN), history.matrix(Part.VALIDATION)
    automl.fit(
        X_train=train.x,
        y_train=train.y,
        X_val=held.x,
        y_val=held.y,
        task="regression",
        metric="mae",
        time_budget=FLAML_S,
        n_jobs=1,
        verbose=0,
        seed=0,
        estimator_list=["lgbm", "xgboost", "rf"],
    )
    test = history.matrix(Part.TEST)
    return float(np.abs(automl.predict(test.x) - test.y).sum()), len(test)


def _mean(errors: list[tuple[float, int]]) -> float:
    return sum(total for total, _ in errors) / sum(count for _, count in errors)


def ours(source: Path, home: str) -> tuple[Release, float]:
    """A whole run; the release and the seconds of its ingest, which the others are spared."""
    start_ray(cpus=CPUS)
    clock = StageClock()
    declared = blueprint("player_props")
    request = TrainingRequest(declared, (str(source),), home, (TARGET,), "standard")
    release = train(request, clock)
    stop_ray()
    return release, clock.seconds["ingest"]


def entities_of(release: Release, home: str) -> list[Entity]:
    """The entities that had a trial, and where the run left their features."""
    from tracer_ray.data.dataset import Dataset

    run = str(release.manifest.origin.settings["run"])
    folder = str(Path(home, "runs", release.manifest.blueprint, run, "features"))
    tried = {each.owner for each in release.entities() if each.tried}
    places = Dataset.open(release.manifest.origin.dataset_uri).entities.to_pylist()
    return [
        Entity(folder, place["bucket"], place["row_group"], place["owner"])
        for place in places
        if place["owner"] in tried
    ]


def our_error(release: Release) -> float:
    """The mean absolute error on the test rows of those who had a trial."""
    tried = [each for each in release.entities() if each.tried and each.test_rows]
    return _mean([(each.test_ours * each.test_rows, each.test_rows) for each in tried])


def row(name: str, usage: Usage, loss: float, times: float = 1.0) -> str:
    """A line of the table; `times` scales a contender that ran for a part of the entities."""
    return (
        f"| {name} | {usage.wall_s * times:.0f} s | {usage.cpu_s * times:.0f} s "
        f"| {usage.peak_mb:,.0f} MB | {loss:.3f} |"
    )


def contend(work: Callable[[], float]) -> tuple[Usage, float]:
    """Measure one contender."""
    with measured() as usage:
        loss = work()
    return usage, loss


def compete(players: int, *, is_complete: bool) -> None:
    """Measure and print a fleet of so many players: all contenders, or the two that matter most."""
    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder, "games.parquet"), str(Path(folder, "home"))
        games = player_games(players=players, seasons=2, games_per_season=GAMES, seed=1)
        pq.write_table(games.rows, source)
        with measured() as usage:
            release, ingest_s = ours(source, home)
        usage.wall_s -= ingest_s
        entities = entities_of(release, home)
        print(f"\n{len(entities)} entities, {CPUS} CPUs, {TRIALS} trials per entity\n")
        print("| contender | wall | CPU | peak memory | error on test rows |")
        print("|---|---|---|---|---|")
        print(row("Tracer, pooled model and report included", usage, our_error(release)))
        print(
            row(
                f"joblib + Optuna, {TRIALS} TPE trials per entity",
                *contend(partial(joblib_and_optuna, entities)),
            ),
            flush=True,
        )
        if is_complete:
            _others(entities)


def _others(entities: list[Entity]) -> None:
    if importlib.util.find_spec("flaml"):
        print(row(f"FLAML, {FLAML_S:g} s per entity", *contend(partial(flaml, entities))))
    few = entities[:PATTERN_ENTITIES]
    pattern, loss = contend(partial(documented_pattern, few))
    name = f"one Tune trial per entity and configuration, scaled up from {len(few)} entities"
    print(row(name, pattern, loss, len(entities) / len(few)))


def main(players: tuple[int, ...]) -> None:
    """The first fleet against all, the larger ones against joblib and Optuna."""
    for number, count in enumerate(players):
        compete(count, is_complete=number == 0)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or PLAYERS)
