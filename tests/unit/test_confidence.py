"""Intervals under continuous looks: they rarely exclude what is true, and find what is there."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.experiments.confidence import (
    FEWEST_UNITS,
    Difference,
    paired_difference,
    split_difference,
    units_needed,
    widening,
)
from tracer_ray.rows import FloatArray

ALPHA = 0.05
RUNS = 400
FINITE = st.floats(-1e3, 1e3, allow_subnormal=False)


def _first_alarm(gaps: FloatArray, per_unit: int) -> int | None:
    """The unit after which a difference of 0 is first excluded, looking after every unit."""
    units = np.repeat(np.arange(len(gaps) // per_unit), per_unit)
    for seen in range(FEWEST_UNITS, len(gaps) // per_unit + 1):
        rows = seen * per_unit
        found = paired_difference(gaps[:rows], np.zeros(rows), units[:rows])
        if abs(found.mean) > found.radius(ALPHA):
            return seen
    return None


def _noise(kind: str, generator: np.random.Generator, days: int, rows: int) -> FloatArray:
    """Differences of no mean, whose rows of a day are connected, float64 [days * rows]."""
    shock = generator.normal(size=(days, 1))
    own = {
        "normal": generator.normal(size=(days, rows)),
        "heavy tails": generator.standard_t(3, size=(days, rows)),
        "skewed": generator.exponential(size=(days, rows)) - 1.0,
        "mostly equal": generator.choice([-1.0, 0.0, 1.0], p=[0.1, 0.8, 0.1], size=(days, rows)),
    }[kind]
    return np.asarray(shock + own).ravel()


@pytest.mark.parametrize("kind", ["normal", "heavy tails", "skewed", "mostly equal"])
def test_looking_after_every_day_gives_few_false_alarms(kind: str) -> None:
    generator = np.random.default_rng(1)
    alarms = [_first_alarm(_noise(kind, generator, 200, 3), 3) for _ in range(RUNS)]
    assert sum(alarm is not None for alarm in alarms) <= ALPHA * RUNS


def test_taking_rows_of_a_day_as_independent_would_give_many() -> None:
    generator = np.random.default_rng(2)
    shocks = [np.repeat(generator.normal(size=60), 10) for _ in range(100)]
    assert sum(_first_alarm(each, 1) is not None for each in shocks) > 50
    assert sum(_first_alarm(each, 10) is not None for each in shocks) <= ALPHA * 100


def test_entities_that_repeat_give_few_false_alarms_in_a_split() -> None:
    """Each entity has a level of its own that stays, and a variant by chance that stays as well."""
    generator, alarms, entities, looks = np.random.default_rng(3), 0, 300, 40
    for _ in range(RUNS):
        is_ours = generator.random(entities) < 0.2
        levels = generator.normal(scale=2.0, size=entities)
        losses = np.abs(levels + generator.normal(size=(looks, entities)))
        labels = np.tile(np.arange(entities), (looks, 1))
        for seen in range(1, looks + 1):
            part, names = losses[:seen], labels[:seen]
            found = split_difference(
                part[:, is_ours].ravel(),
                part[:, ~is_ours].ravel(),
                names[:, is_ours].ravel(),
                names[:, ~is_ours].ravel(),
            )
            if abs(found.mean) > found.radius(ALPHA):
                alarms += 1
                break
    assert alarms <= ALPHA * RUNS


def test_a_known_effect_is_found_about_when_it_was_foretold() -> None:
    generator, days = np.random.default_rng(4), 2_000
    found_at = [
        _first_alarm(0.3 + _noise("normal", generator, days, 1), 1) or days for _ in range(30)
    ]
    assert max(found_at) < days
    foretold = units_needed(Difference(0.3, 2.0 / 60, 60, 60, is_enough=True), ALPHA, days)
    assert foretold is not None
    assert 0.5 * foretold < np.median(found_at) < 1.5 * foretold


def test_before_there_is_enough_every_difference_is_possible() -> None:
    few = np.arange(FEWEST_UNITS - 1, dtype=np.float64)
    assert paired_difference(few, few[::-1], np.arange(len(few))).radius(ALPHA) == inf
    many = np.arange(10 * FEWEST_UNITS, dtype=np.float64)
    labels = np.arange(len(many))
    assert split_difference(many, few, labels, labels[: len(few)]).radius(ALPHA) == inf
    equal = paired_difference(many, many, labels)  # the same model on both sides
    assert (equal.mean, equal.radius(ALPHA)) == (0.0, inf)
    assert units_needed(equal, ALPHA, 10**6) is None


@given(st.lists(st.tuples(FINITE, FINITE, st.integers(0, 5)), min_size=1, max_size=40))
def test_a_difference_has_the_other_sign_from_the_other_side(
    rows: list[tuple[float, float, int]],
) -> None:
    ours, theirs = (np.array([row[side] for row in rows]) for side in (0, 1))
    units = np.array([row[2] for row in rows])
    one, other = paired_difference(ours, theirs, units), paired_difference(theirs, ours, units)
    assert one.mean == pytest.approx(-other.mean)
    assert one.variance == pytest.approx(other.variance)
    assert one.units == len(set(units.tolist()))


def test_variances_are_those_of_a_textbook() -> None:
    """Without clusters: the sum of squares over n squared, as the variance of a mean is."""
    ours, theirs = np.array([1.0, 2.0, 6.0]), np.array([0.0, 4.0])
    split = split_difference(ours, theirs, np.arange(3), np.arange(3, 5))
    assert split.mean == pytest.approx(1.0)
    assert split.variance == pytest.approx(np.var(ours) / 3 + np.var(theirs) / 2)
    together = paired_difference(ours, np.zeros(3), np.array([7, 7, 7]))
    assert together.variance == pytest.approx(0.0)  # one unit tells nothing of its noise


@given(st.integers(2, 10**7), st.floats(0.001, 0.2))
def test_looking_often_costs_more_than_looking_once_and_never_ends(
    units: int, alpha: float
) -> None:
    assert widening(units, alpha) > 2.0
    assert widening(units, alpha / 2) > widening(units, alpha)
    assert widening(units, alpha) / units**0.5 > widening(2 * units, alpha) / (2 * units) ** 0.5
