"""What a release keeps of every entity's response, as a table."""

import dataclasses
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import nan
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray.data.parquet_bytes import table_of_bytes

ANYBODY = ""


class ResponseLevel(StrEnum):
    """Whose rows an elasticity comes from."""

    ENTITY = "entity"
    BLEND = "blend"
    POOLED = "pooled"
    REFUSED = "refused"


@dataclass(frozen=True)
class EntityResponse:
    """One entity's elasticity, and what a price is recommended from; unknown numbers are NaN.

    `owner` is ANYBODY for entities that the release does not know. `refusal` says why no price is
    recommended, "" where one is; a pooled elasticity may stand beside it. `price_low` and
    `price_high` enclose nine tenths of its rows; `last_price` and `last_cost` are the newest
    known. `own_elasticity` and `own_error` are its own rows' alone. `residual` is the deviation
    of log quantity that the regression leaves.
    """

    owner: str
    level: ResponseLevel
    reason: str
    refusal: str = ""
    elasticity: float = nan
    error: float = nan
    low: float = nan
    high: float = nan
    own_elasticity: float = nan
    own_error: float = nan
    price_low: float = nan
    price_high: float = nan
    last_price: float = nan
    last_cost: float = nan
    residual: float = nan
    rows: int = 0


_ARROW_TYPES: Mapping[type, pa.DataType] = {int: pa.int64(), float: pa.float64()}
_SCHEMA = pa.schema(
    [
        (field.name, next((_ARROW_TYPES[t] for t in _ARROW_TYPES if t is field.type), pa.string()))
        for field in dataclasses.fields(EntityResponse)
    ]
)


def responses_to_parquet(responses: Iterable[EntityResponse]) -> bytes:
    """The responses by owner as Parquet; an unknown number is null."""
    ordered = sorted(responses, key=lambda each: each.owner)
    columns = [
        pa.array([getattr(each, field.name) for each in ordered], field.type, from_pandas=True)
        for field in _SCHEMA
    ]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=_SCHEMA), sink, compression="zstd")
    return sink.getvalue()


def responses_from_parquet(data: bytes) -> tuple[EntityResponse, ...]:
    """The responses that `responses_to_parquet` wrote."""
    return tuple(_response(row) for row in table_of_bytes(data).to_pylist())


def _response(row: dict[str, Any]) -> EntityResponse:
    known: dict[str, Any] = {k: nan if value is None else value for k, value in row.items()}
    return EntityResponse(**{**known, "level": ResponseLevel(known["level"])})
