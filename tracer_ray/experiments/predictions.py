"""Logged predictions: what was said, when, and by which release.

HOME/predictions/<blueprint>/date=2030-01-31/<time>-<random>.parquet
"""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from tracer_ray import storage
from tracer_ray.data.values import INSTANT


class Occasion(NamedTuple):
    """When and by whom something was predicted: the row's number in its request, and the release.

    `time` is in microseconds (UTC).
    """

    request_id: str
    row: int
    time: int
    release: str
    variant: str
    is_shadow: bool


SCHEMA = pa.schema(
    [
        ("request_id", pa.string()),
        ("row", pa.int32()),
        ("time", INSTANT),
        ("release", pa.string()),
        ("variant", pa.string()),
        ("is_shadow", pa.bool_()),
        ("entity", pa.string()),
        ("happens_at", INSTANT),
        ("as_of", INSTANT),
        ("target", pa.string()),
        ("prediction", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("features", pa.string()),
        ("key", pa.string()),
    ]
)


def predictions_folder(home: str, blueprint: str) -> str:
    """Where the predictions of a blueprint are logged."""
    return storage.join(home, "predictions", blueprint)


def predictions_table(rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows of an occasion's and a record's values as a table of the schema."""
    columns = zip(*rows, strict=True) if rows else [() for _ in SCHEMA]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.table(arrays, schema=SCHEMA)
