"""The registry: which releases there are, which one answers, and who decided so.

It is kept in MLflow: one registered model per blueprint, one version per release, one run per
release with its figures. Two aliases point to releases: `champion` answers, `challenger` is the
newest one, as long as it was never promoted. What was promoted when, by whom and why is in
history.py. Running replicas learn of a new champion from its pointer (pointers.py).
"""

import getpass
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracer_ray import storage
from tracer_ray.errors import RegistryError
from tracer_ray.registry.client import changing, explained, find_place, open_client
from tracer_ray.registry.history import Move, history_tag, moves, previous_champion
from tracer_ray.registry.pointers import Pointer, read_pointer, write_pointer
from tracer_ray.registry.promotion import judge
from tracer_ray.registry.records import create_model, log_run, version_tags
from tracer_ray.releases.manifest import Figures, Scores, figures_from_json, metrics
from tracer_ray.releases.release import Release

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion, RegisteredModel

CHAMPION = "champion"
CHALLENGER = "challenger"


@dataclass(frozen=True)
class Entry:
    """A registered release; `alias` is champion, challenger or None."""

    release: str
    uri: str
    alias: str | None
    created: str
    data_until: str
    entities: int
    figures: Mapping[str, Figures]
    version: int

    @property
    def metrics(self) -> dict[str, dict[str, Scores]]:
        """Per target the scores of ours, the pooled model and the baseline on the test rows."""
        return metrics(self.figures)

    def to_json(self) -> dict[str, object]:
        """The entry as plain values for machines."""
        names = ("release", "alias", "created", "data_until", "entities", "metrics", "uri")
        return {name: getattr(self, name) for name in names}


