"""A release in memory: what answering asks of it, and whom it knows by which name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from tracer_ray.blueprint import Blueprint
from tracer_ray.data.newest_rows import NewestRows
from tracer_ray.data.times import microseconds
from tracer_ray.errors import RequestError
from tracer_ray.feature_program.program import FeatureProgram
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.prediction.request_fields import RequestFields
from tracer_ray.prediction.requests import RequestReader
from tracer_ray.prediction.target_models import TargetModels
from tracer_ray.releases.refreshed_state import RefreshedState
from tracer_ray.releases.release import Release
from tracer_ray.releases.tables import EntityRecord
from tracer_ray.response.records import EntityResponse


@dataclass(frozen=True)
class LoadedRelease:
    """A release, loaded: its program, the state of its past, and the models of its targets.

    `responses` say by owner how a quantity reacts to its price, where that is declared; `refreshed`
    is what it knows of rows newer than its training data, whose state `state` is then;
    `newest_rows` fill in what a request about a known row leaves out, where a blueprint keeps them;
    `usual_values` are what a row usually says of columns that are known beforehand.
    """

    release: Release
    blueprint: Blueprint
    program: FeatureProgram
    state: FeatureState
    vocabulary: Vocabulary
    targets: Mapping[str, TargetModels]
    responses: Mapping[str, EntityResponse]
    refreshed: RefreshedState | None = None
    newest_rows: NewestRows | None = None
    usual_values: Mapping[str, object] = field(default_factory=dict)

    def accepts(self, name: str) -> bool:
        """Whether requests may have a field of that name."""
        return self.reader.fields.accepts(name)

    def target(self, name: str) -> TargetModels:
        """The models of a target by name or alias, "" being the only one there is.

        Raises RequestError naming the known ones.
        """
        if not name and len(self.targets) == 1:
            return next(iter(self.targets.values()))
        known = {
            each: target.name
            for target in self.blueprint.targets
            for each in (target.name, *target.aliases)
            if target.name in self.targets
        }
        if name not in known:
            said = f"no target {name[:60]!r}" if name else "field 'target' is missing"
            raise RequestError(f"{said}; choose one of {', '.join(self.targets)}")
        return self.targets[known[name]]

    @property
    def name(self) -> str:
        """The release's id."""
        return self.release.name

    @cached_property
    def reader(self) -> RequestReader:
        """What reads requests to this release."""
        fields = RequestFields(self.blueprint, tuple(self.targets))
        return RequestReader(fields, self.owner_of)

    @property
    def as_of(self) -> str | None:
        """Until when the release knows rows, as ISO text; None where rows have no time."""
        if self.refreshed:
            return self.refreshed.as_of
        return self.release.manifest.origin.data_until or None

    @cached_property
    def data_until(self) -> int | None:
        """The same instant in microseconds."""
        return microseconds(datetime.fromisoformat(self.as_of)) if self.as_of else None

    @cached_property
    def known_until(self) -> dict[str, int]:
        """The instant of each owner's newest row, in microseconds."""
        trained = {
            owner: microseconds(datetime.fromisoformat(record.last_seen))
            for owner, record in self.owners.items()
            if record.last_seen
        }
        return {**trained, **(self.refreshed.last_seen if self.refreshed else {})}

    @cached_property
    def owners(self) -> dict[str, EntityRecord]:
        """One record per owner that has a history here."""
        first = next(iter(self.targets.values()))
        return dict(first.records)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The owner behind each readable name, in lower case; shared names belong to the newest."""
        ordered = sorted(self.owners.values(), key=lambda record: record.last_seen)
        return {record.label.casefold(): record.owner for record in ordered}

    def owner_of(self, *names: str | None) -> str:
        """The owner of the first key or label that is known; else the first name itself."""
        given = [name for name in names if name]
        for name in given:
            owner = name if name in self.owners else self.labels.get(name.casefold())
            if owner is not None:
                return owner
        return given[0] if given else ""

    def similar(self, name: str) -> tuple[str, ...]:
        """Up to three labels that share a word with a name."""
        words = name.casefold().split()
        found = [label for word in words for label in self._words.get(word, ())]
        return tuple(dict.fromkeys(found))[:3]

    @cached_property
    def _words(self) -> dict[str, list[str]]:
        """The labels in which each word occurs, the longest known history first."""
        words: dict[str, list[str]] = {}
        for record in sorted(self.owners.values(), key=lambda record: -record.rows):
            for word in record.label.casefold().split():
                words.setdefault(word, []).append(record.label)
        return words
