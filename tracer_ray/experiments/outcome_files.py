"""Outcomes from files: those of yesterday's games, as they are ingested, settle what was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracer_ray.data.sources import find_files, parts_of, read_part
from tracer_ray.errors import DataError
from tracer_ray.experiments.outcomes import OutcomeLog
from tracer_ray.prediction.outcomes import CONTROLS, Settled, read_outcomes
from tracer_ray.prediction.predictor import Predictor

_PART_ROWS = 50_000


@dataclass(frozen=True)
class Intake:
    """How many rows were read, how many outcomes were stored, and of how many rows none, and why.

    `reason` is that of the first row that says no outcome, "" where all do.
    """

    rows: int
    outcomes: int
    refused: int
    reason: str


def store_outcome_files(home: str, predictor: Predictor, sources: Sequence[str]) -> Intake:
    """Store what the rows of Parquet or CSV files say of what happened; other columns are fine.

    Raises DataError where no row says anything, with the first reason.
    """
    parts = list(_settled(predictor, sources))
    outcomes = [each for part in parts for rows in part.outcomes.values() for each in rows]
    reasons = [str(error) for part in parts for error in part.errors.values()]
    if not outcomes:
        reason = reasons[0] if reasons else "they have no row"
        raise DataError(f"{', '.join(sources)}: no outcome was found: {reason}")
    stored = OutcomeLog(home).store(
        predictor.blueprint.id,
        outcomes,
        datetime.now(UTC),
        adds=predictor.blueprint.adds_up,
    )
    rows = sum(len(part.outcomes) + len(part.errors) for part in parts)
    return Intake(rows, stored, len(reasons), next(iter(reasons), ""))


def _settled(predictor: Predictor, sources: Sequence[str]) -> Iterator[Settled]:
    for order, file in enumerate(find_files(sources)):
        names = [each for each in file.columns if each in CONTROLS or predictor.accepts(each)]
        for part in parts_of(file, order, _PART_ROWS):
            for chunk in read_part(part, names):
                yield read_outcomes(predictor, chunk.table, is_strict=False)
