"""The pooled model of one target: one model over all entities.

Candidates are searched by successive halving on growing shares of the newest training rows and
judged on the validation rows. Those that were fitted to all training rows are combined by greedy
ensemble selection (Caruana et al. 2004). The ensemble is then cross-fitted forward in time: an
entity's own model may only learn from pooled predictions of rows that the pooled model had not
seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tracer_ray.blueprint import Answer, Candidate
from tracer_ray.errors import TrainingError
from tracer_ray.families import Matrix, Model, Resources
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.link import from_link, to_link
from tracer_ray.rows import Float32Array, FloatArray
from tracer_ray.splits import Part, PartArray
from tracer_ray.training.objective import Objective

Mask = npt.NDArray[np.bool_]

RUNG_SHARES = (1 / 9, 1 / 3, 1.0)
LEAST_RUNG_ROWS = 2000  # on fewer, a cautious candidate looks worse than it is
FEW_ROWS = 50_000  # of a dataset: no candidate is stopped early
FEW_TRAINING_ROWS = 50_000
LATER_SHARE = 0.4
FIRST_BLOCK = 0.4
BLOCKS = 3
ENSEMBLE_ROUNDS = 8


@dataclass(frozen=True)
class LabelledRows:
    """Rows with a known outcome: `x` float32 [rows, features], `y` float64 [rows].

    `position` orders them (days since 1970, or the stable share of a row without time). An outcome
    is known `gap` positions later.
    """

    x: Float32Array
    y: FloatArray
    position: FloatArray
    parts: PartArray
    is_by_time: bool
    gap: float = 0.0

    def matrix(self, mask: Mask) -> Matrix:
        """The masked rows as a matrix to fit or to validate on."""
        return Matrix(self.x[mask], self.y[mask])

    def every(self, step: int) -> "LabelledRows":
        """One row in so many, of all parts."""
        kept = slice(None, None, step)
        return replace(
            self,
            x=self.x[kept],
            y=self.y[kept],
            position=self.position[kept],
            parts=self.parts[kept],
        )

    def part(self, *parts: Part) -> Mask:
        """Which rows are in one of the parts, bool [rows]."""
        return np.isin(self.parts, parts)

    def newest(self, mask: Mask, share: float) -> Mask:
        """The newest share of the masked rows, at least 2,000 where there are, bool [rows]."""
        return self._newest(mask, max(share, LEAST_RUNG_ROWS / max(int(mask.sum()), 1)))

    def later(self, mask: Mask) -> Mask:
        """The newest 40 % of the masked rows, bool [rows]."""
        return self._newest(mask, LATER_SHARE)

    def _newest(self, mask: Mask, share: float) -> Mask:
        if share >= 1.0:
            return mask
        return mask & (self.position >= np.quantile(self.position[mask], 1.0 - share))


@dataclass(frozen=True)
class PooledTrial:
    """A candidate as it was fitted on a share of the training rows, and what it said.

    Its rounds are pinned to those that early stopping found, for fits without validation rows.
    `predicted` is float64 [judged rows] (of complete trials those of `judged_outcomes`, else the
    validation rows), `loss` its loss on them, and `skill` 1 - loss / loss of the constant forecast.
    """

    candidate: Candidate
    predicted: FloatArray
    loss: float
    skill: float


@dataclass(frozen=True)
class Member:
    """A pinned candidate and its share in the ensemble."""

    candidate: Candidate
    weight: float


@dataclass(frozen=True)
class Ensemble:
    """Fitted members, averaged on the scale on which models add up."""

    members: tuple[Member, ...]
    models: tuple[Model, ...]
    answer: Answer

    def predict(self, x: Float32Array) -> FloatArray:
        """The pooled prediction, float64 [rows]."""
        linked = np.array([to_link(model.predict(x), self.answer) for model in self.models])
        weights = [member.weight for member in self.members]
        return from_link(np.average(linked, axis=0, weights=weights), self.answer)


def try_candidate(
    rows: LabelledRows, goal: Objective, candidate: Candidate, share: float, resources: Resources
) -> PooledTrial:
    """Fit a candidate to the newest share of the training rows and judge it on validation rows."""
    validation = rows.part(Part.VALIDATION)
    if not validation.any():
        raise TrainingError("no validation row has an outcome; add history")
    train = rows.newest(rows.part(Part.TRAIN), share)
    judged = rows.matrix(validation)
    model = fit_candidate(goal.task, rows.matrix(train), judged, candidate, resources)
    pinned = _pinned(candidate, model.rounds)
    constant = constant_forecast(rows.y[train], goal.answer)
    predicted, naive = [model.predict(judged.x)], [np.full(len(judged), constant)]
    for seen, later in earlier_windows(rows) if share >= 1.0 else ():
        again = fit_candidate(goal.task, rows.matrix(seen), None, pinned, resources)
        predicted.append(again.predict(rows.x[later]))
        naive.append(np.full(int(later.sum()), constant_forecast(rows.y[seen], goal.answer)))
    actual = judged_outcomes(rows) if share >= 1.0 else (judged.y,)
    said = np.concatenate(predicted)
    loss, naive_loss = (window_loss(actual, each, goal) for each in (said, np.concatenate(naive)))
    skill = 1.0 - loss / naive_loss if naive_loss > 0.0 else -loss
    return PooledTrial(pinned, said, loss, skill)


def earlier_windows(rows: LabelledRows) -> tuple[tuple[Mask, Mask], ...]:
    """Beside the validation rows, rows to judge on and what may be seen for it, in order of time.

    One window of few rows says little of the next one, so few rows are judged on the newer part of
    the training rows too, by a fit to the older part. Many rows need no second window; rows without
    an order have none, and in very few a cautious candidate would look worse than it is.
    """
    train = rows.part(Part.TRAIN)
    if not rows.is_by_time or train.sum() > FEW_TRAINING_ROWS:
        return ()
    later = rows.later(train)
    seen = train & (rows.position < rows.position[later].min() - rows.gap)
    return ((seen, later),) if seen.sum() >= LEAST_RUNG_ROWS else ()


def judged_outcomes(rows: LabelledRows) -> tuple[FloatArray, ...]:
    """The outcomes that a complete trial predicts: of validation rows, then of earlier windows."""
    judged = [rows.part(Part.VALIDATION), *(later for _, later in earlier_windows(rows))]
    return tuple(rows.y[mask] for mask in judged)


def window_loss(actual: Sequence[FloatArray], predicted: FloatArray, goal: Objective) -> float:
    """The mean loss of windows, however many rows each has; `predicted` is of all, in order.

    Training rows may be there several times, seen from several days: they would drown the others.
    """
    ends = np.cumsum([len(window) for window in actual])
    windows = np.split(predicted, ends[:-1])
    losses = [goal.loss(*each) for each in zip(actual, windows, strict=True)]
    return float(np.mean(losses))


def constant_forecast(outcome: FloatArray, answer: Answer) -> float:
    """What to say without any feature: the median of numbers, the base rate of flags."""
    return float(outcome.mean() if answer is Answer.PROBABILITY else np.median(outcome))


def _pinned(candidate: Candidate, rounds: int) -> Candidate:
    if rounds == 0:
        return candidate
    settings = candidate.settings | {"rounds": rounds}
    return Candidate(candidate.family, tuple(sorted(settings.items())))


def choose_members(
    trials: tuple[PooledTrial, ...], actual: Sequence[FloatArray], goal: Objective
) -> tuple[Member, ...]:
    """Add, eight times, the trial that lowers the loss of the average the most over all windows.

    Starts from the best trial and stops when no addition helps, so a trial that adds nothing is
    not kept. Raises TrainingError without a trial.
    """
    if not trials:
        raise TrainingError("no candidate of the pooled model could be fitted")
    linked = np.array([to_link(trial.predicted, goal.answer) for trial in trials])
    counts = np.zeros(len(trials), dtype=np.int64)
    best = np.inf
    for _ in range(ENSEMBLE_ROUNDS):
        averages = (counts @ linked + linked) / (counts.sum() + 1)
        losses = [
            window_loss(actual, from_link(average, goal.answer), goal) for average in averages
        ]
        winner = int(np.argmin(losses))
        if losses[winner] >= best:
            break
        best = losses[winner]
        counts[winner] += 1
    shares = counts / counts.sum()
    return tuple(
        Member(trial.candidate, float(share))
        for trial, share in zip(trials, shares, strict=True)
        if share > 0.0
    )


def fit_ensemble(
    rows: LabelledRows,
    mask: Mask,
    goal: Objective,
    members: tuple[Member, ...],
    resources: Resources,
) -> Ensemble:
    """Fit every member to the masked rows, with nothing held out."""
    train = rows.matrix(mask)
    models = tuple(
        fit_candidate(goal.task, train, None, member.candidate, resources) for member in members
    )
    return Ensemble(members, models, goal.answer)


@dataclass(frozen=True)
class Blocks:
    """The training rows in a first part and three blocks after it, cut at `edges`."""

    edges: tuple[float, ...]
    is_by_time: bool

    @classmethod
    def of(cls, rows: LabelledRows) -> "Blocks":
        """Blocks of equally many training rows after the first 40 %."""
        position = rows.position[rows.part(Part.TRAIN)]
        edges = np.quantile(position, np.linspace(FIRST_BLOCK, 1.0, BLOCKS + 1)[:-1])
        return cls(tuple(edges.tolist()), rows.is_by_time)

    @property
    def count(self) -> int:
        """How many blocks there are, the first part among them."""
        return len(self.edges) + 1

    def number(self, position: FloatArray) -> npt.NDArray[np.intp]:
        """The block of each row; 0 is the first part."""
        return np.searchsorted(self.edges, position, side="right")

    def seen(self, rows: LabelledRows, block: int) -> Mask:
        """The training rows that may be seen by the model that predicts a block.

        By time everything whose outcome was known before the block; without time every other block.
        """
        train = rows.part(Part.TRAIN)
        if not self.is_by_time:
            is_allowed: Mask = self.number(rows.position) != block
        elif block == 0:
            is_allowed = np.zeros_like(train)
        else:
            is_allowed = rows.position < self.edges[block - 1] - rows.gap
        return train & is_allowed
