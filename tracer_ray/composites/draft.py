"""A composite from what its author says of it, completed by what the blueprints declare."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tracer_ray.archive import blueprint as find
from tracer_ray.composites.definition import Component, Composite, composite_of

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
    for name in components:
        find(name)
    composite = composite_of(
        {
            "id": composite_id,
            "objective": objective,
            "components": [{"blueprint": name, **said} for name, said in components.items()],
            "actions": [dict(each) for each in actions],
            "margin": margin,
        }
    )
    return replace(composite, components=tuple(map(_with_stake, composite.components)))


def _with_stake(component: Component) -> Component:
    """The component with the stake that its blueprint declares, if it has no other."""
    decided = (target.decision for target in find(component.blueprint).targets)
    stakes = [each.stake for each in decided if each and each.stake]
    if component.stake or not stakes:
        return component
    return replace(component, stake=stakes[0])
