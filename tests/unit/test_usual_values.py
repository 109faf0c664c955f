"""An example of a request says what rows usually say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from blueprints.payment_default import PAYMENT_DEFAULT
from tracer_ray.blueprint import Column, Kind, Role
from tracer_ray.data.usual_values import MOST_VALUES, usual_of
from tracer_ray.rows import Rows


def _usual(
    numbers: Mapping[str, Sequence[float]], categories: Mapping[str, Sequence[str]], kind: Kind
) -> dict[str, object]:
    columns = [Column(name, kind, Role.KNOWN, "a number") for name in numbers]
    columns += [Column(name, Kind.CATEGORY, Role.KNOWN, "a word") for name in categories]
    blueprint = replace(PAYMENT_DEFAULT, columns=(*PAYMENT_DEFAULT.columns, *columns))
    n = max(map(len, [*numbers.values(), *categories.values()]))
    rows = Rows(
        np.array(["a"], object),
        np.array([0, n]),
        np.zeros(n, np.int64),
        np.arange(n).astype(str).astype(object),
        {name: np.array(values) for name, values in numbers.items()},
        {name: np.array(values, object) for name, values in categories.items()},
    )
    return dict(usual_of(rows, blueprint))


def test_numbers_are_ones_that_were_seen_and_whole_where_they_are() -> None:
    numbers = {"x": [4.0, 1.0, 9.0, 3.0], "y": [0.25, np.nan, 0.5, np.inf], "z": [np.nan] * 4}
    assert _usual(numbers, {}, Kind.NUMBER) == {"x": 3, "y": 0.25}
    assert isinstance(_usual(numbers, {}, Kind.NUMBER)["x"], int)


def test_a_flag_is_what_most_rows_say() -> None:
    flags = {"most": [1.0, 1.0, 0.0, 1.0], "few": [0.0, 0.0, 1.0, np.nan]}
    assert _usual(flags, {}, Kind.FLAG) == {"most": True, "few": False}


def test_a_category_is_the_most_frequent_one_that_is_said() -> None:
    words = {"plan": ["", "", "", "gold", "free", "gold"], "nothing": [""] * 6}
    assert _usual({}, words, Kind.NUMBER) == {"plan": "gold"}


def test_an_example_is_no_longer_than_can_be_read() -> None:
    wide = {f"x{place:02}": [1.0] for place in range(MOST_VALUES + 5)}
    assert list(_usual(wide, {}, Kind.NUMBER)) == [f"x{place:02}" for place in range(MOST_VALUES)]
