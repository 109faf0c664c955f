"""Champion pointers: one small document per blueprint that says which release answers.

    HOME/champions/<blueprint>.json

Promotion, rollback and refresh write it, running replicas watch it. So a replica needs the storage
only and never talks to the registry. A release inside the home is named relative to it: a home can
be moved.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tracer_ray import storage
from tracer_ray.errors import RegistryError, StorageMissingError

FOLDER = "champions"
_ENDING = ".json"


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


def write_pointer(home: str, pointer: Pointer) -> None:
    """Let replicas of this home answer with a release; the document changes whole."""
    content: dict[str, object] = {
        "release": pointer.release,
        "uri": _named(home, pointer.uri),
        "version": pointer.version,
    }
    if pointer.state:
        content["state"] = _named(home, pointer.state)
    storage.write_bytes(_place(home, pointer.blueprint), json.dumps(content, indent=1).encode())


def read_pointer(home: str, blueprint: str) -> Pointer | None:
    """The pointer of a blueprint, None where nothing was ever promoted.

    Raises RegistryError where the document can't be read, StorageError where the storage fails.
    """
    place = _place(home, blueprint)
    try:
        content = json.loads(storage.read_bytes(place))
        release, uri, version = (content[name] for name in ("release", "uri", "version"))
        state = content.get("state", "")
    except StorageMissingError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(
            f"{place}: expected JSON with release, uri and version; promote the release again"
        ) from error
    whole = _found(home, state) if state else ""
    return Pointer(blueprint, release, _found(home, uri), version, whole)


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
