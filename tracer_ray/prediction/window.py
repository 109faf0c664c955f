"""When to expect the outcome: the days until half, and a quarter to three quarters, are gone.

From Kaplan-Meier curves over rows that no model was fitted to, of the same band of risk. What such
rows can't tell is null, with the reason.
"""

from collections.abc import Sequence

import numpy as np

from tracer_ray.blueprint import Lifetime
from tracer_ray.prediction.next_rows import NextRows
from tracer_ray.prediction.target_models import TargetModels
from tracer_ray.uncertainty.survival import SurvivalCurve

QUARTILES = {"days": 0.5, "from_days": 0.25, "to_days": 0.75}
Window = dict[str, object]


def windows(models: TargetModels, bands: Sequence[str], rows: NextRows) -> list[Window]:
    """One window per question, from the band of its risk and how long its row has lasted."""
    lifetime, curves = models.lifetime, models.uncertainty.survival
    if lifetime is None:
        reason = "the data do not say how long anybody stayed"
        return [_unknown(reason) for _ in bands]
    known = rows.views.numbers.get(lifetime.duration)
    lasted = np.zeros(len(bands)) if known is None else known[rows.first]
    return [
        _window(lifetime, band, curves.get(band), since)
        for band, since in zip(bands, lasted.tolist(), strict=True)
    ]


def _window(lifetime: Lifetime, band: str, curve: SurvivalCurve | None, since: float) -> Window:
    if not np.isfinite(since):
        return _unknown(f"{lifetime.duration} is not given")
    if curve is None:
        return _unknown(f"too few held-out rows at {band} risk were followed to their end")
    found = {name: curve.time_until(gone, since) for name, gone in QUARTILES.items()}
    followed = f"{curve.longest * lifetime.unit_days:,.0f} days that were followed"
    if since > curve.longest:
        return _unknown(f"nobody at {band} risk lasted longer within the {followed}")
    if found["days"] is None:
        return _unknown(f"fewer than half of those at {band} risk leave within the {followed}")
    days = {
        name: None if time is None else round(time * lifetime.unit_days, 1)
        for name, time in found.items()
    }
    return {**days, "reason": f"half of the held-out rows at {band} risk were gone by then"}


def _unknown(reason: str) -> Window:
    return {**dict.fromkeys(QUARTILES), "reason": reason}
