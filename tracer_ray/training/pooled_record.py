"""What the pooled model's search leaves: a record of every rung, and how far a candidate came."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa

from tracer_ray.blueprint import Candidate
from tracer_ray.rows import FloatArray
from tracer_ray.training.pooled import RUNG_SHARES

_SCHEMA = pa.schema(
    [("number", pa.int64()), ("rung", pa.int64()), ("candidate", pa.string())]
    + [(name, pa.float64()) for name in ("loss", "skill", "seconds")]
    + [("predicted", pa.list_(pa.float64()))]
)


@dataclass(frozen=True)
class PooledRecord:
    """What one candidate gave on one rung.

    `candidate` is its JSON with the rounds pinned; `predicted`, of the validation rows, float64, is
    empty below the last rung.
    """

    number: int
    rung: int
    candidate: str
    loss: float
    skill: float
    seconds: float
    predicted: FloatArray

    def to_arrow(self) -> pa.RecordBatch:
        """The record as one row."""
        values = {name: [getattr(self, name)] for name in _SCHEMA.names}
        return pa.RecordBatch.from_pydict(values, schema=_SCHEMA)

    @classmethod
    def from_arrow(cls, batch: pa.RecordBatch) -> Self:
        """The record of one row."""
        row = batch.to_pylist()[0]
        return cls(**{**row, "predicted": np.array(row["predicted"], dtype=np.float64)})


@dataclass(frozen=True)
class SearchedCandidate:
    """How far one candidate came, its loss there, and what it cost; `error` is "" if it ran."""

    number: int
    candidate: Candidate
    rungs: int = 0
    loss: float = float("nan")
    skill: float = float("nan")
    seconds: float = 0.0
    error: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether it was fitted to all training rows, and may be used."""
        return self.rungs == len(RUNG_SHARES) and not self.error
