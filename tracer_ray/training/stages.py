"""What a worker does with one bucket on the way from rows to unseen pooled predictions.

Every function reads and writes its own bucket's files only; what crosses buckets (vocabulary,
features that read other owners' rows) is gathered between the stages.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.baselines import naive_forecast
from tracer_ray.blueprint import Answer
from tracer_ray.errors import TrainingError
from tracer_ray.feature_program.cross import Cross, Summary
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.rows import Rows
from tracer_ray.splits import Basis, Part, positions
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import LabelledRows
from tracer_ray.training.pooled_model import PooledModel
from tracer_ray.training.run_store import BucketReader, FeatureRows, write_columns, write_features

POOLED = "pooled"


@dataclass(frozen=True)
class Survey:
    """What one bucket must tell the others before features can be built."""

    summary: Summary
    vocabulary: Vocabulary


def count_positions(rows: Rows, basis: Basis, targets: Iterable[str]) -> Counter[float]:
    """How many rows lie at each position (such as a day) of the scale they are cut by.

    Only rows with an outcome of any target count: the others teach nothing and judge nothing. None
    for a hash: its cuts need no counts.
    """
    if basis is Basis.HASH:
        return Counter()
    known = np.any([np.isfinite(rows.numbers[name]) for name in targets], axis=0)
    where = positions(rows.times[known], rows.keys[known], basis)
    found, counts = np.unique(where, return_counts=True)
    return Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))


def count_outcomes(rows: Rows, targets: Iterable[str]) -> Counter[str]:
    """How many rows have an outcome of each target."""
    return Counter({name: int(np.isfinite(rows.numbers[name]).sum()) for name in targets})


def survey(plan: TrainingPlan, bucket: int) -> Survey:
    """The bucket's contribution to other owners' features, and its training categories."""
    return survey_rows(plan, plan.read_rows(bucket))


def survey_rows(plan: TrainingPlan, rows: Rows) -> Survey:
    """What rows contribute to other owners' features, and their training categories."""
    is_training = plan.cuts.assign(rows.times, rows.keys) == Part.TRAIN
    training = {name: values[is_training] for name, values in rows.categories.items()}
    vocabulary = plan.program.fit_vocabulary(replace(rows, categories=training))
    return Survey(plan.program.summarise(rows), vocabulary)


def gather_surveys(plan: TrainingPlan, surveys: Sequence[Survey]) -> tuple[Cross, Vocabulary]:
    """What crosses owners, and the vocabulary of all training rows."""
    cross = plan.program.cross([each.summary for each in surveys])
    return cross, Vocabulary.merge(each.vocabulary for each in surveys)


def build_features(
    plan: TrainingPlan, bucket: int, cross: Cross, vocabulary: Vocabulary
) -> FeatureState:
    """Write the bucket's feature matrix; returns what the next rows' features need of the past."""
    rows = plan.read_rows(bucket)
    features, state = feature_rows(plan, rows, cross, vocabulary)
    write_features(plan.part_folder("features"), bucket, features, rows.offsets)
    return state


def feature_rows(
    plan: TrainingPlan, rows: Rows, cross: Cross, vocabulary: Vocabulary
) -> tuple[FeatureRows, FeatureState]:
    """The rows' feature matrix, and what the next rows' features need of the past."""
    x, state = plan.program.transform(rows, cross, vocabulary)
    features = FeatureRows(
        x=x,
        position=positions(rows.times, rows.keys, plan.cuts.basis),
        parts=plan.cuts.assign(rows.times, rows.keys),
        outcomes={target: rows.numbers[target] for target in plan.targets},
    )
    return features, state


def labelled_rows(plan: TrainingPlan, target: str, features: FeatureRows) -> LabelledRows:
    """The rows with a known outcome, and only the target's features, in its order."""
    outcome = features.outcomes[target]
    known = np.isfinite(outcome)
    return LabelledRows(
        x=np.ascontiguousarray(features.x[known][:, plan.positions(target)]),
        y=outcome[known],
        position=features.position[known],
        parts=features.parts[known],
        is_by_time=plan.cuts.is_by_time,
        gap=plan.cuts.gap,
    )


def gather(plan: TrainingPlan, target: str) -> LabelledRows:
    """What the pooled model of a target learns from and is judged by, of all buckets."""
    reader = BucketReader(plan.part_folder("features"))
    pieces = [
        labelled_rows(plan, target, _every(plan.pooled_step, reader, bucket))
        for bucket in range(plan.dataset.buckets)
    ]
    return LabelledRows(
        x=np.concatenate([piece.x for piece in pieces]),
        y=np.concatenate([piece.y for piece in pieces]),
        position=np.concatenate([piece.position for piece in pieces]),
        parts=np.concatenate([piece.parts for piece in pieces]),
        is_by_time=plan.cuts.is_by_time,
        gap=plan.cuts.gap,
    )


def _every(step: int, reader: BucketReader, bucket: int) -> FeatureRows:
    """Every so-many-th row of each owner, from its first: newer rows don't move the older ones'."""
    rows, offsets = reader.features(bucket), reader.offsets(bucket)
    places = np.arange(len(rows)) - np.repeat(offsets[:-1], np.diff(offsets))
    return rows if step == 1 else rows.take(places % step == 0)


def refuse_unlearnable(rows: LabelledRows, target: str, answer: Answer) -> None:
    """TrainingError where nothing can be learned or judged, before anything is tried."""
    for part in (Part.TRAIN, Part.VALIDATION, Part.CALIBRATION, Part.TEST):
        if not rows.part(part).any():
            raise TrainingError(
                f"{target}: no row with an outcome in the {part.name.lower()} part of the "
                f"{len(rows.y)} rows; add history"
            )
    learned = rows.y[rows.part(Part.TRAIN)]
    if answer is Answer.PROBABILITY and learned.min() == learned.max():
        raise TrainingError(
            f"{target}: all {len(learned)} training outcomes are {learned[0]:g}; "
            "there is nothing to tell apart"
        )


def predict_bucket(plan: TrainingPlan, target: str, bucket: int, model: PooledModel) -> None:
    """Write the bucket's unseen pooled predictions and baselines, row for row."""
    reader = BucketReader(plan.part_folder("features"))
    features = reader.features(bucket)
    x = np.ascontiguousarray(features.x[:, plan.positions(target)])
    columns = {POOLED: model.predict_unseen(x, features.position, features.parts)}
    for each in plan.blueprint.baselines:
        naive = naive_forecast(plan.blueprint, target, each.name, model.constant)
        columns[each.name] = naive.predict(x)
    offsets = reader.offsets(bucket)
    write_columns(plan.part_folder(POOLED, target), bucket, columns, offsets)
