"""A composite from what its author says of it, completed by what the blueprints declare."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tracer_ray.archive import blueprint as find
from tracer_ray.composites.definition import Component, Composite, composite_of
from tracer_ray.errors import CompositeError

Terms = Mapping[str, Mapping[str, object]]


def draft(
    composite_id: str,
    components: Terms,
    objective: str,
    actions: Sequence[Mapping[str, object]] = (),
    margin: float | None = None,
) -> Composite:
    """The composite of these components; a stake that is not said is its blueprint's.

    `components` has what is said of each (value, period_months, stake) by the blueprint's id.
    Raises BlueprintError for a component that is no blueprint, CompositeError for contradictions.
    """
    return draft_of(
        {
            "id": composite_id,
            "objective": objective,
            "components": [{"blueprint": name, **said} for name, said in components.items()],
            "actions": [dict(each) for each in actions],
            "margin": margin,
        }
    )


def draft_of(document: Mapping[str, object]) -> Composite:
    """The composite that a document of its author says; raises as `draft` does.

    A combination is learned, not said: a document that has one is refused.

    >>> members = [{"blueprint": "payment_default"}]
    >>> said = {"id": "losses", "objective": "minimize_loss_2_months", "components": members}
    >>> draft_of(said).component("payment_default").stake
    <Stake.COSTS: 'costs'>
    """
    if document.get("combination") is not None:
        raise CompositeError("a combination can't be stated: it is learned from outcomes")
    composite = composite_of(document)
    return replace(composite, components=tuple(map(_with_stake, composite.components)))


def _with_stake(component: Component) -> Component:
    """The component with the stake that its blueprint declares, if it has no other."""
    decided = (target.decision for target in find(component.blueprint).targets)
    stakes = [each.stake for each in decided if each and each.stake]
    if component.stake or not stakes:
        return component
    return replace(component, stake=stakes[0])
