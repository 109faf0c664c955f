"""What is measured while serving: every measure by name, and where its values go.

Nothing here knows Prometheus or Ray; an engine brings a meter that does.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """How values of a measure add up."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Measure:
    """One measure; `labels` are the names of its labels, `bounds` those of its buckets."""

    name: str
    kind: Kind
    text: str
    labels: tuple[str, ...] = ("blueprint",)
    bounds: tuple[float, ...] = ()


_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 30.0)
_ROWS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_OF_REQUEST = ("blueprint", "kind")

REQUESTS = Measure(
    "tracer_requests", Kind.COUNTER, "requests by HTTP status", (*_OF_REQUEST, "status")
)
LATENCY = Measure(
    "tracer_request_seconds", Kind.HISTOGRAM, "time in the replica", _OF_REQUEST, _SECONDS
)
BATCH_ROWS = Measure("tracer_batch_rows", Kind.HISTOGRAM, "rows of a batch", ("blueprint",), _ROWS)
ANSWERS = Measure("tracer_answers", Kind.COUNTER, "rows by what answered", ("blueprint", "level"))
VARIANTS = Measure(
    "tracer_variant_rows", Kind.COUNTER, "rows by variant during a test", ("blueprint", "variant")
)
SHADOWED = Measure(
    "tracer_shadow_rows",
    Kind.COUNTER,
    "rows for challengers in the shadow: predicted, failed or dropped",
    ("blueprint", "outcome"),
)
LOGGED = Measure("tracer_logged_predictions", Kind.COUNTER, "predictions written to the log")
LOG_DROPPED = Measure(
    "tracer_dropped_predictions", Kind.COUNTER, "predictions that found no place in the log"
)
OUTCOME_ROWS = Measure(
    "tracer_outcome_rows",
    Kind.COUNTER,
    "rows that say what happened: stored, refused, or failed where the storage did",
    ("blueprint", "result"),
)
CONTEXTS = Measure(
    "tracer_contexts",
    Kind.COUNTER,
    "contexts of entities: kept in the cache, or put together",
    ("blueprint", "result"),
)
SHED = Measure("tracer_shed", Kind.COUNTER, "requests refused because too many waited")
LIMITED = Measure("tracer_rate_limited", Kind.COUNTER, "requests over the rate limit of their key")
UNAUTHORISED = Measure("tracer_unauthorised", Kind.COUNTER, "requests without a valid key")
RELEASE_VERSION = Measure("tracer_release_version", Kind.GAUGE, "registry version that answers")
RELEASE_AGE = Measure("tracer_release_age_seconds", Kind.GAUGE, "time since it was made")
RELEASE_REFUSED = Measure("tracer_release_refused", Kind.GAUGE, "1 while a champion is refused")

MEASURES = (
    REQUESTS,
    LATENCY,
    BATCH_ROWS,
    ANSWERS,
    VARIANTS,
    SHADOWED,
    LOGGED,
    LOG_DROPPED,
    OUTCOME_ROWS,
    CONTEXTS,
    SHED,
    LIMITED,
    UNAUTHORISED,
    RELEASE_VERSION,
    RELEASE_AGE,
    RELEASE_REFUSED,
)


class Meter(Protocol):
    """Takes values: an increment of a counter, a value of a histogram or gauge."""

    def record(self, measure: Measure, value: float, *labels: str) -> None:
        """Take one value; the labels are in the order of the measure's."""


class SilentMeter:
    """A meter that forgets."""

    def record(self, measure: Measure, value: float, *labels: str) -> None:
        """Take one value and forget it."""
