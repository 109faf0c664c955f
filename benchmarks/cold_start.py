"""What many models cost a replica: how soon it answers, and its memory.

Run `python -m benchmarks.cold_start [MODELS...]`. Players are synthetic, and each has a boosted
model of its own, of the size that training tries first; whether it helps is not asked here.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.http_load import answers, free_port
from tracer_ray.archive import blueprint
from tracer_ray.blueprint.candidates import OWN_MODELS
from tracer_ray.data.in_process import ingest_in_process
from tracer_ray.families import Matrix, Resources
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.link import to_link
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release, ReleaseContents, write_release
from tracer_ray.releases.tables import Level, StoredModel
from tracer_ray.splits import Part
from tracer_ray.synthetic import player_games
from tracer_ray.training.in_process import InProcessRun, train_in_process
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import LabelledRows
from tracer_ray.training.stages import gather

BLUEPRINT, TARGET = "player_props", "points"
OWN = next(each for each in OWN_MODELS if each.family == "lightgbm")
ROWS_EACH = 200
LIMIT_S = 120.0
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


def home_with_models(home: str, models: int) -> str:
    """A home whose champion has a model of its own for each of so many players."""
    games = player_games(players=models, seasons=1, games_per_season=60, seed=0).rows
    dataset = ingest_in_process(blueprint(BLUEPRINT), {"games": games}, home)
    plan = replace(InProcessRun(home, dataset).plan, targets=(TARGET,))
    pooled = train_in_process(plan)
    contents = _with_own(pooled, tuple(_own_models(pooled, plan, gather(plan, TARGET))))
    release = write_release(home, contents)
    registry = Registry(home)
    registry.register(release)
    registry.promote(BLUEPRINT, release.name, reason="a benchmark", is_forced=True)
    return release.uri


def _own_models(pooled: Release, plan: TrainingPlan, rows: LabelledRows) -> Iterator[StoredModel]:
    goal, random = plan.objective(TARGET), np.random.default_rng(0)
    offset = np.full(ROWS_EACH, to_link(np.array([rows.y.mean()]), goal.answer)[0])
    training = np.flatnonzero(rows.part(Part.TRAIN))
    for record in pooled.entities():
        own = random.choice(training, ROWS_EACH)
        matrix = Matrix(rows.x[own], rows.y[own], offset=offset)
        fitted = fit_candidate(goal.task, matrix, None, OWN, Resources())
        yield StoredModel(TARGET, record.owner, "own", OWN.family, OWN.settings, fitted.to_bytes())


def _with_own(pooled: Release, own: tuple[StoredModel, ...]) -> ReleaseContents:
    """What the release has, where the models of their own answer for everybody."""
    manifest = pooled.manifest
    return ReleaseContents(
        blueprint=pooled.blueprint(),
        origin=manifest.origin,
        figures=manifest.figures,
        features=manifest.features,
        features_digest=manifest.features_digest,
        models=(*pooled.models(), *own),
        entities=tuple(replace(each, level=Level.ENTITY, weight=1.0) for each in pooled.entities()),
        state=pooled.state(),
        vocabulary=pooled.vocabulary(),
        calibration=pooled.calibration(),
        calibration_arrays=pooled.calibration_arrays(),
        known_keys=pooled.known_keys(),
        report={},
    )


def starts(home: str) -> tuple[float, float, float]:
    """Seconds from `tracer serve` and from the replica's process to an answer; the replica's MB."""
    port = free_port()
    tracer = str(Path(sys.executable).with_name("tracer"))
    command = [tracer, "serve", BLUEPRINT, "--home", home, "--port", str(port)]
    began = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers(port, f"/predict/{BLUEPRINT}"):
            if process.poll() is not None or time.time() - began > LIMIT_S:
                raise TimeoutError("the service does not answer")
            time.sleep(0.05)
        answered = time.time()
        replica = next(_replicas())
        born, megabytes = _born(replica), _resident_mb(replica)
        return answered - began, answered - born, megabytes
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _replicas() -> Iterator[Path]:
    for process in Path("/proc").glob("[0-9]*"):
        if f"ServeReplica:{BLUEPRINT}".encode() in (process / "cmdline").read_bytes():
            yield process


def _born(process: Path) -> float:
    """When a process began, in seconds since 1970."""
    ticks = int((process / "stat").read_text().rpartition(")")[2].split()[19])
    up_s = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - up_s + ticks / os.sysconf("SC_CLK_TCK")


def _resident_mb(process: Path) -> float:
    return int((process / "statm").read_text().split()[1]) * PAGE_MB


def main() -> None:
    """Make a release for each number of models, serve it, and print."""
    print("| models | release | answers after | after the replica's start | replica's memory |")
    print("|---|---|---|---|---|")
    for models in map(int, sys.argv[1:] or ("20", "200", "1000")):
        with tempfile.TemporaryDirectory() as home:
            uri = home_with_models(home, models)
            size_mb = sum(each.stat().st_size for each in Path(uri).iterdir()) / 2**20
            whole_s, own_s, megabytes = starts(home)
        figures = f"{whole_s:.1f} s | {own_s:.1f} s | {megabytes:.0f} MB"
        print(f"| {models:,} | {size_mb:.1f} MB | {figures} |", flush=True)


if __name__ == "__main__":
    main()
