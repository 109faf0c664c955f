"""A control: where outcomes are shuffled there is nothing to learn, and nothing may be learned.

One bucket's outcomes are shuffled among its rows before anything is made of them, and its features
are built again. Where a model then beats a constant on validation rows beyond chance, some feature
reads the outcome of its own row, or what is judged is not what was asked: no figure can be trusted.
"""

from dataclasses import replace

import numpy as np

from tracer_ray.blueprint import Candidate
from tracer_ray.families import Resources
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.report.contents import Control
from tracer_ray.splits import Part
from tracer_ray.training.objective import Objective
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import LabelledRows, constant_forecast
from tracer_ray.training.selection import gain
from tracer_ray.training.stages import feature_rows, gather_surveys, labelled_rows, survey_rows

MOST_ROWS = 20_000
LEAST_ROWS = 100
MOST_TREES = 60


def shuffled_rows(plan: TrainingPlan, target: str, bucket: int = 0) -> LabelledRows:
    """The bucket's rows as they would be if their known outcomes had been dealt out by lot."""
    rows = plan.dataset.read_bucket(bucket)
    outcome = rows.numbers[target].copy()
    known = np.flatnonzero(np.isfinite(outcome))
    outcome[known] = np.random.default_rng(plan.seed).permutation(outcome[known])
    dealt = plan.as_seen(replace(rows, numbers={**rows.numbers, target: outcome}))
    gathered = gather_surveys(plan, [survey_rows(plan, dealt)])
    features, _ = feature_rows(plan, dealt, *gathered)
    return labelled_rows(plan, target, features)


def measure_control(
    rows: LabelledRows, goal: Objective, candidate: Candidate, resources: Resources
) -> Control | None:
    """What a candidate gains over a constant on validation rows; None where rows are few.

    At most 20,000 of the newest training rows and 60 trees are used, so that it costs little.
    """
    train, judged = rows.part(Part.TRAIN), rows.part(Part.VALIDATION)
    if min(train.sum(), judged.sum()) < LEAST_ROWS:
        return None
    train = rows.newest(train, MOST_ROWS / int(train.sum()))
    model = fit_candidate(goal.task, rows.matrix(train), None, _shortened(candidate), resources)
    actual, constant = rows.y[judged], constant_forecast(rows.y[train], goal.answer)
    naive = goal.losses(actual, np.full(len(actual), constant))
    found, error = gain(naive, goal.losses(actual, model.predict(rows.x[judged])))
    return Control(found, error, len(actual))


def leak_warning(control: Control | None) -> str:
    """A sentence where the control knew something, else ""."""
    if control is None or not control.has_skill:
        return ""
    return (
        f"where outcomes are shuffled a model still gains {control.gain:.3g} +- "
        f"{control.error:.2g} per validation row: rows leak, trust no figure of this target"
    )


def _shortened(candidate: Candidate) -> Candidate:
    settings = candidate.settings
    for name in {"rounds", "trees"} & set(settings):
        settings[name] = min(int(settings[name]), MOST_TREES)
    return Candidate(candidate.family, tuple(sorted(settings.items())))
