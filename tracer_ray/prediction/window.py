"""When to expect the outcome: the days until half, and a quarter to three quarters, are gone.

From Kaplan-Meier curves over rows that no model was fitted to, of about the same probability. What
such rows can't tell is null, with the reason.
"""

import numpy as np

from tracer_ray.blueprint import Lifetime
from tracer_ray.prediction.next_rows import NextRows
from tracer_ray.prediction.target_models import TargetModels
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.survival import SurvivalByRisk, SurvivalCurve

QUARTILES = {"days": 0.5, "from_days": 0.25, "to_days": 0.75}
Window = dict[str, object]


def windows(models: TargetModels, probability: FloatArray, rows: NextRows) -> list[Window]:
    """One window per question, from its calibrated probability and how long its row has lasted."""
    lifetime, survival = models.lifetime, models.uncertainty.survival
    if lifetime is None or survival is None:
        reason = "the data do not say how long anybody stayed"
        return [_unknown(reason) for _ in probability]
    known = rows.views.numbers.get(lifetime.duration)
    lasted = np.zeros(len(probability)) if known is None else known[rows.first]
    return [
        _window(lifetime, survival.curves[group], _told(survival, group), since)
        for group, since in zip(survival.groups(probability), lasted.tolist(), strict=True)
    ]


def _told(survival: SurvivalByRisk, group: int) -> str:
    """Whom a group is of, in words."""
    edges = [*survival.edges, 1.0]
    return f"held-out rows with a probability of {edges[group]:.2f} to {edges[group + 1]:.2f}"


def _window(lifetime: Lifetime, curve: SurvivalCurve | None, whom: str, since: float) -> Window:
    if not np.isfinite(since):
        return _unknown(f"{lifetime.duration} is not given")
    if curve is None:
        return _unknown(f"too few {whom} were followed to their end")
    found = {name: curve.time_until(gone, since) for name, gone in QUARTILES.items()}
    followed = f"{curve.longest * lifetime.unit_days:,.0f} days that were followed"
    if since > curve.longest:
        return _unknown(f"none of the {whom} lasted longer within the {followed}")
    if found["days"] is None:
        return _unknown(f"fewer than half of the {whom} left within the {followed}")
    days = {
        name: None if time is None else round(time * lifetime.unit_days, 1)
        for name, time in found.items()
    }
    return {**days, "reason": f"half of the {whom} were gone by then"}


def _unknown(reason: str) -> Window:
    return {**dict.fromkeys(QUARTILES), "reason": reason}
