"""What ingest costs beside a plain pyarrow script that reads, sorts and writes the same rows.

Run `python -m benchmarks.ingest`; prints a Markdown table. The script checks nothing, drops no
duplicate and writes no fingerprint; it is what the file format alone costs.
"""

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.scale import ROWS, small_blueprint, write_games
from benchmarks.usage import Usage, measured
from tracer_ray.data.pieces import COMPRESSION
from tracer_ray.engine.ingest import ingest
from tracer_ray.engine.session import start_ray

ENTITIES = 5_000


def read_sort_write(source: Path, target: Path) -> None:
    """One row group per player, sorted by player and time."""
    rows = pq.read_table(source).sort_by([("player", "ascending"), ("game_date", "ascending")])
    players = rows["player"].combine_chunks().dictionary_encode().indices.to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(players)) + 1).tolist(), len(rows)]
    with pq.ParquetWriter(target, rows.schema, compression=COMPRESSION) as writer:
        for start, stop in pairwise(starts):
            writer.write_table(rows.slice(start, stop - start))


def row(name: str, usage: Usage) -> str:
    """A line of the table."""
    rate = ENTITIES * ROWS / usage.wall_s
    return f"| {name} | {usage.wall_s:.1f} s | {rate:,.0f} | {usage.peak_mb:,.0f} MB |"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "games.parquet")
        write_games(source, ENTITIES)
        with measured() as plain:
            read_sort_write(source, Path(folder, "sorted.parquet"))
        start_ray()
        ingest(small_blueprint(), [str(source)], str(Path(folder, "warm")))
        with measured() as ours:
            ingest(small_blueprint(), [str(source)], str(Path(folder, "home")))
    print(f"{ENTITIES * ROWS:,} rows of {ENTITIES:,} entities\n")
    print("| what | wall | rows per second | peak memory |\n|---|---|---|---|")
    print(row(f"pyarrow {pa.__version__}: read, sort, write", plain))
    print(row("ingest: checked, deduplicated, fingerprinted, in buckets", ours))


if __name__ == "__main__":
    main()
