"""Outcomes as they came, beside the predictions they settle.

    HOME/outcomes/<blueprint>/date=2030-01-31/<time>-<random>.parquet

Nothing is looked up when they come: of several outcomes of the same row and target, the newest one
counts when they are read. So sending them twice changes nothing, and a correction replaces.
"""

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa

from tracer_ray import storage
from tracer_ray.data.times import microseconds
from tracer_ray.data.values import INSTANT
from tracer_ray.experiments.parts import write_part
from tracer_ray.prediction.outcomes import Outcome

OUTCOMES = pa.schema(
    [
        ("request_id", pa.string()),
        ("row", pa.int32()),
        ("key", pa.string()),
        ("target", pa.string()),
        ("actual", pa.float64()),
        ("happened_at", INSTANT),
        ("received_at", INSTANT),
    ]
)


def store_outcomes(
    home: str, blueprint: str, outcomes: Iterable[Outcome], received: datetime, *, adds: bool
) -> int:
    """Write outcomes that came together, and say how many; StorageError where that fails.

    With `adds`, outcomes of the same row are parts of it and are added up: the sales of a day.
    """
    kept: dict[tuple[str, int, str, str], Outcome] = {}
    for each in outcomes:
        name = each[:4]
        before = kept[name].actual if adds and name in kept else 0.0
        kept[name] = each._replace(actual=each.actual + before)
    if kept:
        rows = [(*each, microseconds(received)) for each in kept.values()]
        columns = zip(*rows, strict=True)
        arrays = [pa.array(each, field.type) for each, field in zip(columns, OUTCOMES, strict=True)]
        write_part(outcomes_folder(home, blueprint), pa.table(arrays, schema=OUTCOMES))
    return len(kept)


def outcomes_folder(home: str, blueprint: str) -> str:
    """Where the outcomes of a blueprint are stored."""
    return storage.join(home, "outcomes", blueprint)