class Registry:
    """The registry of one home."""

    def __init__(self, home: str) -> None:
        """Open the registry, and create it where there is none."""
        self._home = home
        self._place = find_place(home)
        self._client = open_client(self._place)

    def register(self, release: Release) -> int:
        """Record a release and its run; its version number.

        The newest release becomes the challenger. One that is registered keeps its version.
        """
        blueprint = release.manifest.blueprint
        with changing(self._place), explained(f"register {release.name}", self._place):
            for entry in self.releases(blueprint):
                if entry.release == release.name:
                    return entry.version
            run_id = log_run(self._client, self._place, release)
            create_model(self._client, blueprint)
            version = self._client.create_model_version(
                blueprint,
                source=self._source(release, run_id),
                run_id=run_id,
                tags=version_tags(release),
            )
            self._refresh_challenger(blueprint)
        return int(version.version)

    def releases(self, blueprint: str) -> list[Entry]:
        """The registered releases of a blueprint, newest first; none where none is known."""
        with explained(f"list {blueprint}", self._place):
            model = self._model(blueprint)
            aliases = model.aliases if model else {}
            names = {int(aliases[alias]): alias for alias in sorted(aliases, reverse=True)}
            entries = [self._entry(version, names) for version in self._versions(blueprint)]
        return sorted(entries, key=lambda entry: (entry.created, entry.release), reverse=True)

    def champion(self, blueprint: str) -> Entry | None:
        """The release that answers, if any."""
        return next((each for each in self.releases(blueprint) if each.alias == CHAMPION), None)

    def promote(
        self, blueprint: str, release: str, *, reason: str, is_forced: bool = False, who: str = ""
    ) -> Move:
        """Let a release answer, if its figures beat the champion's.

        Raises RegistryError with the numbers where they don't (unless forced), and where the
        release isn't registered or is the champion already; ReleaseError where a file is absent
        or altered.
        """
        with changing(self._place):
            champion, candidate = self.champion(blueprint), self._find(blueprint, release)
            before = champion.release if champion else ""
            if before == release:
                pointer = read_pointer(self._home, blueprint)
                if pointer is None or pointer.release != release:  # a promotion was killed before
                    self._point(blueprint, candidate)
                raise RegistryError(
                    f"{blueprint}: {release} is the champion already; replicas are told again"
                )
            verdict = judge(candidate.figures, champion.figures if champion else {})
            if not verdict.is_better and not is_forced:
                raise RegistryError(
                    f"{blueprint}: {release} does not beat {before or 'the baseline'} and is not "
                    f"promoted: {verdict.text}; force it if you know better"
                )
            move = _new_move("promote", before, release, reason, who)
            move = move.compared(verdict.text, is_forced=not verdict.is_better)
            self._move(blueprint, candidate, move)
        return move

    def rollback(self, blueprint: str, *, reason: str, who: str = "") -> Move:
        """Let the champion before this one answer again; RegistryError where there is none."""
        with changing(self._place):
            champion = self.champion(blueprint)
            now = champion.release if champion else ""
            previous = previous_champion(self.history(blueprint), now)
            if not previous:
                known = ", ".join(each.release for each in self.releases(blueprint))
                raise RegistryError(
                    f"{blueprint}: {now or 'no champion'} has no earlier champion to roll back to; "
                    f"promote one of: {known or 'no release is registered'}"
                )
            move = _new_move("rollback", now, previous, reason, who)
            self._move(blueprint, self._find(blueprint, previous), move)
        return move

    def history(self, blueprint: str) -> list[Move]:
        """Every movement of the champion, oldest first."""
        with explained(f"read the history of {blueprint}", self._place):
            model = self._model(blueprint)
        return moves(model.tags) if model else []

    def _move(self, blueprint: str, entry: Entry, move: Move) -> None:
        """Move the alias first: history may lack a move of a killed process, never invent one."""
        Release.open(entry.uri).verify()
        with explained(f"make {entry.release} the champion", self._place):
            self._client.set_registered_model_alias(blueprint, CHAMPION, str(entry.version))
            self._client.set_registered_model_tag(blueprint, *history_tag(move))
            self._point(blueprint, entry)
            self._refresh_challenger(blueprint)

    def _point(self, blueprint: str, entry: Entry) -> None:
        """Tell running replicas which release answers; tests against the one before are over."""
        write_pointer(self._home, Pointer(blueprint, entry.release, entry.uri, entry.version))

    def _refresh_challenger(self, blueprint: str) -> None:
        """Point the alias to the newest release, if nobody ever promoted it."""
        entries = self.releases(blueprint)
        promoted = {move.to_release for move in self.history(blueprint)}
        if entries[0].release not in promoted:
            self._client.set_registered_model_alias(blueprint, CHALLENGER, str(entries[0].version))
            return
        model = self._model(blueprint)
        if model and CHALLENGER in model.aliases:
            self._client.delete_registered_model_alias(blueprint, CHALLENGER)

    def _find(self, blueprint: str, release: str) -> Entry:
        entries = self.releases(blueprint)
        for entry in entries:
            if entry.release == release:
                return entry
        known = ", ".join(entry.release for entry in entries) or "none"
        raise RegistryError(f"{blueprint}: no release {release!r} is registered; known: {known}")

    def _entry(self, version: "ModelVersion", aliases: Mapping[int, str]) -> Entry:
        tags, number = version.tags, int(version.version)
        uri = tags["uri"]
        if self._place.is_embedded:  # the home may have been moved since
            uri = storage.join(self._home, "releases", version.name, tags["release"])
        return Entry(
            release=tags["release"],
            uri=uri,
            alias=aliases.get(number),
            created=tags["created"],
            data_until=tags["data_until"],
            entities=int(tags["entities"]),
            figures=figures_from_json(tags["figures"]),
            version=number,
        )

    def _source(self, release: Release, run_id: str) -> str:
        """The release's URI; a server takes no local path, so it is given the run instead."""
        is_refused = not self._place.is_embedded and not storage.is_remote(release.uri)
        return f"runs:/{run_id}/release" if is_refused else release.uri

    def _model(self, blueprint: str) -> "RegisteredModel | None":
        found = self._client.search_registered_models(f"name='{blueprint}'")
        return next(iter(found), None)

    def _versions(self, blueprint: str) -> "Iterator[ModelVersion]":
        token = None
        while True:
            page = self._client.search_model_versions(f"name='{blueprint}'", page_token=token)
            yield from (version for version in page if "release" in version.tags)
            token = page.token
            if not token:
                return


def _new_move(action: str, before: str, after: str, reason: str, who: str) -> Move:
    if not reason.strip():
        raise RegistryError(f"a {action} needs a reason; say why in a few words")
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return Move(when, who or getpass.getuser(), action, before, after, reason)
