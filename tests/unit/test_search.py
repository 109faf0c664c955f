"""Which candidates are tried: the portfolio first, the rest seeded and within its ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from blueprints.revenue_forecast import REVENUE_FORECAST
from tracer_ray.blueprint import Candidate, candidate
from tracer_ray.families import FAMILIES, family
from tracer_ray.training.search import (
    OwnSearch,
    candidate_from_json,
    candidate_to_json,
    draw,
    label,
    naive_candidates,
)

PORTFOLIO = (candidate("elastic_net", alpha=0.1), candidate("lightgbm", depth=3))


def assert_within_ranges(found: Candidate) -> None:
    ranges = {each.name: each for each in family(found.family).ranges}
    assert set(found.settings) == set(ranges)
    for name, value in found.settings.items():
        assert ranges[name].low <= float(value) <= ranges[name].high
        assert not ranges[name].is_integer or float(value).is_integer()


def run(search: OwnSearch, losses: dict[int, float] | None = None) -> list[Candidate]:
    """All candidates, each reported before the next is asked for."""
    found = []
    for number, each in enumerate(search.candidates()):
        search.report(each, (losses or {}).get(number, float(number)))
        found.append(each)
    return found


def test_the_portfolio_comes_first_and_is_cut_to_the_budget() -> None:
    assert draw(PORTFOLIO, 1, seed=0) == PORTFOLIO[:1]
    assert draw(PORTFOLIO, 2, seed=0) == PORTFOLIO
    assert draw(PORTFOLIO, 6, seed=0)[:2] == PORTFOLIO
    assert len(draw(PORTFOLIO, 6, seed=0)) == 6


def test_draws_are_seeded_and_stay_in_their_familys_ranges() -> None:
    portfolio = tuple(Candidate(name) for name in FAMILIES)
    drawn = draw(portfolio, 80, seed=1)
    assert drawn == draw(portfolio, 80, seed=1)
    assert drawn != draw(portfolio, 80, seed=2)
    assert {each.family for each in drawn[4:]} == set(FAMILIES)
    for each in drawn[4:]:
        assert_within_ranges(each)


def test_a_larger_budget_tries_the_same_candidates_and_more() -> None:
    assert draw(PORTFOLIO, 9, seed=1)[:5] == draw(PORTFOLIO, 5, seed=1)


def test_an_entitys_search_tries_exactly_its_budget() -> None:
    assert run(OwnSearch(PORTFOLIO, 1, seed=0)) == [PORTFOLIO[0]]
    found = run(OwnSearch(PORTFOLIO, 7, seed=0))
    assert tuple(found[:2]) == PORTFOLIO
    assert len(found) == 7
    for each in found[2:]:
        assert_within_ranges(each)


def test_an_entitys_search_is_the_same_for_the_same_seed() -> None:
    first, again, other = (run(OwnSearch(PORTFOLIO, 8, seed=seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_what_is_proposed_late_depends_on_the_losses_seen() -> None:
    falling = {number: -float(number) for number in range(20)}
    first, other = run(OwnSearch(PORTFOLIO, 20, 0)), run(OwnSearch(PORTFOLIO, 20, 0), falling)
    assert first[:3] == other[:3]
    assert first != other


@given(
    st.sampled_from(FAMILIES),
    st.dictionaries(
        st.text(min_size=1, max_size=5),
        st.one_of(st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    ),
)
def test_a_candidate_survives_json(name: str, settings: dict[str, float | int | str]) -> None:
    asked = candidate(name, **settings)
    assert candidate_from_json(candidate_to_json(asked)) == asked


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (candidate("random_forest"), "random_forest()"),
        (candidate("lightgbm", depth=3, l2=0.123456), "lightgbm(depth=3, l2=0.1235)"),
    ],
)
def test_a_label_is_short(asked: Candidate, expected: str) -> None:
    assert label(asked) == expected


def test_baselines_that_repeat_a_feature_are_candidates_on_the_scale_of_the_models() -> None:
    repeated = [each.settings["start"] for each in naive_candidates(REVENUE_FORECAST, "revenue")]
    assert "log_revenue_lag_1" in repeated
    assert len(repeated) == len(REVENUE_FORECAST.baselines)
    assert {each.family for each in naive_candidates(PLAYER_PROPS, "points")} == {"naive"}
    (elo,) = naive_candidates(MATCH_OUTCOME, "won")  # the base rate repeats no feature
    assert elo.settings["start"] == "rating_probability_32"
