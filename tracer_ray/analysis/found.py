"""A raw column that is found for one of a blueprint, how surely, and what speaks against it."""

from dataclasses import dataclass, replace

from tracer_ray.analysis.fitting_values import problem_of
from tracer_ray.analysis.names import Certainty, says_something, words_of
from tracer_ray.analysis.profile import ColumnProfile
from tracer_ray.blueprint import Column, Role

GENERIC_OUTCOMES = ("target", "label", "class", "outcome", "response", "y", "flag")
STATUSES = frozenset(words_of("status state stage result outcome disposition reason resolution"))


@dataclass(frozen=True)
class Found:
    """A column of the blueprint and the raw one for it; `problem` says why its values don't fit.

    `options` are other raw columns that might be meant, where it is not sure; of payments that go
    either way, `told_by` is the raw column that says which; `is_only` says that the data set has
    nothing else that it could be.
    """

    column: Column
    source: str
    certainty: Certainty
    problem: str = ""
    options: tuple[str, ...] = ()
    told_by: str = ""
    is_only: bool = False

    @property
    def is_used(self) -> bool:
        """Whether it is taken without asking."""
        return self.certainty.is_sure and not self.problem

    @property
    def is_misnamed(self) -> bool:
        """Whether it bears an optional column's name and is something else: best left out."""
        return (
            bool(self.problem)
            and self.column.role is not Role.OUTCOME
            and not (self.column.required)
        )


def judged(column: Column, raw: ColumnProfile, certainty: Certainty) -> Found:
    """A raw column for a column, with what its values say against that."""
    return Found(column, raw.name, certainty, problem_of(column, raw))


def asked(found: Found) -> Found:
    """What was found, to be asked for: by its name where that says something."""
    doubtful = Certainty.PART if says_something(found.source) else Certainty.TYPE
    return replace(found, certainty=min(found.certainty, doubtful), options=(found.source,))
