"""Batch scoring on Ray Data: rows in, the same rows with their answers out, as Parquet."""

import pickle
from collections.abc import Iterator, Sequence

import pyarrow as pa
import ray
from ray.data.expressions import col

from tracer_ray import storage
from tracer_ray.data.sources import SourceFile, find_files, parts_of, read_part
from tracer_ray.engine.session import silence_ray_data
from tracer_ray.errors import DataError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.scoring import score_table
from tracer_ray.releases.release import Release

BATCH_ROWS = 4096
_PART_ROWS = 50_000  # what one worker is given at once


class Scorer:
    """A release in a worker's memory."""

    def __init__(self, uri: str, has_reasons: bool) -> None:
        """Load the release once for all batches."""
        self._predictor, self._has_reasons = Predictor.open(uri), has_reasons

    def __call__(self, batch: pa.Table) -> pa.Table:
        """The rows with their answers."""
        return score_table(self._predictor, batch, self._has_reasons)


def score(
    uri: str, sources: Sequence[str], out: str, has_reasons: bool = True
) -> dict[str, object]:
    """Answer every row of the sources into the folder `out`; counts of rows and errors.

    Without reasons, which may take most of the time, answers that usually have some have null.
    Raises DataError where `out` has files already: nothing is overwritten or mixed.
    """
    if storage.list_files(out):
        raise DataError(f"{out}: has files already; name an empty folder")
    silence_ray_data()
    rows = _rows(find_files(sources))
    silence_ray_data()
    is_ranked = Release.open(uri).blueprint().ranks  # rows that are compared must be together
    rows = rows.repartition(1) if is_ranked else rows
    scored = rows.map_batches(
        Scorer,
        fn_constructor_args=(uri, has_reasons),
        batch_format="pyarrow",
        batch_size=None if is_ranked else BATCH_ROWS,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=1 if is_ranked else None),
    ).materialize()
    failed = scored.filter(expr=col("error") != "").count()
    scored.write_parquet(out)
    return {"out": out, "rows": scored.count(), "failed": failed}


def _rows(files: Sequence[SourceFile]) -> ray.data.Dataset:
    """The rows as ingest reads them: values of CSV files are the text that stands there."""
    parts = [part for file in files for part in parts_of(file, 0, _PART_ROWS)]
    packed = [{"part": pickle.dumps(part)} for part in parts]
    return ray.data.from_items(packed, override_num_blocks=len(packed)).map_batches(
        _read, batch_size=1, batch_format="pyarrow"
    )


def _read(packed: pa.Table) -> Iterator[pa.Table]:
    for part in map(pickle.loads, packed["part"].to_pylist()):
        for chunk in read_part(part, part.file.columns):
            yield chunk.table
