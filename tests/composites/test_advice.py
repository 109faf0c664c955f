"""What pays: by hand on small cases, and what must hold for all."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.composites.cases import BUYS, LEAVES, OWES, PRICE, composite, event, said, silent
from tracer_ray.composites.advice import advise
from tracer_ray.composites.answer import answer_of
from tracer_ray.composites.consultation import Consultation, Status
from tracer_ray.composites.definition import Action, Component, Composite
from tracer_ray.decision import Stake
from tracer_ray.errors import RequestError, ServiceError

CALL = Action("call", LEAVES, 20.0, -0.25, (-0.4, -0.1))
GIFT = Action("gift", LEAVES, 30.0, -0.5, (-0.7, -0.3))
OFFER = Action("offer", BUYS, 1.0, 0.5)
REMIND = Action("remind", OWES, 2.0, -0.2)
WISH = Action("wish", BUYS, 1.0)
ACTIONS = (CALL, GIFT, OFFER, REMIND, WISH)
EFFECTS = st.floats(-1.0, 1.0)


def answered(
    made: Composite, told: Mapping[str, Consultation], request: Mapping[str, object]
) -> Mapping[str, Any]:
    """The whole answer, whose parts are looked at."""
    return answer_of(made, request, told)


def simple(value: float = 100.0, cost: float = 20.0, effect: float = -0.25) -> Composite:
    """An amount that is lost with a probability, and one action about it."""
    action = Action("call", OWES, cost, effect)
    component = Component(OWES, Stake.COSTS, value)
    return Composite("simple", "minimize_loss_3_months", (component,), (action,))


def net(made: Composite, probability: float = 0.4, error: float = 0.05) -> float:
    total = advise(made, {OWES: event(probability, error, "high", 1.0)}, {"x": 1}).total
    return total.net if total else 0.0


def test_the_impact_is_the_change_of_the_probability_times_the_value_less_the_cost() -> None:
    assert net(simple(value=1000.0, cost=20.0, effect=-0.25)) == pytest.approx(
        0.4 * 0.25 * 1000.0 - 20.0
    )


def test_an_action_that_is_not_worth_its_cost_is_not_recommended() -> None:
    advice = advise(simple(cost=10.01), {OWES: event(0.4, 0.05, "high", 1.0)}, {})
    assert advice.protocols == ()
    assert advice.total is None
    assert advice.passed_over[0].reason == "it brings 10.00 and costs 10.01"


def test_an_action_without_a_stated_effect_is_not_estimated() -> None:
    answer = answered(composite(WISH), said(), {"entity": "c"})
    (left,) = [each for each in answer["not_recommended"] if each["action"] == "wish"]
    assert left["reason"] == "not estimated: no effect is stated"


def test_nothing_to_choose_from_brings_nothing() -> None:
    advice = advise(replace(composite(), components=composite().components[:3]), said(), {})
    assert advice.total is None
    assert advice.protocols == ()


def test_effects_on_one_event_add_up_but_never_beyond_certainty() -> None:
    """Of 0.4 * 1000, the first takes 60 % and the second the 40 % that are left of its 70 %."""
    actions = (Action("a", OWES, 10.0, -0.6), Action("b", OWES, 10.0, -0.7))
    made = replace(simple(1000.0), actions=actions)
    advice = advise(made, {OWES: event(0.4, 0.0, "high", 1.0)}, {})
    assert advice.total is not None
    assert advice.total.gross == pytest.approx(400.0)
    assert {p.action: p.impact.gross for p in advice.protocols} == pytest.approx(
        {"a": 120.0, "b": 160.0}
    )


def test_of_two_actions_that_do_the_same_the_cheaper_one_is_taken() -> None:
    actions = (Action("dear", OWES, 11.0, -1.0), Action("cheap", OWES, 10.0, -1.0))
    made = replace(simple(1000.0), actions=actions)
    advice = advise(made, {OWES: event(0.4, 0.0, "high", 1.0)}, {})
    assert [each.action for each in advice.protocols] == ["cheap"]
    assert advice.passed_over[0].reason == (
        "it brings 0.00 beside what is recommended and costs 11.00"
    )


def test_a_profit_counts_the_margin_of_sales_and_the_whole_of_a_loss() -> None:
    actions = replace(CALL, cost=1.0), REMIND
    revenue = advise(composite(*actions), said(), {})
    profit = advise(composite(*actions, objective="maximize_profit_6_months"), said(), {})
    gross = {each.action: each.impact.gross for each in revenue.protocols}
    halved = {each.action: each.impact.gross for each in profit.protocols}
    assert halved == pytest.approx({"call": 0.5 * gross["call"], "remind": gross["remind"]})


def test_a_loss_counts_no_gains() -> None:
    advice = advise(composite(OFFER, objective="minimize_loss_6_months"), said(), {})
    assert advice.protocols == ()
    assert {each.action for each in advice.passed_over} == {"offer", "price change"}


def test_a_better_price_is_added_up_over_the_horizon() -> None:
    """10 more for each quarter of a month, over six months."""
    advice = advise(composite(), said(), {})
    (move,) = advice.protocols
    assert (move.action, move.component) == ("price change", PRICE)
    assert move.impact.gross == pytest.approx(240.0)
    assert move.impact.interval == pytest.approx((96.0, 360.0), rel=0.01)


def test_the_interval_of_an_exact_probability_and_a_stated_effect_is_that_of_the_effect() -> None:
    made = replace(simple(1000.0), actions=(Action("call", OWES, 20.0, -0.25, (-0.4, -0.1)),))
    total = advise(made, {OWES: event(0.4, 0.0, "high", 1.0)}, {}).total
    assert total is not None
    assert total.interval == pytest.approx((0.4 * 0.1 * 1000 - 20, 0.4 * 0.4 * 1000 - 20), rel=0.01)


@given(value=st.floats(0.0, 1e6), more=st.floats(0.0, 1e6), effect=EFFECTS)
def test_more_at_stake_is_never_less_to_win(value: float, more: float, effect: float) -> None:
    assert net(simple(value + more, effect=effect)) >= net(simple(value, effect=effect))


@given(cost=st.floats(0.0, 1e6), more=st.floats(0.0, 1e6), effect=EFFECTS)
def test_a_dearer_action_never_wins_more(cost: float, more: float, effect: float) -> None:
    cheap, dear = simple(1e6, cost, effect), simple(1e6, cost + more, effect)
    assert net(dear) <= net(cheap)


@given(chance=st.floats(0.0, 1.0), effect=EFFECTS, error=st.floats(0.0, 0.3))
def test_doing_nothing_is_never_worse_than_what_is_recommended(
    chance: float, effect: float, error: float
) -> None:
    assert net(simple(effect=effect), chance, error) >= 0.0


def test_neither_the_order_of_components_nor_of_actions_matters() -> None:
    made, request = composite(*ACTIONS), {"entity": "c1"}
    expected = answer_of(made, request, said())
    for components in permutations(made.components):
        turned = replace(made, components=components, actions=tuple(reversed(ACTIONS)))
        told = dict(reversed(said().items()))
        assert answer_of(turned, request, told) == expected


@pytest.mark.parametrize("broken", [LEAVES, BUYS, OWES, PRICE])
def test_a_component_that_fails_leaves_the_others_as_they_were(broken: str) -> None:
    made = composite(*ACTIONS)
    told = said()
    whole = answered(made, told, {})
    part = answered(made, told | {broken: silent(told[broken])}, {})
    assert part["components"][broken] == {"status": "failed", "reason": "no luck"}
    for name in {LEAVES, BUYS, OWES, PRICE} - {broken}:
        assert part["components"][name] == whole["components"][name]
    assert part["recommended_protocols"] == [
        each for each in whole["recommended_protocols"] if each["component"] != broken
    ]


def test_only_where_nobody_answers_the_whole_is_an_error() -> None:
    refused = {name: silent(each, Status.REFUSED) for name, each in said().items()}
    absent = {name: silent(each, Status.NO_CHAMPION) for name, each in said().items()}
    with pytest.raises(RequestError, match="no component of everything answers: buys: no luck"):
        answer_of(composite(), {}, refused)
    with pytest.raises(ServiceError, match="no component of everything answers"):
        answer_of(composite(), {}, absent)


def test_the_risk_is_the_highest_of_what_may_be_lost_and_adds_the_losses_up() -> None:
    told = said() | {LEAVES: event(0.1, 0.0, "low", 0.0)}
    risk = answered(composite(), told, {})["risk_assessment"]
    assert risk["level"] == "medium"  # buying is no risk, however likely
    by_name = {each["component"]: each["expected"] for each in risk["by_component"]}
    assert by_name[OWES] == pytest.approx(-0.05 * 1000.0)
    assert by_name[BUYS] == pytest.approx(0.1 * 20.0 * 5.0)
    assert risk["expected_loss"]["amount"] == pytest.approx(-by_name[LEAVES] - by_name[OWES])
    assert risk["expected_gain"]["amount"] == pytest.approx(by_name[BUYS])


def test_values_of_the_request_go_before_those_of_the_composite() -> None:
    told = {"values": {OWES: 2000.0}}
    ours, theirs = (advise(composite(REMIND), said(), each) for each in ({}, told))
    gross = [
        next(each.impact.gross for each in advice.protocols if each.action == "remind")
        for advice in (ours, theirs)
    ]
    assert gross[1] == pytest.approx(2.0 * gross[0])


def test_a_value_that_is_no_amount_is_said_and_spoils_nothing_else() -> None:
    answer = answered(composite(CALL, REMIND), said(), {"values": {OWES: "much"}})
    assert [each["action"] for each in answer["recommended_protocols"]] == ["price change", "call"]
    (left,) = answer["not_recommended"]
    assert "expected an amount of 0 to 1e12, got 'much'" in left["reason"]
