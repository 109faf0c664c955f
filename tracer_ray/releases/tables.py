"""The two tables of a release, as Parquet: its models and its record of every entity."""

import dataclasses
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import nan
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray.data.parquet_bytes import table_of_bytes
from tracer_ray.releases.manifest import digest

MODELS_PER_ROW_GROUP = 64
POOLED = ""
COST_COLUMNS = ("seconds",)


class Level(StrEnum):
    """What answers for an entity."""

    ENTITY = "entity"
    BLEND = "blend"
    POOLED = "pooled"
    BASELINE = "baseline"


@dataclass(frozen=True)
class StoredModel:
    """One fitted model in its family's own format; `owner` is "" for the pooled model's parts."""

    target: str
    owner: str
    part: str
    family: str
    settings: Mapping[str, float | int | str]
    data: bytes


@dataclass(frozen=True)
class EntityRecord:
    """What happened to one entity and target: what answers, why, and how good it was.

    Losses are means per row on the blueprint's metric on `test_rows` test rows, NaN where unknown;
    they decided nothing. `skill` is 1 - test loss /
    test loss of the baseline. `tried` counts the candidates, `candidate` is the one chosen.
    `weight` is the own model's share in the answer. `error` says why the trial failed, else "".
    `last_seen` is the ISO time of the last row, "" where rows have none.
    """

    target: str
    owner: str
    label: str
    level: Level
    reason: str
    rows: int
    weight: float = 0.0
    tried: int = 0
    candidate: str = ""
    test_ours: float = nan
    test_pooled: float = nan
    test_baseline: float = nan
    test_rows: int = 0
    skill: float = nan
    seconds: float = 0.0
    error: str = ""
    last_seen: str = ""


_MODEL_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("target", "owner", "part", "family", "settings")]
    + [("data", pa.large_binary())]
)
_ARROW_TYPES = {str: pa.string(), Level: pa.string(), int: pa.int64(), float: pa.float64()}
_ENTITY_SCHEMA = pa.schema(
    [
        (field.name, next(_ARROW_TYPES[kind] for kind in _ARROW_TYPES if kind is field.type))
        for field in dataclasses.fields(EntityRecord)
    ]
)


def models_to_parquet(models: Iterable[StoredModel]) -> bytes:
    """The models sorted by target, owner and part, whatever order they were trained in."""
    rows = [
        {**vars(model), "settings": json.dumps(dict(model.settings), sort_keys=True)}
        for model in sorted(models, key=lambda model: (model.target, model.owner, model.part))
    ]
    table = pa.Table.from_pylist(rows, schema=_MODEL_SCHEMA)
    return _to_parquet(table, MODELS_PER_ROW_GROUP)


def models_from_parquet(data: bytes) -> tuple[StoredModel, ...]:
    """The models in the order they were written."""
    return tuple(
        StoredModel(**{**row, "settings": json.loads(row["settings"])})
        for row in table_of_bytes(data).to_pylist()
    )


def entities_table(records: Iterable[EntityRecord]) -> pa.Table:
    """One row per target and entity, sorted by them; an unknown loss is null."""
    ordered = sorted(records, key=lambda record: (record.target, record.owner))
    columns = [
        pa.array([getattr(record, field.name) for record in ordered], field.type, from_pandas=True)
        for field in _ENTITY_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=_ENTITY_SCHEMA)


def entities_to_parquet(records: Iterable[EntityRecord]) -> bytes:
    """The entities' table as Parquet."""
    return _to_parquet(entities_table(records), 10_000)


def entities_from_parquet(data: bytes) -> tuple[EntityRecord, ...]:
    """The records, sorted by target and owner; a null loss is NaN again."""
    return tuple(_entity(row) for row in table_of_bytes(data).to_pylist())


def entities_digest(records: Iterable[EntityRecord]) -> str:
    """A digest of the records without what differs from run to run: the seconds they took."""
    table = entities_table(records).drop_columns(list(COST_COLUMNS))
    return digest(_to_parquet(table, 10_000))


def _entity(row: dict[str, Any]) -> EntityRecord:
    known: dict[str, Any] = {k: nan if value is None else value for k, value in row.items()}
    return EntityRecord(**{**known, "level": Level(known["level"])})


def _to_parquet(table: pa.Table, rows_per_group: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=rows_per_group, compression="zstd")
    return sink.getvalue()
