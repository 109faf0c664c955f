"""No feature sees its own row's outcome, or anything later."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from tests.properties.feature_cases import (
    DUELS,
    OUTCOMES,
    Match,
    in_full,
    matches,
    program,
    rows_of,
)
from tracer_ray.errors import BlueprintError
from tracer_ray.feature_program.kernels import Code, Series, emit, push, scratch_for
from tracer_ray.feature_program.leaks import LeakCheck, assert_no_leak
from tracer_ray.feature_program.program import FeatureProgram
from tracer_ray.features import value
from tracer_ray.rows import Float32Array, FloatArray


def push_before_emit(code: Code, series: Series, states: FloatArray, out: Float32Array) -> None:
    """The kernel's scan with its two steps swapped: every row sees its own outcome."""
    scratch = scratch_for(code)
    for owner, state in enumerate(states):
        for row in range(series.offsets[owner], series.offsets[owner + 1]):
            now = np.array([series.times[row], series.seasons[row]])
            push(code, state, int(series.seasons[row]), series.values[row])
            emit(code, state, now, scratch, out[row])


def check_of(compiled: FeatureProgram) -> LeakCheck:
    return LeakCheck(lambda rows: in_full(compiled, rows)[0], compiled.names, OUTCOMES)


@settings(max_examples=40)
@given(matches())
def test_no_feature_moves_when_its_own_outcome_or_the_future_changes(played: list[Match]) -> None:
    rows = rows_of(played)
    assert_no_leak(check_of(program()), rows, np.unique(rows.times).tolist())


def test_a_leak_put_in_on_purpose_is_found() -> None:
    rows = rows_of([Match(1.0, ("ann", "bob"), "north", (float(n), 1.0)) for n in range(5)])
    leaking = replace(program(), scan=push_before_emit)
    with pytest.raises(AssertionError, match=r"these features move: .*score_mean_3"):
        assert_no_leak(check_of(leaking), rows, [int(rows.times[2])])


def test_rows_at_the_same_instant_do_not_see_each_other() -> None:
    duel = Match(0.0, ("ann", "bob"), "north", (3.0, 1.0))
    return_duel = Match(0.0, ("bob", "ann"), "north", (5.0, 8.0))
    matrix, _ = in_full(program(), rows_of([duel, return_duel]))
    assert np.isnan(matrix[:, program().names.index("score_lag_1")]).all()


def test_a_value_of_an_outcome_column_is_refused() -> None:
    with pytest.raises(BlueprintError, match="reads the outcome of its own row"):
        replace(DUELS, features=(value("score"),))
