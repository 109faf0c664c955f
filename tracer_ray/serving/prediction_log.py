"""The prediction log of a replica: rows wait in memory, and a thread writes them now and then.

Taking a row never waits: where too many wait to be written, it is dropped and counted. What was
taken and not yet written is lost with the process: at most what came within FLUSH_EVERY_S.
"""

import logging
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock

from tracer_ray.errors import StorageError
from tracer_ray.experiments.parts import GrowingPart
from tracer_ray.experiments.predictions import (
    Occasion,
    predictions_folder,
    predictions_table,
)
from tracer_ray.prediction.records import Record
from tracer_ray.serving.meter import LOG_DROPPED, LOGGED, Meter

FLUSH_EVERY_S = 10.0
MOST_ROWS = 50_000  # about 30 MB
_ROWS_AT_ONCE = 10_000
_ROWS_OF_A_PART = 50_000  # about 2 MB, written in 26 ms
_Row = tuple[object, ...]
_LOG = logging.getLogger(__name__)


class PredictionLog:
    """The rows of all blueprints of a replica that wait to be written."""

    def __init__(self, home: str, meter: Meter, most_rows: int = MOST_ROWS) -> None:
        """Keep at most so many rows in memory; `flush` writes them."""
        self._home = home
        self._meter = meter
        self._most_rows = most_rows
        self._waiting: deque[tuple[str, _Row]] = deque()
        self._writing = Lock()
        self._parts: dict[str, GrowingPart] = {}

    def take(self, blueprint: str, rows: Sequence[tuple[Occasion, Record]]) -> None:
        """Log rows soon; they are dropped and counted where too many wait."""
        if len(self._waiting) + len(rows) > self._most_rows:
            self._meter.record(LOG_DROPPED, len(rows), blueprint)
            return
        self._waiting.extend((blueprint, (*occasion, *record)) for occasion, record in rows)

    def flush(self) -> None:
        """Write what waits now; what the storage does not take waits for the next time."""
        with self._writing:
            for _ in range(0, len(self._waiting), _ROWS_AT_ONCE):
                self._write(min(len(self._waiting), _ROWS_AT_ONCE))

    def _write(self, count: int) -> None:
        """Write the oldest rows, each to the part of its blueprint."""
        oldest = [self._waiting.popleft() for _ in range(count)]
        found: dict[str, list[_Row]] = {}
        for blueprint, row in oldest:
            found.setdefault(blueprint, []).append(row)
        for blueprint, rows in found.items():
            new = GrowingPart(predictions_folder(self._home, blueprint), _ROWS_OF_A_PART)
            part = self._parts.setdefault(blueprint, new)
            try:
                part.add(predictions_table(rows), datetime.now(UTC))
                self._meter.record(LOGGED, len(rows), blueprint)
            except StorageError as error:
                _LOG.warning("event=log_unwritten rows=%d reason=%r", len(rows), str(error))
                self._waiting.extendleft((blueprint, row) for row in reversed(rows))
