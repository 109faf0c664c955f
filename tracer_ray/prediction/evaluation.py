"""How good a release is on rows that are newer than its training data, one row at a time.

Features of each new row read the release's state and the new rows before it, as they would have
arrived; nothing is refitted. The full path resumed from a state gives exactly that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracer_ray.blueprint import Answer, Blueprint, Kind
from tracer_ray.data.dataset import Dataset
from tracer_ray.errors import DataError
from tracer_ray.horizon import seen_from
from tracer_ray.metrics import skill
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.target_models import Said, TargetModels
from tracer_ray.rows import Float32Array, FloatArray, Rows, TextArray
from tracer_ray.splits import days, stable_hashes
from tracer_ray.training.scoring import Judge, is_judged_whole
from tracer_ray.uncertainty.meetings import meeting_of, mirrored, reconcile

Scores = Mapping[str, float]


@dataclass(frozen=True)
class Evaluation:
    """The figures of one target on `n` new rows (meetings, where two sides meet)."""

    target: str
    n: int
    ours: Scores
    pooled: Scores
    baseline: Scores


@dataclass(frozen=True)
class NewRows:
    """New rows with their features: what walking through them gave."""

    rows: Rows
    features: Float32Array


def walk(predictor: Predictor, dataset: Dataset) -> NewRows:
    """The rows that the release has not seen, with the features each had when it came.

    Raises DataError where there are none.
    """
    pieces = unseen_pieces(predictor, dataset)
    blueprint, known_until = predictor.blueprint, predictor.data_until
    if blueprint.horizon_steps and known_until is not None:
        steps, period = blueprint.horizon_steps, blueprint.period
        start = period.begin(known_until, after=1)
        pieces = [seen_from(piece, start, steps, period) for piece in pieces]
    program = predictor.program
    state = predictor.state if predictor.blueprint.time else None  # no time, no past
    summaries = [program.summarise(piece, state) for piece in pieces]
    cross = program.cross(summaries, state)
    features = [program.transform(piece, cross, predictor.vocabulary, state)[0] for piece in pieces]
    return NewRows(concatenate(pieces), np.concatenate(features))


def unseen_pieces(predictor: Predictor, dataset: Dataset) -> list[Rows]:
    """The rows that the release does not know yet, by bucket; DataError where there are none."""
    known = predictor.release.known_keys()
    pieces = [
        piece
        for bucket in range(dataset.buckets)
        if len(
            piece := _unseen(
                predictor, complete(dataset.read_bucket(bucket), predictor.blueprint), known
            )
        )
    ]
    if not pieces:
        until = predictor.as_of or "the training data"
        raise DataError(f"{dataset.uri}: no row is newer than {until}; give newer data")
    return pieces


def settled_targets(predictor: Predictor, new: NewRows) -> tuple[str, ...]:
    """The targets of which any new row has an outcome; DataError where there is none."""
    outcomes = new.rows.numbers
    settled = tuple(each for each in predictor.targets if np.isfinite(outcomes[each]).any())
    if not settled:
        raise DataError(f"no new row has an outcome for {', '.join(predictor.targets)}")
    return settled


def evaluate_target(predictor: Predictor, new: NewRows, target: str) -> Evaluation:
    """Score ours, the pooled model and the baseline on the new rows that have an outcome."""
    models = predictor.target(target)
    owners = new.rows.entities[new.rows.entity_index]
    said = models.predict(new.features, owners)
    actual = new.rows.numbers[models.target]
    known = np.isfinite(actual)
    if not known.any():
        raise DataError(f"no new row has an outcome for {models.target!r}")
    ours, pooled = _answers(models, said, new.rows.keys, owners, predictor.blueprint)
    blueprint = predictor.blueprint
    owner = np.unique(owners[known].astype(np.str_), return_inverse=True)[1]
    judge = Judge(blueprint, models.target, actual[known], days(new.rows.times)[known], owner)
    spread = None if said.spread is None else said.spread[known]
    naive, uncertainty = said.baseline[known], models.uncertainty
    scores = [judge.point_scores(each) for each in (ours[known], pooled[known], naive)]
    scores[0] |= judge.spread_scores(ours[known], uncertainty.distribution, spread)
    if is_judged_whole(blueprint):
        scores[1] |= judge.spread_scores(pooled[known], uncertainty.distribution, spread)
        scores[2] |= judge.spread_scores(naive, uncertainty.naive, None)
    meetings = 2 if blueprint.sides else 1
    return Evaluation(
        models.target,
        int(known.sum()) // meetings,
        *(_with_skill(each, scores[2], blueprint.metric) for each in scores),
    )


def complete(rows: Rows, blueprint: Blueprint) -> Rows:
    """The rows with nulls in every column that the blueprint has and the data lacks."""
    numbers, categories = dict(rows.numbers), dict(rows.categories)
    for column in blueprint.columns:
        if column.kind is Kind.CATEGORY:
            categories.setdefault(column.name, np.full(len(rows), "", dtype=object))
        elif column.kind is not Kind.TIME:
            numbers.setdefault(column.name, np.full(len(rows), np.nan))
    for target in blueprint.targets:
        numbers.setdefault(target.name, np.full(len(rows), np.nan))
    return Rows(rows.entities, rows.offsets, rows.times, rows.keys, numbers, categories)


def concatenate(pieces: list[Rows]) -> Rows:
    """The rows of several buckets as one; their owners differ."""
    starts = np.cumsum([0, *(len(piece) for piece in pieces[:-1])])
    offsets = [piece.offsets[:-1] + start for piece, start in zip(pieces, starts, strict=True)]
    total = sum(len(piece) for piece in pieces)
    first = pieces[0]
    return Rows(
        entities=np.concatenate([piece.entities for piece in pieces]),
        offsets=np.concatenate([*offsets, [total]]).astype(np.int64),
        times=np.concatenate([piece.times for piece in pieces]),
        keys=np.concatenate([piece.keys for piece in pieces]),
        numbers={n: np.concatenate([piece.numbers[n] for piece in pieces]) for n in first.numbers},
        categories={
            n: np.concatenate([piece.categories[n] for piece in pieces]) for n in first.categories
        },
    )


def _unseen(predictor: Predictor, rows: Rows, known: npt.NDArray[np.uint64]) -> Rows:
    """Rows after all that is known; without a time, rows that were not trained on."""
    if predictor.data_until is not None:
        mask = rows.times > predictor.data_until
    else:
        mask = ~np.isin(stable_hashes(rows.keys), known)
    return rows.take(np.flatnonzero(mask))


def _answers(
    models: TargetModels, said: Said, keys: TextArray, owners: TextArray, blueprint: Blueprint
) -> tuple[FloatArray, FloatArray]:
    """What ours and the pooled model answer, calibrated, and with the sides of a meeting agreed."""
    uncertainty = models.uncertainty
    if models.answer is not Answer.PROBABILITY:
        return said.ours, said.pooled
    if blueprint.sides is None:
        return uncertainty.calibrate(said.ours), said.pooled
    meetings = [meeting_of(key, owner) for key, owner in zip(keys, owners, strict=True)]
    other = mirrored(np.array(meetings, dtype=object))
    ours = uncertainty.calibrate(said.ours, said.ours[other])
    pooled = reconcile(said.pooled, said.pooled[other], has_draws=uncertainty.has_draws)
    return ours, pooled


def _with_skill(scores: Scores, baseline: Scores, metric: str) -> dict[str, float]:
    return {**scores, "skill": skill(scores[metric], baseline[metric])}
