"""What a composite is: its components, its objective, and the actions to choose from.

A composite is a document without code. Everything in it is stated by its author or taken from the
blueprints when it is made, but for its `combination`, which is learned from outcomes.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from tracer_ray.composites.combination import Combination
from tracer_ray.composites.objective import Metric, Objective
from tracer_ray.decision import Stake
from tracer_ray.errors import CompositeError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MOST_COMPONENTS = 12
MOST_ACTIONS_EACH = 8  # on one component: all their combinations are compared
LARGEST = 1e12  # of any amount of money
_LARGEST_EFFECT = 100.0
_LONGEST_MONTHS = 1200
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_EXACTLY = {"extra": "forbid", "strict": True, "allow_inf_nan": False}


@dataclass(frozen=True)
class Component:
    """A blueprint whose champion answers, and what its event is worth.

    `value` is an amount of money, or the name of the request's field that has it: per month where
    the stake is monthly, else once. `period_months` is the time that one prediction is about: in
    which the event may happen, or that one row at a price covers. Without it an event is taken to
    be of the objective's months, and a change of price is not added up over them.
    """

    __pydantic_config__ = _EXACTLY

    blueprint: str
    stake: Stake | None = None
    value: float | str | None = None
    period_months: float | None = None


@dataclass(frozen=True)
class Action:
    """What may be done about the event of a component, and what it costs, once.

    `effect` is the relative change of the event's probability (-0.25: a quarter less), from
    experiments of the user; without it the impact is not estimated. `effect_interval` is its 90 %
    interval.
    """

    __pydantic_config__ = _EXACTLY

    name: str
    component: str
    cost: float
    effect: float | None = None
    effect_interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Composite:
    """A composite, whole; checks itself when it is made.

    `objective` is a name such as maximize_revenue_6_months; `margin` is the share of sales that is
    profit; `combination` weighs its components on an outcome that they are all about. Raises
    CompositeError naming what contradicts what.
    """

    __pydantic_config__ = _EXACTLY

    id: str
    objective: str
    components: tuple[Component, ...]
    actions: tuple[Action, ...] = ()
    margin: float | None = None
    combination: Combination | None = None

    def __post_init__(self) -> None:
        """Refuse contradictions at once, where their author sees them."""
        if not _ID.fullmatch(self.id):
            self._refuse("an id has up to 64 small letters, digits and _, a letter first")
        self._check_components()
        for action in self.actions:
            self._check_action(action)
        self._check_numbers_of_actions()
        self._check_margin()
        self._check_combination()

    @cached_property
    def goal(self) -> Objective:
        """The objective that the name says."""
        return Objective.parse(self.objective)

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the components, in order."""
        return tuple(each.blueprint for each in self.components)

    def component(self, name: str) -> Component:
        """The component of that id."""
        return next(each for each in self.components if each.blueprint == name)

    def actions_on(self, name: str) -> tuple[Action, ...]:
        """What may be done about a component's event, by name."""
        found = (each for each in self.actions if each.component == name)
        return tuple(sorted(found, key=lambda each: each.name))

    def _check_components(self) -> None:
        if not 1 <= len(self.components) <= MOST_COMPONENTS:
            self._refuse(f"{len(self.components)} components; expected 1 to {MOST_COMPONENTS}")
        if twice := _twice(self.names):
            self._refuse(f"component {twice!r} is named twice")
        for each in self.components:
            if not isinstance(each.value, str | None) and not 0.0 <= each.value <= LARGEST:
                self._refuse(f"the value of {each.blueprint} is {each.value}; expected 0 to 1e12")
            if each.period_months is not None and not 0.0 < each.period_months <= _LONGEST_MONTHS:
                self._refuse(
                    f"the period of {each.blueprint} is {each.period_months} months; "
                    f"expected more than 0 and at most {_LONGEST_MONTHS}"
                )

    def _check_action(self, action: Action) -> None:
        named = f"action {action.name!r}"
        if not action.name.strip():
            self._refuse("an action without a name")
        if action.component not in self.names:
            known = ", ".join(self.names)
            self._refuse(f"{named} is on {action.component!r}, no component; there is {known}")
        if not 0.0 <= action.cost <= LARGEST:
            self._refuse(f"{named} costs {action.cost}; expected 0 to 1e12")
        if action.effect is None:
            if action.effect_interval is not None:
                self._refuse(f"{named} has an interval and no effect")
            return
        low, high = action.effect_interval or (action.effect, action.effect)
        if not -1.0 <= low <= action.effect <= high <= _LARGEST_EFFECT:
            self._refuse(
                f"{named} has effect {action.effect} and interval [{low}, {high}]; expected "
                f"relative changes of the probability, -1 to {_LARGEST_EFFECT:g}, the effect "
                "inside its interval"
            )

    def _check_numbers_of_actions(self) -> None:
        if twice := _twice(each.name for each in self.actions):
            self._refuse(f"action {twice!r} is named twice")
        for name in self.names:
            if len(self.actions_on(name)) > MOST_ACTIONS_EACH:
                self._refuse(f"more than {MOST_ACTIONS_EACH} actions on {name}")

    def _check_margin(self) -> None:
        is_profit = self.goal.metric is Metric.PROFIT
        if is_profit and (self.margin is None or not 0.0 <= self.margin <= 1.0):
            self._refuse(
                f"margin={self.margin}: a profit needs the share of sales that is profit, 0 to 1"
            )
        if not is_profit and self.margin is not None:
            self._refuse(f"margin={self.margin} counts in maximize_profit_N_months only")

    def _check_combination(self) -> None:
        """It was learned for these components, and has all that it needs to answer."""
        learned = self.combination
        if learned is None:
            return
        members = set(learned.alone)
        if strangers := members - set(self.names):
            self._refuse(f"its combination weighs {min(strangers)!r}, which is no component")
        weighed = (learned.together.weights, learned.scales.by_component, learned.releases)
        if not members or any(set(each) != members for each in weighed):
            self._refuse("its combination does not weigh the same components throughout")

    def _refuse(self, message: str) -> None:
        raise CompositeError(f"composite {self.id[:64]!r}: {message}")


def composite_from_json(text: bytes, source: str) -> Composite:
    """The composite that a document says; CompositeError naming the source and the first fault.

    >>> composite_from_json(b'{"id": "x", "objective": "maximize_fun", "components": []}', "x.json")
    Traceback (most recent call last):
    tracer_ray.errors.CompositeError: composite 'x': 0 components; expected 1 to 12
    """
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise CompositeError(f"{source}: {where}: {first['msg']}") from error


def composite_of(document: Mapping[str, object]) -> Composite:
    """The composite that a document in memory says, checked as one in a file is."""
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CompositeError(f"a composite that can't be written as JSON: {error}") from error
    return composite_from_json(text.encode(), f"composite {str(document.get('id'))[:64]!r}")


def composite_to_json(composite: Composite) -> bytes:
    """The document of a composite, indented; what was not said is left out."""
    return _adapter().dump_json(composite, indent=1, exclude_none=True)


def _twice(names: Iterable[str]) -> str:
    """The first name that comes again, "" where none does."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


@cache
def _adapter() -> "TypeAdapter[Composite]":
    from pydantic import TypeAdapter

    return TypeAdapter(Composite)
