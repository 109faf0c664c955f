"""How a training run grows with the number of entities: time, scheduling, memory, files.

Run `python -m benchmarks.scale`, or with other numbers of entities; prints a Markdown table. Every
size runs in a process of its own. The histories are made up, seeded and small.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.stage_clock import StageClock
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Blueprint, Portfolio, candidate
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.session import start_ray
from tracer_ray.engine.train import train
from tracer_ray.engine.tuning import cluster_cpus
from tracer_ray.rows import MICROSECONDS_PER_DAY
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.record_log import read_records

SIZES = (100, 1_000, 10_000)
ROWS = 120  # per entity; 18 of them are validation rows
FEATURES = ("points_lag_1", "points_mean_10", "points_ewm_8", "points_season_mean", "rest_days")


def small_blueprint() -> Blueprint:
    """Player props with few features, a quick pooled model and one own candidate."""
    declared = blueprint("player_props")
    kept = tuple(each for each in declared.features_for("points") if each.name in FEATURES)
    pooled = candidate("lightgbm", num_leaves=7, depth=3, learning_rate=0.1, rounds=30)
    own = candidate("elastic_net", alpha=0.05, l1_ratio=0.1, prior_rows=50)
    baselines = declared.baselines[:1]
    return replace(
        declared, features=kept, portfolio=Portfolio((pooled,), (own,)), baselines=baselines
    )


def write_games(path: Path, entities: int) -> None:
    """So many players who all play every second day."""
    random = np.random.default_rng(entities)
    count = entities * ROWS
    level = np.repeat(random.gamma(4.0, 3.0, entities), ROWS)
    days = np.tile(np.arange(ROWS) * 2, entities) + 19_000
    table = {
        "player": np.repeat(np.arange(entities), ROWS).astype(str),
        "game_date": pa.array(days * MICROSECONDS_PER_DAY).cast(pa.timestamp("us", "UTC")),
        "points": random.poisson(level, count).astype(np.float64),
        "minutes": np.full(count, 30.0),
    }
    pq.write_table(pa.table(table), path)


def measure(entities: int) -> dict[str, float]:
    """One run in this process."""
    import ray

    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder, "games.parquet"), Path(folder, "home")
        write_games(source, entities)
        start_ray()
        begun_bytes = peak_bytes()
        clock = StageClock()
        request = TrainingRequest(
            small_blueprint(), (str(source),), str(home), ("points",), "small"
        )
        release = train(request, clock)
        run = str(release.manifest.origin.settings["run"])
        logs = home / "runs" / release.manifest.blueprint / run / "fleet" / "points"
        records = [FleetRecord.from_arrow(each) for each in read_records(str(logs))]
        session = Path(cast(Any, ray)._private.worker._global_node.get_session_dir_path())
        cpus = cluster_cpus()
        work_s = sum(each.seconds for each in records)
        return {
            "entities": entities,
            "trials": len(records),
            "total_s": sum(clock.seconds.values()),
            "fleet_s": clock.seconds["fleet"],
            "scheduling_ms": (clock.seconds["fleet"] - work_s / cpus) / len(records) * 1e3,
            "trial_ms": work_s / len(records) * 1e3,
            "driver_mb": peak_bytes() / 2**20,
            "driver_growth_mb": (peak_bytes() - begun_bytes) / 2**20,
            "files": sum(path.is_file() for path in home.rglob("*")),
            "spilled": len(list(session.glob("ray_spilled_objects*/*"))),
        }


def peak_bytes() -> int:
    """The most memory that this process had."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def main(sizes: tuple[int, ...]) -> None:
    """Measure every size in a process of its own, and print."""
    found = []
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.scale", "--one", str(size)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found.append(json.loads(said.splitlines()[-1]))
    heads = list(found[0])
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for row in found:
        print("| " + " | ".join(f"{row[head]:,.0f}" for head in heads) + " |")
    for fewer, more in pairwise(found):
        grown = (more["driver_mb"] - fewer["driver_mb"]) * 1024
        per_entity = grown / (more["entities"] - fewer["entities"])
        print(
            f"\ndriver, from {fewer['entities']:,.0f} to {more['entities']:,.0f} entities: "
            f"{per_entity:.1f} KB per entity"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main(tuple(map(int, sys.argv[1:])) or SIZES)
