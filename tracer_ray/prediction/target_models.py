"""The models of one target as a release holds them, and what they say of feature rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.baselines import NaiveForecast
from tracer_ray.blueprint import Answer, Lifetime
from tracer_ray.decision import Decision
from tracer_ray.families import Model
from tracer_ray.families.fitting import load_model
from tracer_ray.link import blend, to_link
from tracer_ray.releases.tables import EntityRecord, Level, StoredModel
from tracer_ray.rows import Float32Array, FloatArray, IntArray, TextArray
from tracer_ray.training.pooled import Ensemble
from tracer_ray.training.pooled_model import load
from tracer_ray.uncertainty.uncertainty import Uncertainty


@dataclass(frozen=True)
class Said:
    """What was said of feature rows, float64 [rows] each; `levels` names what answered.

    `spread` [rows, features] is what the uncertainty grows with, None where that is not declared.
    """

    ours: FloatArray
    pooled: FloatArray
    baseline: FloatArray
    levels: tuple[Level, ...]
    spread: FloatArray | None = None

    def take(self, rows: IntArray) -> "Said":
        """The chosen rows."""
        levels = tuple(self.levels[row] for row in rows.tolist())
        spread = None if self.spread is None else self.spread[rows]
        return Said(self.ours[rows], self.pooled[rows], self.baseline[rows], levels, spread)


@dataclass(frozen=True)
class TargetModels:
    """Everything that answers for one target.

    `positions` are the columns of the feature matrix that its models read; `naive` is the baseline
    over them. `standing` is what answers by default, the pooled model or the baseline, and `reason`
    says why the latter does. `spread` are the columns of features that its uncertainty grows with;
    `tails` the shares for which a loss at most is answered.
    """

    target: str
    answer: Answer
    positions: IntArray
    pooled: Ensemble
    own: Mapping[str, Model]
    records: Mapping[str, EntityRecord]
    naive: NaiveForecast
    uncertainty: Uncertainty
    decision: Decision | None = None
    standing: Level = Level.POOLED
    reason: str = ""
    spread: tuple[int, ...] = ()
    tails: tuple[float, ...] = ()
    lifetime: Lifetime | None = None

    def predict(self, features: Float32Array, owners: TextArray) -> Said:
        """Answer for rows of any owners, grouped by owner so that each model is asked once."""
        x = np.ascontiguousarray(features[:, self.positions])
        pooled = self.pooled.predict(x) if len(x) else np.zeros(0)
        naive = self.naive.predict(x)
        ours = naive.copy() if self.standing is Level.BASELINE else pooled.copy()
        levels = [self.standing] * len(x)
        for owner in set(owners.tolist()) & self.records.keys():
            record = self.records[owner]
            if record.level is self.standing:
                continue
            rows = np.flatnonzero(owners == owner)
            ours[rows] = self._own(record, x[rows], pooled[rows], naive[rows])
            for row in rows:
                levels[row] = record.level
        spread = features[:, list(self.spread)].astype(np.float64) if self.spread else None
        return Said(ours, pooled, naive, tuple(levels), spread)

    def _own(
        self, record: EntityRecord, x: Float32Array, pooled: FloatArray, naive: FloatArray
    ) -> FloatArray:
        if record.level is Level.BASELINE:
            return naive
        own = self.own[record.owner].predict(x, to_link(pooled, self.answer))
        return blend(pooled, own, record.weight, self.answer)


def load_own(stored: tuple[StoredModel, ...], answer: Answer) -> dict[str, Model]:
    """The owners' own models."""
    own = [each for each in stored if each.owner]
    return {each.owner: load_model(each.family, each.data, each.settings, answer) for each in own}


def load_pooled(stored: tuple[StoredModel, ...], answer: Answer) -> Ensemble:
    """The pooled model."""
    return load(tuple(each for each in stored if not each.owner), answer)
