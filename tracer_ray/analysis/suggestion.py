"""A blueprint for a data set: its score from 0 to 1, its reason, and what to do next."""

import shlex
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracer_ray.analysis.leaks import Suspect

FITS_WELL = 0.6


@dataclass(frozen=True)
class Suggestion:
    """One blueprint for one data set.

    `mapping` is the raw name by column as it would be used; `apply` what of it has to be told to
    Tracer (`--map`), `ask` the doubtful columns as (column, raw names to choose from); `drop` are
    raw columns to leave out, `leaks` those of them, and of the ones that are never used, that say
    the outcome; `missing` and `problems` stand between the data and a model; `settings` are the
    parameters that have to be set.
    """

    blueprint: str
    data: str
    score: float
    reason: str
    mapping: Dictionary[str, str]
    apply: Dictionary[str, str]
    ask: Sequence[tuple[str, tuple[str, ...]]]
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    leaks: tuple[Suspect, ...]
    drop: tuple[str, ...]
    next_command: str
    settings: Dictionary[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing or doubtful: `deploy` would do it as it stands."""
        return not (self.missing or self.problems or self.ask)

    @property
    def name(self) -> str:
        """The blueprint, and the parameters that have to be set."""
        chosen = (f"{parameter}={value}" for parameter, value in self.settings.items())
        return " ".join((self.blueprint, *chosen))

    def asking(self, column: str, source: str, worth: float) -> "Suggestion":
        """The same where only the user can say that a column is read from a source."""
        return replace(
            self,
            score=self.score * worth,
            ask=(*self.ask, (column, (source,))),
            next_command=self.command_with(["--map", f"{column}={source}"]),
        )

    def command_with(self, words: Sequence[str]) -> str:
        """The next command with further words, where it deploys; another does not know them."""
        more = f" {shlex.join(words)}" if words else ""
        is_known = self.next_command.startswith("tracer deploy ")
        return self.next_command + more if is_known else self.next_command

    def to_json(self) -> dict[str, object]:
        """Everything, for machines."""
        return {
            "blueprint": self.blueprint,
            "settings": dict(self.settings),
            "data": self.data,
            "score": round(self.score, 3),
            "reason": self.reason,
            "is_ready": self.is_ready,
            "mapping": dict(self.mapping),
            "apply": dict(self.apply),
            "ask": {column: list(options) for column, options in self.ask},
            "missing": list(self.missing),
            "problems": list(self.problems),
            "leaks": {each.name: each.reason for each in self.leaks},
            "drop": list(self.drop),
            "next": self.next_command,
        }
