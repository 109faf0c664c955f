"""The record of one entity's trial: what a worker appends when an entity is finished."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pyarrow as pa

from tracer_ray.rows import FloatArray
from tracer_ray.training.selection import ALTERNATIVES

_TEXT = ("owner", "candidate", "family", "settings", "error", "searched", "all_rows", "origin")
_ARRAYS = ("gains", "errors", "own", "pooled")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _TEXT]
    + [("tried", pa.int64()), ("rows", pa.int64()), ("seconds", pa.float64())]
    + [(name, pa.list_(pa.float64())) for name in _ARRAYS]
    + [("model", pa.binary()), ("failures", pa.list_(pa.string()))]
)


@dataclass(frozen=True)
class FleetRecord:
    """One entity's own model, how it compares with the pooled one, and what it cost.

    `gains` and `errors` follow selection.ALTERNATIVES. `own` is the prediction, by a model of the
    training and validation rows, of the rows after them, in their order, float64. `model` was
    fitted to all rows. A failed trial has an `error` and no model; `failures` are the candidates
    that could not be fitted, each with its reason.

    The rest is for runs that stand on this one: digests of the rows that were searched and of all
    rows, the pooled predictions of the searched rows, float64, and the release whose run the record
    comes from where it was carried over.
    """

    owner: str
    rows: int
    tried: int
    seconds: float
    gains: FloatArray
    errors: FloatArray
    own: FloatArray
    candidate: str = ""
    family: str = ""
    settings: str = "{}"
    model: bytes = b""
    error: str = ""
    failures: tuple[str, ...] = ()
    searched: str = ""
    all_rows: str = ""
    pooled: FloatArray = field(default_factory=lambda: np.zeros(0))
    origin: str = ""

    def to_arrow(self) -> pa.RecordBatch:
        """The record as one row."""
        values = {name: [getattr(self, name)] for name in _SCHEMA.names}
        return pa.RecordBatch.from_pydict(values, schema=_SCHEMA)

    @classmethod
    def from_arrow(cls, batch: pa.RecordBatch) -> Self:
        """The record of one row."""
        row = batch.to_pylist()[0]
        arrays = {name: np.array(row[name]) for name in _ARRAYS}
        return cls(**{**row, **arrays, "failures": tuple(row["failures"])})

    @classmethod
    def failed(cls, owner: str, error: str) -> Self:
        """The record of a trial that gave nothing."""
        unknown = np.full(len(ALTERNATIVES), np.nan)
        return cls(owner, 0, 0, 0.0, unknown, unknown, np.zeros(0), error=error.strip())

    @property
    def parameters(self) -> dict[str, float | int | str]:
        """The settings of the chosen candidate."""
        found: dict[str, float | int | str] = json.loads(self.settings)
        return found


def latest(records: Iterable[FleetRecord]) -> dict[str, FleetRecord]:
    """One record per owner: one that was tried again is what its last trial made of it."""
    found: dict[str, FleetRecord] = {}
    for record in records:
        if record.owner not in found or not record.error:
            found[record.owner] = record
    return found
