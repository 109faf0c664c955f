"""Features of rows seen from days before them: exactly what was known then, no more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    Portfolio,
    Role,
    Target,
)
from tracer_ray.errors import BlueprintError
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.features import Feature, Op, calendar, history
from tracer_ray.horizon import Ahead, seen_ahead
from tracer_ray.rows import MICROSECONDS_PER_DAY, Float32Array, Rows, Vantage
from tracer_ray.splits import Part

NOTHING = Vocabulary({})
SHOPS = Blueprint(
    id="shops",
    name="Shops",
    category="test",
    use_case="Read the past from days ahead.",
    who="a shop",
    when="days before",
    what="sales",
    horizon="1 to 5 days",
    horizon_steps=5,
    columns=(
        Column("shop", Kind.CATEGORY, Role.ENTITY, "a shop"),
        Column("day", Kind.TIME, Role.TIME, "the day"),
        Column("town", Kind.CATEGORY, Role.KNOWN, "where"),
        Column("offer", Kind.FLAG, Role.KNOWN, "an offer"),
        Column("sales", Kind.NUMBER, Role.OUTCOME, "sales"),
    ),
    targets=(Target("sales", ("sales",), Answer.AMOUNT, "sales"),),
    features=(
        Feature("lead", Op.LEAD, unit="days"),
        calendar("day_of_week"),
        *history(Op.MEAN, "sales", 3),
        *history(Op.EWM, "sales", 2),
        *history(Op.SEASON_MEAN, "sales"),
        *history(Op.LAG, "sales", 1, 2),
        *history(Op.COUNT, "sales"),
        Feature("rest_days", Op.REST_DAYS),
        Feature("rows_7_days", Op.RECENT_COUNT, window=7),
        *history(Op.MEAN, "sales", 2, within=("day_of_week",)),
        *history(Op.EXPANDING_MEAN, "sales", within=("offer",)),
        *history(Op.LAG, "sales", 1, within=("day_of_week", "offer")),
        Feature("same_rest_days", Op.REST_DAYS, within=("day_of_week",)),
        *history(Op.MEAN, "sales", 2, by="town"),
        *history(Op.EWM, "sales", 3, by="town"),
    ),
    baselines=(Baseline("median"),),
    metric="rmsle",
    portfolio=Portfolio((), ()),
    output=(),
)

_DAY = st.tuples(
    st.sampled_from(["", "north", "south"]),
    st.sampled_from([0.0, 1.0, float("nan")]),
    st.sampled_from([1.0, 2.0, 5.0, 0.1, float("nan")]),
    st.sampled_from([1, 1, 1, 2, 9]),
)


def shops() -> st.SearchStrategy[Rows]:
    """Rows of two shops; days go missing."""
    return st.tuples(
        st.lists(_DAY, min_size=1, max_size=20), st.lists(_DAY, min_size=1, max_size=20)
    ).map(rows_of)


def rows_of(days: tuple[list[tuple[str, float, float, int]], ...]) -> Rows:
    flat = [row for shop in days for row in shop]
    times = np.concatenate([np.cumsum([row[3] for row in shop]) for shop in days])
    return Rows(
        np.array(["ann", "bob"], dtype=object)[: len(days)],
        np.cumsum([0, *map(len, days)]),
        times.astype(np.int64) * MICROSECONDS_PER_DAY,
        np.array([f"row {number}" for number in range(len(flat))], dtype=object),
        {"offer": np.array([row[1] for row in flat]), "sales": np.array([row[2] for row in flat])},
        {"town": np.array([row[0] for row in flat], dtype=object)},
    )


def program() -> FeatureProgram:
    return compile_program(SHOPS, ["sales"])


def in_full(
    compiled: FeatureProgram, rows: Rows, state: FeatureState | None = None
) -> tuple[Float32Array, FeatureState]:
    cross = compiled.cross([compiled.summarise(rows, state)], state)
    matrix, moved = compiled.transform(rows, cross, NOTHING, state)
    return matrix, FeatureState.merge([*([state] if state else []), moved, cross.state])


def seen(rows: Rows, copies: int = 2) -> Rows:
    parts = np.full(len(rows), Part.TRAIN, dtype=np.int8)
    return seen_ahead(rows, Ahead(SHOPS.horizon_steps, copies, ("offer",)), parts)


@settings(max_examples=30)
@given(shops())
def test_a_row_seen_ahead_gets_what_the_next_row_path_gives_it_at_that_instant(rows: Rows) -> None:
    compiled, ahead = program(), seen(rows)
    expected, _ = in_full(compiled, ahead)
    for instant in np.unique(ahead.as_of):
        state = FeatureState()
        past = np.flatnonzero(rows.times < instant)
        if len(past):
            state = in_full(compiled, rows.take(past))[1]
        asked = np.flatnonzero(ahead.as_of == instant)
        one_each = replace(
            ahead,
            entities=ahead.entities[ahead.entity_index][asked],
            offsets=np.arange(len(asked) + 1),
            times=ahead.times[asked],
            keys=ahead.keys[asked],
            numbers={name: values[asked] for name, values in ahead.numbers.items()},
            categories={name: values[asked] for name, values in ahead.categories.items()},
            vantage=Vantage(ahead.as_of[asked], np.zeros(len(asked), np.bool_)),
        )
        found = compiled.transform_next(state, NOTHING, one_each)
        np.testing.assert_array_equal(found, expected[asked])


@settings(max_examples=30)
@given(shops(), st.integers(0, 2**16))
def test_nothing_that_happens_from_the_instant_on_moves_a_feature(rows: Rows, seed: int) -> None:
    compiled, ahead = program(), seen(rows)
    expected, _ = in_full(compiled, ahead)
    random = np.random.default_rng(seed)
    instant = int(random.choice(ahead.as_of))
    sales = np.where(ahead.times >= instant, 7.0 + random.random(), ahead.numbers["sales"])
    changed = replace(ahead, numbers={**ahead.numbers, "sales": sales})
    found, _ = in_full(compiled, changed)
    is_open = ahead.as_of <= instant
    np.testing.assert_array_equal(found[is_open], expected[is_open])


@settings(max_examples=20)
@given(shops())
def test_copies_leave_no_trace_in_the_state(rows: Rows) -> None:
    compiled = program()
    _, plain = in_full(compiled, rows)
    _, copied = in_full(compiled, seen(rows, copies=4))
    for label in ("owners", *(each.label for each in compiled.within.values())):
        table = plain.tables[label]
        found = copied.take(label, table.names, table.width)
        np.testing.assert_array_equal(found, table.values)


def test_the_same_weekday_means_by_hand() -> None:
    days = [("", 0.0, float(number), 1) for number in range(1, 23)]
    rows = rows_of((days,))
    compiled = program()
    matrix, _ = in_full(compiled, rows)
    found = matrix[:, compiled.names.index("sales_mean_2_same_day_of_week")]
    # day 22 falls on the weekday of days 15 and 8; day 7 is the first of its weekday
    assert found[21] == (15.0 + 8.0) / 2.0
    assert np.isnan(found[6])


@pytest.mark.parametrize(
    ("feature", "complaint"),
    [
        (Feature("x", Op.REST_DAYS, by="town"), "can't be by 'town'"),
        (Feature("x", Op.MEAN, "sales", 2, within=("sales",)), "within 'sales'"),
        (Feature("x", Op.MEAN, "sales", 2, by="town", within=("offer",)), "choose one"),
    ],
)
def test_what_a_horizon_does_not_allow_is_refused(feature: Feature, complaint: str) -> None:
    with pytest.raises(BlueprintError, match=complaint):
        compile_program(replace(SHOPS, features=(feature,)), ["sales"])
    with pytest.raises(BlueprintError, match="needs a blueprint with horizon_steps"):
        compile_program(replace(SHOPS, horizon_steps=0), ["sales"])
