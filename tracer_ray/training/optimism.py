"""How much better the best of many candidates looks than it is.

The best of N on the same rows is good and lucky. How lucky is estimated by repeating the choice:
candidates are chosen on rows drawn with replacement and judged on the rows that were not drawn
(bootstrap bias correction; Tsamardinos, Greasidou & Borboudakis 2018). No model is fitted again.
"""

from collections.abc import Sequence

import numpy as np

from tracer_ray.report.contents import Optimism
from tracer_ray.rows import FloatArray
from tracer_ray.training.objective import Objective
from tracer_ray.training.pooled import LabelledRows, PooledTrial, judged_outcomes

REPETITIONS = 100
MOST_ROWS = 20_000


def optimism(
    rows: LabelledRows, goal: Objective, trials: Sequence[PooledTrial], seed: int
) -> Optimism | None:
    """What the best of complete trials owes to being chosen; None without trials."""
    if not trials:
        return None
    actual = np.concatenate(judged_outcomes(rows))
    losses = np.array([goal.losses(actual, trial.predicted) for trial in trials])
    power = 0.5 if goal.task.loss == "squared" else 1.0  # the metric is the root of the mean loss
    return Optimism(
        candidates=len(trials),
        best=float(losses.mean(axis=1).min()) ** power,
        corrected=corrected_loss(losses, seed) ** power,
    )


def corrected_loss(losses: FloatArray, seed: int = 0) -> float:
    """What the choice of the lowest mean loss costs on rows that it was not made on.

    `losses` is float64 [candidates, rows]. With one candidate it is that one's loss; with many
    equally good ones it lies above the lowest.

    >>> noise = np.random.default_rng(0).normal(size=(20, 200))
    >>> bool(noise.mean(axis=1).min() < -0.1), bool(corrected_loss(noise) > -0.05)
    (True, True)
    """
    random = np.random.default_rng(seed)
    losses = losses[:, _sample(losses.shape[1], random)]
    count = losses.shape[1]
    found = []
    for _ in range(REPETITIONS):
        times = np.bincount(random.integers(0, count, count), minlength=count)
        is_left = times == 0
        if is_left.any():
            found.append(losses[np.argmin(losses @ times), is_left].mean())
    return float(np.mean(found))


def _sample(count: int, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if count <= MOST_ROWS:
        return np.arange(count)
    return random.choice(count, MOST_ROWS, replace=False)
