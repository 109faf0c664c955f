"""What features cost: our program, and pandas, polars and mlforecast on the same rows.

Run `python -m benchmarks.features [--peers-python PATH]`; prints Markdown tables. The rows are made
up and seeded. Peers (feature_peers.py) compute the same features of one number's past, each in a
process of its own with one thread, and are compared with ours; those that --peers-python lacks are
left out. Times are CPU time, the least of several runs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.feature_peers import NOT_INSTALLED, PEERS, SHARED
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Kind
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.features import Feature, Op
from tracer_ray.rows import MICROSECONDS_PER_DAY, Float32Array, Rows

OWNERS, ROWS_PER_OWNER, REQUESTS = 500, 400, 64
TARGETS = (("points",), ("points", "rebounds", "assists"))
TEAMS = [f"team {number:02}" for number in range(30)]


def make_rows(seed: int) -> Rows:
    """A league in which everybody plays every second day against one of 30 teams."""
    random = np.random.default_rng(seed)
    count = OWNERS * ROWS_PER_OWNER
    columns = blueprint("player_props").columns
    numbers = [column.name for column in columns if column.unit]
    texts = [column.name for column in columns if column.kind is Kind.CATEGORY]
    return Rows(
        np.array([f"player {owner:04}" for owner in range(OWNERS)], object),
        np.arange(0, count + 1, ROWS_PER_OWNER),
        np.tile(np.arange(ROWS_PER_OWNER) * 2 * MICROSECONDS_PER_DAY, OWNERS),
        np.arange(count).astype(str).astype(object),
        {name: random.poisson(12.0, count).astype(float) for name in (*numbers, "is_home")},
        {name: random.choice(TEAMS, count).astype(object) for name in texts},
    )


@dataclass(frozen=True)
class Contender:
    """The CPU seconds of the shared features, and what they are [rows, shared]."""

    name: str
    seconds: float
    found: Float32Array


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """The CPU seconds of the quickest of several runs."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def transform_all(program: FeatureProgram, rows: Rows) -> tuple[Float32Array, FeatureState]:
    """The full path over one bucket, as if its rows were read just now."""
    fresh = replace(rows)
    cross = program.cross([program.summarise(fresh)])
    features, state = program.transform(fresh, cross, program.fit_vocabulary(fresh))
    return features, FeatureState.merge([state, cross.state])


def cost_line(rows: Rows, targets: tuple[str, ...]) -> str:
    """What all features of these targets cost."""
    program = compile_program(blueprint("player_props"), targets)
    _, state = transform_all(program, rows)
    row_ns = best_of(5, lambda: transform_all(program, rows)) / len(rows) * 1e9
    requests = rows.take(rows.offsets[1 : REQUESTS + 1] - 1)
    vocabulary = program.fit_vocabulary(rows)
    next_s = best_of(50, lambda: program.transform_next(state, vocabulary, requests))
    count = len(program.names)
    return f"| {count} | {row_ns:,.0f} ns | {row_ns / count:.1f} ns | {next_s * 1e3:.2f} ms |"


def print_costs(rows: Rows) -> None:
    """What all features of one target and of several cost."""
    print(f"{len(rows):,} rows, {OWNERS} owners\n")
    print(f"| features | per row | per row and feature | {REQUESTS} next rows |\n|---|---|---|---|")
    for targets in TARGETS:
        print(cost_line(rows, targets), flush=True)


def ours(rows: Rows) -> Contender:
    """The shared features by our program."""
    features = tuple(
        Feature(f"{kind}_{window}", Op(kind), "points", window) for kind, window in SHARED
    )
    declared = replace(blueprint("player_props"), features=features)
    program = compile_program(declared, ["points"])
    found, _ = transform_all(program, rows)
    return Contender("Tracer", best_of(5, lambda: transform_all(program, rows)), found)


def peer(name: str, python: str, rows: Rows) -> Contender | None:
    """The shared features by a peer; None where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        owners = pa.array(rows.entities[rows.entity_index], pa.string())
        days = rows.times // MICROSECONDS_PER_DAY // 2
        table = pa.table({"unique_id": owners, "ds": days, "y": rows.numbers["points"]})
        pq.write_table(table, f"{folder}/rows.parquet")
        script = str(Path(__file__).with_name("feature_peers.py"))
        done = subprocess.run(
            [python, script, name, folder],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
        )
        if done.returncode == NOT_INSTALLED:
            return None
        done.check_returncode()
        version, seconds = done.stdout.split()
        found = np.load(f"{folder}/{name}.npy").astype(np.float32)
        return Contender(f"{name} {version}", float(seconds), found)


def print_contest(rows: Rows, peers_python: str) -> None:
    """The same features of one number by everybody."""
    first = ours(rows)
    print(f"\n{len(SHARED)} features of one number's past\n")
    print("| what | ms | as a multiple of ours | largest difference |\n|---|---|---|---|")
    print(f"| {first.name} | {first.seconds * 1e3:,.0f} | 1.0 | |")
    for name in PEERS:
        other = peer(name, sys.executable if name == "pandas" else peers_python, rows)
        if other is None:
            print(f"| {name} | not installed | | |")
            continue
        off = np.nanmax(np.abs(other.found - first.found))
        times = other.seconds / first.seconds
        print(f"| {other.name} | {other.seconds * 1e3:,.0f} | {times:.1f} | {off:.0e} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers-python", default=sys.executable, metavar="PATH")
    given = parser.parse_args()
    rows = make_rows(seed=1)
    print_costs(rows)
    print_contest(rows, given.peers_python)


if __name__ == "__main__":
    main()
