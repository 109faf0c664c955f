"""What the stages of ingest count, and adding it up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracer_ray.data.whole_periods import DaysSeen, merged

MOST_EXAMPLES = 3


@dataclass(frozen=True)
class Problem:
    """How often a kind of failure was seen, and some examples."""

    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """What a stage counted: rows, identical copies dropped, rows left out, and bad rows.

    `days` are those of each week or month that has rows, where these are added up.
    """

    rows: int = 0
    copies: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, Problem] = field(default_factory=dict)
    days: DaysSeen = field(default_factory=dict)

    @property
    def quarantined(self) -> int:
        """The number of rows that could not be used."""
        return sum(problem.count for problem in self.problems.values())


def total(tallies: Iterable[Tally]) -> Tally:
    """All tallies in one; their order makes no difference.

    >>> total([Tally(rows=2, excluded={"bench": 1}), Tally(rows=3, excluded={"bench": 2})]).excluded
    {'bench': 3}
    """
    rows = copies = 0
    seen: list[DaysSeen] = []
    excluded: dict[str, int] = {}
    problems: dict[str, Problem] = {}
    for tally in tallies:
        rows, copies = rows + tally.rows, copies + tally.copies
        seen.append(tally.days)
        for reason, count in tally.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + count
        for reason, problem in tally.problems.items():
            known = problems.get(reason, Problem(0, ()))
            examples = sorted({*known.examples, *problem.examples})[:MOST_EXAMPLES]
            problems[reason] = Problem(known.count + problem.count, tuple(examples))
    by_reason = dict(sorted(excluded.items())), dict(sorted(problems.items()))
    return Tally(rows, copies, *by_reason, merged(seen))
