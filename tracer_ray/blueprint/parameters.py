"""What the owner of a problem may decide about it, in business words."""

from dataclasses import dataclass

from tracer_ray.errors import BlueprintError


@dataclass(frozen=True)
class Choice:
    """One value of a parameter, and what it means."""

    value: str
    meaning: str


@dataclass(frozen=True)
class Parameter:
    """A name, the values it may have, and the one it has by default; without choices, any text.

    Raises BlueprintError where the default is not among the choices.
    """

    name: str
    description: str
    default: str
    choices: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a default that nobody could choose."""
        if self.choices and self.default not in self.values:
            raise BlueprintError(f"parameter {self.name}: its default {self.default!r} is no value")

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the choices."""
        return tuple(each.value for each in self.choices)

    def read(self, blueprint_id: str, given: object) -> str:
        """A value as it was given, as text.

        Raises BlueprintError naming the blueprint, the parameter, the value and what is allowed.

        >>> days = Parameter("horizon_days", "how far", "30", (Choice("30", ""), Choice("90", "")))
        >>> days.read("revenue_forecast", 90)
        '90'
        """
        said = str(given)
        if not self.choices and not said.strip():
            raise BlueprintError(f"blueprint {blueprint_id}: {self.name} is empty; give a text")
        if self.choices and said not in self.values:
            raise BlueprintError(
                f"blueprint {blueprint_id}: {self.name}={said!r}; choose one of "
                f"{', '.join(self.values)}"
            )
        return said


@dataclass(frozen=True)
class Alias:
    """Another id of the same problem, and why it is the same."""

    id: str
    reason: str
