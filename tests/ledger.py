"""A meter for tests: it keeps what it is told."""

from dataclasses import dataclass, field

from tracer_ray.serving.meter import Measure


@dataclass
class Ledger:
    """A meter that keeps what it is told."""

    values: list[tuple[Measure, float, tuple[str, ...]]] = field(default_factory=list)

    def record(self, measure: Measure, value: float, *labels: str) -> None:
        self.values.append((measure, value, labels))

    def total(self, measure: Measure, *labels: str) -> float:
        """The sum of a measure's values, of those with some labels where any are given."""
        return sum(
            value
            for each, value, given in self.values
            if each is measure and set(labels) <= set(given)
        )
