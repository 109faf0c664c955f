"""Whose turn it is: the key of a request, and the release that answers for it.

A request's key is the header X-Routing-Key, else whom the row is about (both sides of a meeting, in
either order), else the row's own id, else what the row says. So one entity is answered by the same
release as long as shares stand, and by the same one on every replica.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tracer_ray.blueprint import Blueprint, Role
from tracer_ray.data.matching import OPPONENT
from tracer_ray.data.spelling import fold
from tracer_ray.experiments.slots import slot_of
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import Request
from tracer_ray.serving.asked import Asked

ROUTING_KEY_HEADER = "x-routing-key"
_folded = lru_cache(4096)(fold)


class Variant(StrEnum):
    """What a release is while it answers."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"


@dataclass(frozen=True)
class Contestant:
    """A release that answers, and what it is."""

    predictor: Predictor
    variant: Variant = Variant.CHAMPION


class Keys:
    """The keys of requests to one blueprint, by the names that its champion knows."""

    def __init__(self, champion: Predictor) -> None:
        """Learn the fields that say whom a row is about."""
        self._champion = champion
        self._groups = _identifying(champion.blueprint)

    def of(self, request: Request) -> str:
        """The key of a request; "" for what is no request at all."""
        if not isinstance(request, Mapping):
            return ""
        given = {_folded(name): value for name, value in request.items() if value is not None}
        names = [
            [_text(given[name]) for name in group if given.get(name) is not None]
            for group in self._groups
        ]
        owners = sorted(self._champion.owner_of(*each) for each in names if each)
        return "\n".join(owners) if owners else self._content(request)

    def _content(self, request: Request) -> str:
        """What a row says, whatever is asked about it."""
        controls = self._champion.reader.fields.controls
        said = {name: value for name, value in request.items() if _folded(name) not in controls}
        return json.dumps(said, sort_keys=True, default=str)


@dataclass(frozen=True)
class Routes:
    """Who answers for a blueprint at one moment: the champion, and challengers by their slots.

    `holders` has per slot the place of its contestant in (champion, *challengers); it is empty
    where the champion answers everything, and then nothing is computed.
    """

    champion: Contestant
    challengers: tuple[Contestant, ...] = ()
    shadows: tuple[Contestant, ...] = ()
    holders: bytes = b""
    keys: Keys | None = None

    def groups(self, asked: Sequence[Asked]) -> list[tuple[Contestant, Sequence[int]]]:
        """The contestants that answer some rows, each with the positions of its own."""
        if not self.holders or self.keys is None:
            return [(self.champion, range(len(asked)))]
        contestants, blueprint = (self.champion, *self.challengers), self.blueprint.id
        found: dict[int, list[int]] = {}
        for position, each in enumerate(asked):
            slot = slot_of(blueprint, each.key or self.keys.of(each.request))
            found.setdefault(self.holders[slot], []).append(position)
        return [(contestants[place], positions) for place, positions in found.items()]

    @property
    def blueprint(self) -> Blueprint:
        """What is predicted."""
        return self.champion.predictor.blueprint


def _identifying(blueprint: Blueprint) -> tuple[tuple[str, ...], ...]:
    """The folded names of the fields that say whom a row is about, in order, per side."""
    entity, label, row = blueprint.entity, blueprint.role(Role.LABEL), blueprint.role(Role.ROW)
    if blueprint.sides:
        pair = blueprint.sides.pairs[0]
        sides = ((pair.column, *pair.first), (OPPONENT + pair.column, *pair.second))
        return tuple(tuple(map(fold, names)) for names in sides)
    if entity is None:
        return (tuple(map(fold, row.names)),) if row else ()
    return (tuple(map(fold, (*entity.names, *(label.names if label else ())))),)


def _text(value: object) -> str:
    """A name as the validator would read it: 7.0 is 7."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
