"""What was predicted of a row, as a log keeps it and as its outcome is found again."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple, cast

from tracer_ray.blueprint import Source
from tracer_ray.data.times import moment_text
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.told import Told


class Record(NamedTuple):
    """One prediction; instants are microseconds (UTC), None where a blueprint has no time.

    `prediction` is a number, or the probability of yes; `lower` and `upper` its interval, where
    there is one. `features` is a hash of what the models read; `key` names the row (`row_key`).
    """

    entity: str | None
    happens_at: int | None
    as_of: int | None
    target: str
    prediction: float
    lower: float | None
    upper: float | None
    features: str
    key: str


def records(predictor: Predictor, told: Sequence[Told]) -> Iterator[Record]:
    """The prediction behind each part of a reply."""
    blueprint = predictor.blueprint
    for each in told:
        question, values = each.question, each.output.values
        time = each.time if blueprint.time else None
        value = values.get(Source.PROBABILITY, values.get(Source.VALUE))
        lower, upper = cast(tuple[float, float] | None, values.get(Source.INTERVAL)) or (None, None)
        names = question.names if blueprint.entity else ()
        yield Record(
            question.owner if blueprint.entity else question.row,
            time,
            question.known_until or predictor.data_until,
            question.target,
            cast(float, value),
            lower,
            upper,
            blake2b(each.features.tobytes(), digest_size=8).hexdigest(),
            row_key(names, time, question.row),
        )


def row_key(names: Sequence[str], time: int | None, row: str | None) -> str:
    """The name of a row: its entity (against whom) and its time, else its own id, else "".

    Times count to the second. A row about no entity is its id, whenever it was looked at.

    >>> row_key(["A", "B"], 86_400_000_000, "m1"), row_key([], None, "c1")
    ('A / B @ 1970-01-02T00:00:00+00:00', 'c1')
    """
    if not names:
        return row or ""
    return " / ".join(names) + (f" @ {moment_text(time)}" if time is not None else "")
