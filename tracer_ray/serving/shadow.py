"""Shadows: challengers that predict what the champion answered, off the answer's path.

Rows wait in a bounded queue; what finds no place is dropped and counted. One thread predicts them
some at a time: together they cost a fraction of what single answers do, and the event loop gets the
interpreter back after a few milliseconds at most. What they say is logged and told to nobody.
"""

import logging
from collections import deque
from collections.abc import Sequence

from tracer_ray.errors import RequestError
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.meter import SHADOWED, Meter
from tracer_ray.serving.prediction_log import PredictionLog
from tracer_ray.serving.recording import log_replies
from tracer_ray.serving.routing import Contestant

WORK_EVERY_S = 0.05
MOST_ROWS = 2_000
_ROWS_AT_ONCE = 20
_LOG = logging.getLogger(__name__)


class Shadows:
    """The rows that wait for challengers in the shadow."""

    def __init__(self, log: PredictionLog, meter: Meter, most_rows: int = MOST_ROWS) -> None:
        """Let at most so many rows wait; `work` predicts them."""
        self._log = log
        self._meter = meter
        self._most_rows = most_rows
        self._waiting: deque[tuple[Contestant, Asked]] = deque()

    def take(self, contestant: Contestant, asked: Sequence[Asked]) -> None:
        """Let a challenger predict some rows soon; never waits."""
        if len(self._waiting) + len(asked) > self._most_rows:
            self._count(contestant, "dropped", len(asked))
            return
        self._waiting.extend((contestant, each) for each in asked)

    def work(self) -> None:
        """Predict and log all that waits."""
        while self._waiting:
            contestant, asked = self._next()
            try:
                replies = contestant.predictor.reply([each.request for each in asked], asked[0].now)
            except Exception:  # whatever breaks in the shadow, nobody's answer does
                _LOG.exception("event=shadow_failed release=%s", contestant.predictor.name)
                self._count(contestant, "failed", len(asked))
                continue
            log_replies(self._log, contestant, asked, replies, is_shadow=True)
            failed = sum(isinstance(each.said, RequestError) for each in replies)
            self._count(contestant, "failed", failed)
            self._count(contestant, "predicted", len(replies) - failed)

    def _next(self) -> tuple[Contestant, list[Asked]]:
        """The oldest rows that can be predicted together: one challenger's, of the same second."""
        contestant, first = self._waiting.popleft()
        asked = [first]
        while self._waiting and len(asked) < _ROWS_AT_ONCE:
            other, row = self._waiting[0]
            if other is not contestant or int(row.now.timestamp()) != int(first.now.timestamp()):
                break
            asked.append(row)
            self._waiting.popleft()
        return contestant, asked

    def _count(self, contestant: Contestant, outcome: str, rows: int) -> None:
        if rows:
            blueprint = contestant.predictor.blueprint.id
            self._meter.record(SHADOWED, rows, blueprint, outcome)
