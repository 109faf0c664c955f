"""Rows that look different from those learned from are noticed, and quiet ones are not."""

import numpy as np
import pytest

from tracer_ray.families import Resources
from tracer_ray.features import Feature, Op, calendar, value
from tracer_ray.splits import Part
from tracer_ray.training.drift import LEAST_ROWS, drift_warning
from tracer_ray.training.pooled import LabelledRows

FEATURES = (value("price"), value("noise"), calendar("day_of_year"), Feature("n", Op.COUNT, "y"))


def rows(shift: float, count: int = 3000, *, is_by_time: bool = True) -> LabelledRows:
    random = np.random.default_rng(5)
    position = np.arange(count, dtype=np.float64)
    share = position / count
    parts = np.select([share < 0.6, share < 0.75, share < 0.85], [0, 1, 2], default=3)
    x = random.normal(size=(count, 4))
    x[:, 0] += shift * (share >= 0.6)
    x[:, 2] = x[:, 3] = position  # they tell the time, and always differ
    y = random.normal(size=count)
    return LabelledRows(x.astype(np.float32), y, position, parts.astype(np.int8), is_by_time)


def warning(of: LabelledRows) -> str:
    return drift_warning(of, FEATURES, (), Resources(seed=1))


def test_a_shifted_feature_is_named() -> None:
    said = warning(rows(shift=3.0))
    assert "look different" in said
    assert "most of all by price" in said
    assert "day_of_year" not in said


def test_quiet_rows_and_rows_without_an_order_give_no_warning() -> None:
    assert warning(rows(shift=0.0)) == ""
    assert warning(rows(shift=3.0, is_by_time=False)) == ""


def test_too_few_rows_give_no_warning() -> None:
    assert warning(rows(shift=3.0, count=LEAST_ROWS)) == ""


@pytest.mark.parametrize("part", [Part.TEST])
def test_test_rows_are_not_looked_at(part: Part) -> None:
    quiet = rows(shift=0.0)
    quiet.x[quiet.parts == part, 0] += 50.0
    assert warning(quiet) == ""
