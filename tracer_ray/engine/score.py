"""Batch scoring on Ray Data: rows in, the same rows with their answers out, as Parquet."""

from collections.abc import Sequence

import pyarrow as pa
import ray
from ray.data.expressions import col

from tracer_ray import storage
from tracer_ray.data.sources import find_files
from tracer_ray.errors import DataError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.scoring import score_table
from tracer_ray.releases.release import Release

BATCH_ROWS = 4096


class Scorer:
    """A release in a worker's memory."""

    def __init__(self, uri: str) -> None:
        """Load the release once for all batches."""
        self._predictor = Predictor.open(uri)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """The rows with their answers."""
        return score_table(self._predictor, batch)


def score(uri: str, sources: Sequence[str], out: str) -> dict[str, object]:
    """Answer every row of the sources into the folder `out`; counts of rows and errors.

    Raises DataError where `out` has files already: nothing is overwritten or mixed.
    """
    if storage.list_files(out):
        raise DataError(f"{out}: has files already; name an empty folder")
    files = [found.uri for found in find_files(sources)]
    csv = [file for file in files if ".csv" in file]
    parquet = [file for file in files if file not in csv]
    read = [ray.data.read_parquet(parquet)] if parquet else []
    read += [ray.data.read_csv(csv)] if csv else []
    rows = read[0].union(*read[1:]) if len(read) > 1 else read[0]
    is_ranked = Release.open(uri).blueprint().ranks  # rows that are compared must be together
    rows = rows.repartition(1) if is_ranked else rows
    scored = rows.map_batches(
        Scorer,
        fn_constructor_args=(uri,),
        batch_format="pyarrow",
        batch_size=None if is_ranked else BATCH_ROWS,
        concurrency=1,
    ).materialize()
    failed = scored.filter(expr=col("error") != "").count()
    scored.write_parquet(out)
    return {"out": out, "rows": scored.count(), "failed": failed}
