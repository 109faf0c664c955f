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
from tracer_ray.experiments.parts import GrowingPart
from tracer_ray.prediction.outcomes import Outcome

_ROWS_OF_A_PART = 5_000  # written again for each request, in about 1 ms
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


class OutcomeLog:
    """Where one process stores what happened, of any blueprint of a home."""

    def __init__(self, home: str) -> None:
        """Store below a home; nothing is written yet."""
        self._home = home
        self._parts: dict[str, GrowingPart] = {}

    def store(
        self, blueprint: str, outcomes: Iterable[Outcome], received: datetime, *, adds: bool
    ) -> int:
        """Write outcomes that came together, and say how many; StorageError where that fails.

        With `adds`, outcomes of the same row are parts of it and are added up: the sales of a day.
        """
        kept = _kept(outcomes, adds)
        if kept:
            rows = [(*each, microseconds(received)) for each in kept]
            columns = zip(*rows, strict=True)
            arrays = [pa.array(x, field.type) for x, field in zip(columns, OUTCOMES, strict=True)]
            new = GrowingPart(outcomes_folder(self._home, blueprint), _ROWS_OF_A_PART)
            part = self._parts.setdefault(blueprint, new)
            part.add(pa.table(arrays, schema=OUTCOMES), received)
        return len(kept)


def _kept(outcomes: Iterable[Outcome], adds: bool) -> list[Outcome]:
    """The last outcome of each row and target, or the sum of all."""
    kept: dict[tuple[str, int, str, str], Outcome] = {}
    for each in outcomes:
        name = each[:4]
        before = kept[name].actual if adds and name in kept else 0.0
        kept[name] = each._replace(actual=each.actual + before)
    return list(kept.values())


def outcomes_folder(home: str, blueprint: str) -> str:
    """Where the outcomes of a blueprint are stored."""
    return storage.join(home, "outcomes", blueprint)
