"""Parameters in business words, and the blueprints that they choose between.

A problem comes in variants: what counts as churn, how far ahead a forecast looks. A `Variants`
constant declares the parameters and the function that makes the blueprint for chosen values. Its
result is a blueprint like any other; nothing but the archive knows that there was a choice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tracer_ray.blueprint.definition import Blueprint
from tracer_ray.blueprint.parameters import Choice, Parameter
from tracer_ray.errors import BlueprintError

Settings = Mapping[str, str]
LAYOUT, ROWS, COLUMNS = "layout", "rows", "columns"
PERIOD = "period"  # how much time a row of a series stands for


@dataclass(frozen=True)
class Variants:
    """The blueprints of one id: `make` gives the one for a value of every parameter.

    Raises BlueprintError where a parameter's default is not among its choices.
    """

    parameters: tuple[Parameter, ...]
    make: Callable[[Settings], Blueprint]

    @cached_property
    def default(self) -> Blueprint:
        """The blueprint that nobody chose anything for."""
        return self._made({each.name: each.default for each in self.parameters})

    def chosen(self, given: Mapping[str, object]) -> Blueprint:
        """The blueprint for the given values, the others as by default.

        Raises BlueprintError naming the blueprint, the parameter, the value and what is allowed.
        """
        known = {each.name: each for each in self.parameters}
        for name in given:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise BlueprintError(f"blueprint {self.default.id}: no parameter {name!r}; {has}")
        settings = {each.name: each.default for each in self.parameters}
        for name, value in given.items():
            settings[name] = known[name].read(self.default.id, value)
        return self._made(settings)

    def every(self) -> Iterator[Blueprint]:
        """The default, then one blueprint for every other declared value, one value at a time."""
        yield self.default
        for parameter in self.parameters:
            for choice in parameter.choices:
                if choice.value != parameter.default:
                    yield self.chosen({parameter.name: choice.value})

    def _made(self, settings: Settings) -> Blueprint:
        made = self.make(settings)
        return replace(made, parameters=self.parameters, settings=tuple(settings.items()))


def with_layouts(variants: Variants, each: str) -> Variants:
    """The same variants, and for each one that reads files with a column for `each` (an asset)."""
    layout = Parameter(
        LAYOUT,
        "how the data are laid out",
        ROWS,
        (
            Choice(ROWS, f"a row for each {each} and day"),
            Choice(COLUMNS, f"a row for each day, and in it a column for each {each}"),
        ),
    )

    def make(settings: Settings) -> Blueprint:
        others = {name: value for name, value in settings.items() if name != LAYOUT}
        return replace(variants.make(others), is_side_by_side=settings[LAYOUT] == COLUMNS)

    return Variants((*variants.parameters, layout), make)
