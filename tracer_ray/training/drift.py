"""Whether the newest rows look like those that were learned from (adversarial validation).

A classifier is asked to tell validation and calibration rows from training rows by their features.
Where it can, what was learned may not hold, and the features that give rows away say why. Features
that only tell the time (the calendar, counts of earlier rows) are left out: they always differ.
"""

from collections.abc import Sequence

import numpy as np

from tracer_ray.blueprint import Answer, candidate
from tracer_ray.families import Matrix, Resources, Task
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.features import Feature, Op
from tracer_ray.metrics import metric
from tracer_ray.rows import BoolArray, Float32Array
from tracer_ray.splits import Part
from tracer_ray.training.pooled import LabelledRows

TELLING_AUC = 0.75
MOST_ROWS = 6000
LEAST_ROWS = 200
_NAMED = 3
_CLOCKS = frozenset({Op.CALENDAR, Op.LEAD, Op.COUNT, Op.SEASON_COUNT, Op.RATING})
_JUDGE = candidate("lightgbm", num_leaves=15, depth=4, rounds=60, min_data_in_leaf=50)


def drift_warning(
    rows: LabelledRows,
    features: Sequence[Feature],
    categorical: tuple[int, ...],
    resources: Resources,
) -> str:
    """A sentence where new rows can be told from old ones, else "".

    `features` are the columns of the rows, `categorical` the positions of codes among them.
    """
    kept = [i for i, each in enumerate(features) if each.op not in _CLOCKS]
    old, new = rows.part(Part.TRAIN), rows.part(Part.VALIDATION, Part.CALIBRATION)
    if not rows.is_by_time or not kept or min(old.sum(), new.sum()) < LEAST_ROWS:
        return ""
    random = np.random.default_rng(resources.seed)
    chosen = np.concatenate([_sample(old, random), _sample(new, random)])
    is_new = new[chosen].astype(np.float64)
    x: Float32Array = np.ascontiguousarray(rows.x[chosen][:, kept])
    is_fitted = random.random(len(chosen)) < 0.5
    names = tuple(features[i].name for i in kept)
    coded = tuple(place for place, i in enumerate(kept) if i in categorical)
    task = Task(Answer.PROBABILITY, "log_loss", names, coded)
    seen = Matrix(x[is_fitted], is_new[is_fitted])
    judge = fit_candidate(task, seen, None, _JUDGE, resources)
    auc = metric("auc").score(is_new[~is_fitted], judge.predict(x[~is_fitted]))
    if not auc > TELLING_AUC:
        return ""
    order = np.argsort(-judge.importances(), kind="stable")[:_NAMED]
    why = ", ".join(names[place] for place in order.tolist())
    return (
        f"the newest rows look different from those learned from (a classifier tells them apart "
        f"with AUC {auc:.2f}, most of all by {why}): expect worse figures than in quieter times"
    )


def _sample(
    mask: BoolArray, random: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    places = np.flatnonzero(mask)
    if len(places) <= MOST_ROWS:
        return places
    return np.sort(random.choice(places, MOST_ROWS, replace=False))
