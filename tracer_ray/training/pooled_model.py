"""A pooled model with its cross-fitted parts, as it is kept between stages and in a release."""

from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Answer, Candidate
from tracer_ray.families import Resources
from tracer_ray.families.fitting import load_model
from tracer_ray.releases.tables import StoredModel
from tracer_ray.rows import Float32Array, FloatArray
from tracer_ray.splits import Part, PartArray
from tracer_ray.training.objective import Objective
from tracer_ray.training.pooled import (
    Blocks,
    Ensemble,
    LabelledRows,
    Member,
    constant_forecast,
    fit_ensemble,
)

WEIGHT = "weight"


@dataclass(frozen=True)
class PooledModel:
    """The pooled model of one target.

    Each ensemble predicts rows that it had not seen: `by_block[b]` block b of the training rows
    (None for the first part of rows in time order), `compared`, fitted to the training rows, the
    validation rows, and `judged`, fitted to both, the calibration and test rows. `final` was
    fitted to all rows and is what a release answers with. `constant` is the training rows' median
    or base rate.
    """

    blocks: Blocks
    by_block: tuple[Ensemble | None, ...]
    compared: Ensemble
    judged: Ensemble
    final: Ensemble
    constant: float

    def predict_unseen(self, x: Float32Array, position: FloatArray, parts: PartArray) -> FloatArray:
        """Predictions by models that had not seen the row, float64 [rows], else NaN."""
        predicted = np.full(len(position), np.nan)
        is_training, is_validation = parts == Part.TRAIN, parts == Part.VALIDATION
        number = self.blocks.number(position)
        answers = [
            (is_validation, self.compared),
            (~is_training & ~is_validation, self.judged),
            *((is_training & (number == b), each) for b, each in enumerate(self.by_block)),
        ]
        for held, ensemble in answers:
            if ensemble is not None and held.any():
                predicted[held] = ensemble.predict(x[held])
        return predicted


def fit_pooled(
    rows: LabelledRows, goal: Objective, members: tuple[Member, ...], resources: Resources
) -> PooledModel:
    """Fit the chosen members to each block's past, to the training rows, and to all rows."""
    blocks = Blocks.of(rows)
    by_block = []
    for block in range(blocks.count):
        seen = blocks.seen(rows, block)
        fitted = fit_ensemble(rows, seen, goal, members, resources) if seen.any() else None
        by_block.append(fitted)
    train = rows.part(Part.TRAIN)
    compared = rows.part(Part.TRAIN, Part.VALIDATION)
    everything = np.ones(len(rows.y), dtype=np.bool_)
    return PooledModel(
        blocks=blocks,
        by_block=tuple(by_block),
        compared=fit_ensemble(rows, train, goal, members, resources),
        judged=fit_ensemble(rows, compared, goal, members, resources),
        final=fit_ensemble(rows, everything, goal, members, resources),
        constant=constant_forecast(rows.y[train], goal.answer),
    )


def store(target: str, ensemble: Ensemble) -> tuple[StoredModel, ...]:
    """An ensemble's members in their native formats."""
    return tuple(
        StoredModel(
            target=target,
            owner="",
            part=f"pooled:{number}",
            family=member.candidate.family,
            settings=member.candidate.settings | {WEIGHT: member.weight},
            data=model.to_bytes(),
        )
        for number, (member, model) in enumerate(
            zip(ensemble.members, ensemble.models, strict=True)
        )
    )


def load(stored: tuple[StoredModel, ...], answer: Answer) -> Ensemble:
    """The ensemble that `store` gave."""
    members = tuple(
        Member(
            Candidate(each.family, tuple((k, v) for k, v in each.settings.items() if k != WEIGHT)),
            float(each.settings[WEIGHT]),
        )
        for each in stored
    )
    models = tuple(load_model(each.family, each.data, each.settings, answer) for each in stored)
    return Ensemble(members, models, answer)
