"""Documents of composites: what is refused and why, and that they come back as they were."""

from pathlib import Path

import pytest

from tracer_ray.composites.definition import composite_from_json, composite_of, composite_to_json
from tracer_ray.composites.draft import draft
from tracer_ray.composites.store import (
    Shelf,
    composite_ids,
    delete_composite,
    read_composite,
    write_composite,
)
from tracer_ray.decision import Stake
from tracer_ray.errors import BlueprintError, CompositeError

ACTION: dict[str, object] = {
    "name": "call",
    "component": "customer_churn",
    "cost": 5,
    "effect": -0.2,
}
DOCUMENT: dict[str, object] = {
    "id": "revenue",
    "objective": "maximize_revenue_6_months",
    "components": [{"blueprint": "customer_churn", "value": "monthly_charges", "period_months": 1}],
    "actions": [{**ACTION, "effect_interval": [-0.3, -0.1]}],
}


def changed(**parts: object) -> dict[str, object]:
    return {**DOCUMENT, **parts}


def test_a_document_comes_back_as_it_was() -> None:
    made = composite_of(DOCUMENT)
    assert composite_from_json(composite_to_json(made), "x") == made


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (changed(id="../x"), "an id has up to 64 small letters"),
        (changed(id=3), "id: Input should be a valid string"),
        (changed(secret=1), "secret: Unexpected keyword argument"),
        (changed(objective="maximize_fun"), "there are maximize_revenue_N_months"),
        (changed(objective="maximize_revenue_0_months"), "with N from 1 to 60"),
        (changed(objective="maximize_profit_3_months"), "a profit needs the share of sales"),
        (changed(margin=0.4), "counts in maximize_profit_N_months only"),
        (changed(components=[]), "0 components; expected 1 to 12"),
        (changed(components=[{"blueprint": "a"}] * 2), "component 'a' is named twice"),
        (changed(components=[{"blueprint": "a", "value": -1}]), "the value of a is -1.0"),
        (changed(components=[{"blueprint": "a", "value": True}]), "valid number"),
        (changed(components=[{"blueprint": "a", "stake": "x"}]), "'ends_revenue', 'adds_revenue'"),
        (changed(components=[{"blueprint": "a", "period_months": 0}]), "more than 0"),
        (changed(actions=[{**ACTION, "component": "x"}]), "on 'x', no component"),
        (changed(actions=[ACTION, ACTION]), "action 'call' is named twice"),
        (changed(actions=[{**ACTION, "cost": -1}]), "costs -1.0"),
        (changed(actions=[{**ACTION, "effect": -1.1}]), "-1 to 100"),
        (changed(actions=[{**ACTION, "effect_interval": [-0.1, 0.0]}]), "inside its interval"),
        (changed(actions=[{"name": "a", "component": "customer_churn"}]), "actions.0.cost"),
        (changed(actions=[{**ACTION, "name": str(n)} for n in range(9)]), "more than 8 actions"),
        (changed(margin=float("nan")), "can't be written as JSON"),
    ],
)
def test_a_contradiction_is_refused_with_its_reason(document: dict[str, object], why: str) -> None:
    with pytest.raises(CompositeError, match=why):
        composite_of(document)


def test_bytes_that_are_no_document_are_refused_by_the_name_of_their_source() -> None:
    with pytest.raises(CompositeError, match=r"some\.json: the document: Invalid JSON"):
        composite_from_json(b"{", "some.json")


def test_the_stake_is_the_blueprint_s_unless_another_is_said() -> None:
    terms = {"customer_churn": {}, "payment_default": {"stake": "loses_sale"}, "player_props": {}}
    made = draft("some", terms, "minimize_loss_1_month")
    assert [each.stake for each in made.components] == [Stake.ENDS_REVENUE, Stake.LOSES_SALE, None]


def test_a_component_that_is_no_blueprint_is_refused_with_the_closest() -> None:
    with pytest.raises(BlueprintError, match="did you mean customer_churn"):
        draft("some", {"customer_chrn": {}}, "minimize_loss_1_month")


def test_what_is_stored_is_found_listed_replaced_and_deleted(tmp_path: Path) -> None:
    home, made = str(tmp_path), composite_of(DOCUMENT)
    assert composite_ids(home) == ()
    write_composite(home, made)
    assert read_composite(home, "revenue") == made
    with pytest.raises(CompositeError, match="'revenue' is there already"):
        write_composite(home, made)
    other = composite_of(changed(objective="minimize_loss_2_months"))
    write_composite(home, other, is_replacing=True)
    assert read_composite(home, "revenue") == other
    delete_composite(home, "revenue")
    assert composite_ids(home) == ()
    with pytest.raises(CompositeError, match="no composite 'revenue'"):
        delete_composite(home, "revenue")


@pytest.mark.parametrize("name", ["revenu", "../champions/x", "", "a/b"])
def test_a_name_that_is_none_is_refused_with_the_closest(name: str, tmp_path: Path) -> None:
    write_composite(str(tmp_path), composite_of(DOCUMENT))
    with pytest.raises(CompositeError, match="there is revenue"):
        read_composite(str(tmp_path), name)


def test_a_shelf_follows_the_home_and_keeps_what_it_knows_of_a_broken_document(
    tmp_path: Path,
) -> None:
    home, made, shelf = str(tmp_path), composite_of(DOCUMENT), Shelf(str(tmp_path))
    shelf.look()
    assert shelf.composites == {}
    place = write_composite(home, made)
    shelf.look()
    assert shelf.composites == {"revenue": made}
    Path(place).write_text("{", encoding="utf-8")
    shelf.look()
    assert shelf.composites == {"revenue": made}
    delete_composite(home, "revenue")
    shelf.look()
    assert shelf.composites == {}
