"""What features cost: our program against pandas on the same rows, in one process.

Run `python -m benchmarks.features`; prints a Markdown table. The rows are made up and seeded.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Kind
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.rows import MICROSECONDS_PER_DAY, Rows

OWNERS, ROWS_PER_OWNER, REQUESTS = 500, 400, 64
WINDOWS = (3, 5, 10, 20, 40)
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


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def transform_all(program: FeatureProgram, rows: Rows) -> FeatureState:
    """The full path over one bucket."""
    cross = program.cross([program.summarise(rows)])
    _, state = program.transform(rows, cross, program.fit_vocabulary(rows))
    return FeatureState.merge([state, cross.state])


def rolling_means_in_pandas(rows: Rows) -> pd.DataFrame:
    """The five rolling means of one column as pandas computes them."""
    points = pd.Series(rows.numbers["points"])
    owners = rows.entity_index
    earlier = points.groupby(owners).shift(1)
    return pd.DataFrame(
        {
            window: earlier.groupby(owners).rolling(window, min_periods=1).mean().to_numpy()
            for window in WINDOWS
        }
    )


def main() -> None:
    """Measure and print."""
    rows = make_rows(seed=1)
    declared = blueprint("player_props")
    program = compile_program(declared, ["points"])
    wanted = {f"points_mean_{window}" for window in WINDOWS}
    features = tuple(f for f in declared.features_for("points") if f.name in wanted)
    means = compile_program(replace(declared, features=features), ["points"])
    start = time.perf_counter()
    state = transform_all(program, rows)
    first_s = time.perf_counter() - start
    full_s = best_of(5, lambda: transform_all(program, rows))
    requests = rows.take(rows.offsets[1 : REQUESTS + 1] - 1)
    vocabulary = program.fit_vocabulary(rows)
    next_s = best_of(50, lambda: program.transform_next(state, vocabulary, requests))
    ours_s = best_of(5, lambda: transform_all(means, rows))
    pandas_s = best_of(2, lambda: rolling_means_in_pandas(rows))
    count = len(rows)
    print(f"{count:,} rows, {OWNERS} owners, {len(program.names)} features\n")
    print("| what | measured |\n|---|---|")
    print(f"| first call, kernels compiled or read from their cache | {first_s:.2f} s |")
    print(f"| full path | {full_s / count * 1e9:,.0f} ns per row |")
    print(f"| full path | {full_s / count / len(program.names) * 1e9:.1f} ns per row and feature |")
    print(f"| next rows, a request of {REQUESTS} | {next_s * 1e3:.3f} ms |")
    print(f"| five rolling means | {ours_s * 1e3:,.0f} ms |")
    print(f"| five rolling means, pandas {pd.__version__} | {pandas_s * 1e3:,.0f} ms |")


if __name__ == "__main__":
    main()
