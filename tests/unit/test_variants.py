"""Parameters choose between blueprints, and refuse what is not declared by name."""

from dataclasses import replace

import pytest

from blueprints.lead_scoring import LEAD_SCORING
from tracer_ray.archive import blueprint, blueprints, variants
from tracer_ray.blueprint import Blueprint, Choice, Parameter, Settings, Variants
from tracer_ray.blueprint_json import blueprint_from_json, blueprint_to_json
from tracer_ray.blueprint_page import blueprint_page
from tracer_ray.errors import BlueprintError

SPEED = Parameter(
    "speed", "how fast", "slow", (Choice("slow", "in a week"), Choice("fast", "today"))
)
NOTE = Parameter("note", "what to write", "call them")


def leads(settings: Settings) -> Blueprint:
    return replace(LEAD_SCORING, horizon=f"{settings['speed']}: {settings['note']}")


LEADS = Variants((SPEED, NOTE), leads)


def test_what_is_not_chosen_is_as_by_default() -> None:
    assert LEADS.chosen({"speed": "fast"}).horizon == "fast: call them"
    assert LEADS.chosen({"speed": "fast"}).settings == (("speed", "fast"), ("note", "call them"))
    assert LEADS.chosen({}) == LEADS.default


def test_a_parameter_without_choices_takes_any_text_but_none() -> None:
    assert LEADS.chosen({"note": "write = twice"}).horizon == "slow: write = twice"
    with pytest.raises(BlueprintError, match="lead_scoring: note is empty"):
        LEADS.chosen({"note": " "})


def test_another_value_is_another_fingerprint_and_survives_json() -> None:
    fast = LEADS.chosen({"speed": "fast"})
    assert fast.fingerprint != LEADS.default.fingerprint
    assert blueprint_from_json(blueprint_to_json(fast)) == fast


def test_an_unknown_name_or_value_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(BlueprintError, match=r"lead_scoring: no parameter 'pace'; .* speed, note"):
        LEADS.chosen({"pace": "fast"})
    with pytest.raises(BlueprintError, match=r"speed='warp'; choose one of slow, fast"):
        LEADS.chosen({"speed": "warp"})
    with pytest.raises(BlueprintError, match="lead_scoring: no parameter 'speed'; it has none"):
        blueprint("lead_scoring", {"speed": "fast"})
    with pytest.raises(BlueprintError, match="its default 'x' is no value"):
        Parameter("speed", "how fast", "x", SPEED.choices)


def test_every_declared_value_is_a_blueprint_of_the_archive() -> None:
    assert [dict(each.settings)["speed"] for each in LEADS.every()] == ["slow", "fast"]
    declared = {
        (each.id, parameter.name, choice.value)
        for each in blueprints()
        for parameter in each.parameters
        for choice in parameter.choices
    }
    made = {(each.id, name, value) for each in variants() for name, value in each.settings}
    assert declared
    assert declared <= made


def test_an_alias_is_the_same_blueprint_and_no_id_of_another() -> None:
    assert blueprint("demand_forecast") == blueprint("product_demand")
    ids = [each.id for each in blueprints()]
    ids += [alias.id for each in blueprints() for alias in each.aliases]
    assert len(set(ids)) == len(ids)
    assert "Also known as `demand_forecast`: both ask" in blueprint_page(
        blueprint("product_demand")
    )


def test_a_horizon_is_the_owner_s_choice() -> None:
    short = blueprint("revenue_forecast", {"horizon_days": 30})
    assert (short.horizon_steps, blueprint("revenue_forecast").horizon_steps) == (30, 90)
    assert {field.steps for field in short.output} == {0, 30}


def test_a_page_has_the_values_and_what_they_mean() -> None:
    page = blueprint_page(LEADS.default)
    assert "`slow`: in a week; `fast`: today" in page
    assert "| `note` | what to write | any text | `call them` |" in page
    assert "`--set speed=fast` sets another" in page
