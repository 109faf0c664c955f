"""Newer rows move what a release knows of the past; its models stay as they are.

The rows are walked through as evaluation walks through them: summarised, crossed, transformed, on
top of the state that is there.
"""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from tracer_ray.blueprint import Aggregation
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.newest_rows import NewestRows, newest_rows
from tracer_ray.errors import DataError
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.prediction.evaluation import unseen_pieces
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.releases.refreshed_state import RefreshedState
from tracer_ray.rows import MICROSECONDS_PER_DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def refresh_state(predictor: Predictor, dataset: Dataset) -> RefreshedState:
    """What the release knows after the rows that are newer than all it knows.

    Raises DataError where there are none.
    """
    pieces = unseen_pieces(predictor, dataset)
    known = predictor.newest_rows
    kept = _newest_of_both(predictor, known, dataset).table if known else None
    program, state = predictor.program, predictor.state
    cross = program.cross([program.summarise(piece, state) for piece in pieces], state)
    own = [program.transform(piece, cross, predictor.vocabulary, state)[1] for piece in pieces]
    last_seen = dict(predictor.refreshed.last_seen) if predictor.refreshed else {}
    for piece in pieces:
        newest = piece.times[piece.offsets[1:] - 1].tolist()
        last_seen |= dict(zip(piece.entities.tolist(), newest, strict=True))
    until = max(int(piece.times.max()) for piece in pieces)
    return RefreshedState(
        predictor.name,
        (_EPOCH + timedelta(microseconds=until)).isoformat(),
        last_seen,
        FeatureState.merge([state, cross.state, *own]),
        kept,
    )


def _newest_of_both(predictor: Predictor, known: NewestRows, dataset: Dataset) -> NewestRows:
    """The newest row of each id that is known or in the dataset."""
    found = newest_rows(dataset)
    for events in predictor.blueprint.events:
        _refuse_lost_events(events.name, known.table, found.table)
    return known.after(found)


def _refuse_lost_events(name: str, known: pa.Table, found: pa.Table) -> None:
    """DataError where rows were made without events that were known: their sums would be wrong."""
    age = f"{name}_{Aggregation.AGE}"
    if age not in known.column_names or age not in found.column_names:
        return
    before, now = (
        dict(zip(each["key"].to_pylist(), _first_days(each, age), strict=True))
        for each in (known, found)
    )
    lost = [key for key in before.keys() & now.keys() if now[key] > before[key] + 1.0]
    if lost:
        raise DataError(
            f"these files lack {name} that the release knows, of {min(lost)!r} and {len(lost) - 1} "
            f"more: give all {name}, the old one too, as what each row knows is counted again"
        )


def _first_days(rows: pa.Table, age: str) -> list[float]:
    """When the first event of each row was, in days since 1970; NaN without any."""
    days = rows["time"].cast(pa.int64()).to_numpy() / MICROSECONDS_PER_DAY
    ages: list[float] = (days - rows[age].to_numpy()).tolist()
    return ages
