"""Champion pointers: one small document per blueprint that says which releases answer.

    HOME/champions/<blueprint>.json

Promotion, rollback, refresh and A/B tests write it, running replicas watch it. So a replica needs
the storage only and never talks to the registry. A release inside the home is named relative to it:
a home can be moved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer_ray import storage
from tracer_ray.errors import RegistryError, StorageMissingError
from tracer_ray.experiments.slots import SLOTS, Span, size

FOLDER = "champions"
_ENDING = ".json"


@dataclass(frozen=True)
class Challenger:
    """A release beside the champion, since when (ISO time) and for which slots of the traffic.

    Without slots it runs in the shadow: it predicts what the champion answers, and nobody is told.
    """

    release: str
    uri: str
    version: int
    since: str
    spans: tuple[Span, ...] = ()
    state: str = ""

    @property
    def is_shadow(self) -> bool:
        """Whether it answers nobody."""
        return not self.spans

    @property
    def share(self) -> float:
        """The percentage of the traffic that it answers."""
        return 100.0 * size(self.spans) / SLOTS


@dataclass(frozen=True)
class Pointer:
    """The release that answers for a blueprint, and its version number in the registry.

    `state` is the URI of what it knows of newer rows, "" where it was not refreshed.
    """

    blueprint: str
    release: str
    uri: str
    version: int
    state: str = ""
    challengers: tuple[Challenger, ...] = ()


def write_pointer(home: str, pointer: Pointer) -> None:
    """Let replicas of this home answer with a release; the document changes whole."""
    content = _content(home, pointer)
    if pointer.challengers:
        content["challengers"] = [
            {**_content(home, each), "since": each.since, "spans": each.spans}
            for each in pointer.challengers
        ]
    storage.write_bytes(_place(home, pointer.blueprint), json.dumps(content, indent=1).encode())


def read_pointer(home: str, blueprint: str) -> Pointer | None:
    """The pointer of a blueprint, None where nothing was ever promoted.

    Raises RegistryError where the document can't be read, StorageError where the storage fails.
    """
    place = _place(home, blueprint)
    try:
        content = json.loads(storage.read_bytes(place))
        challengers = tuple(_challenger(home, each) for each in content.get("challengers", ()))
        return Pointer(blueprint, *_release(home, content), challengers=challengers)
    except StorageMissingError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError(
            f"{place}: expected JSON with release, uri and version; promote the release again"
        ) from error


def refreshed_state_of(home: str, blueprint: str, release: str) -> str:
    """The URI of what a release knows of newer rows, "" unless it is the champion and does."""
    pointer = read_pointer(home, blueprint)
    return pointer.state if pointer and pointer.release == release else ""


def pointed_blueprints(home: str) -> tuple[str, ...]:
    """The ids of all blueprints that have a champion, sorted."""
    files = storage.list_files(storage.join(home, FOLDER))
    names = (storage.name(file) for file in files)
    return tuple(each.removesuffix(_ENDING) for each in names if _is_pointer(each))


def promoted_blueprints(home: str, names: Sequence[str] = ()) -> tuple[str, ...]:
    """These blueprints, or all that have a champion where none is named.

    Raises RegistryError where a named blueprint has no champion, or none has any.
    """
    promoted = pointed_blueprints(home)
    if not promoted:
        raise RegistryError(f"{home}: no release is promoted yet; run `tracer promote BLUEPRINT`")
    for name in names:
        if name not in promoted:
            known = ", ".join(promoted)
            raise RegistryError(
                f"{name}: no release of it is promoted in {home}; there is {known}. "
                f"Run `tracer promote {name}`"
            )
    return tuple(dict.fromkeys(names)) or promoted


def _content(home: str, release: Pointer | Challenger) -> dict[str, object]:
    """What is said of a release, its files named relative to the home."""
    content: dict[str, object] = {
        "release": release.release,
        "uri": _named(home, release.uri),
        "version": release.version,
    }
    return {**content, "state": _named(home, release.state)} if release.state else content


def _release(home: str, content: Mapping[str, Any]) -> tuple[str, str, int, str]:
    """The release, URI, version and state that were said."""
    state = content.get("state", "")
    whole = _found(home, state) if state else ""
    return content["release"], _found(home, content["uri"]), content["version"], whole


def _challenger(home: str, content: Mapping[str, Any]) -> Challenger:
    release, uri, version, state = _release(home, content)
    spans = tuple((int(start), int(stop)) for start, stop in content["spans"])
    return Challenger(release, uri, version, content["since"], spans, state)


def _named(home: str, uri: str) -> str:
    """A URI relative to the home where it is inside."""
    return storage.absolute(uri).removeprefix(storage.join(storage.absolute(home), ""))


def _found(home: str, uri: str) -> str:
    is_whole = storage.is_remote(uri) or uri.startswith("/")
    return uri if is_whole else storage.join(storage.absolute(home), uri)


def _place(home: str, blueprint: str) -> str:
    return storage.join(home, FOLDER, blueprint + _ENDING)


def _is_pointer(file: str) -> bool:
    return file.endswith(_ENDING) and not file.startswith(".")
