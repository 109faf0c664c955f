"""Finding a release by its id or by what it is: champion, challenger, latest."""

from tracer_ray import storage
from tracer_ray.archive import blueprints, known_id
from tracer_ray.errors import RegistryError
from tracer_ray.registry.registry import Entry, Registry

LATEST = "latest"


def find_release(registry: Registry, blueprint: str, name: str) -> Entry:
    """The entry of a release's id or alias; RegistryError naming what there is."""
    blueprint = known_id(blueprint)
    entries = registry.releases(blueprint)
    if name == LATEST and entries:
        return entries[0]
    for entry in entries:
        if name in (entry.release, entry.alias):
            return entry
    known = ", ".join(
        f"{entry.release} ({entry.alias})" if entry.alias else entry.release for entry in entries
    )
    raise RegistryError(
        f"{blueprint}: no release {name!r}; there is {known or 'none yet: run `tracer train`'}"
    )


def locate_release(home: str, name: str) -> str:
    """The URI of a release given by its id, its URI, or its blueprint (champion, else newest).

    Raises RegistryError naming what was looked for.
    """
    if storage.exists(storage.join(name, storage.MANIFEST)):
        return name
    for blueprint in blueprints():
        found = storage.join(home, "releases", blueprint.id, name)
        if storage.exists(storage.join(found, storage.MANIFEST)):
            return found
    if name in {blueprint.id for blueprint in blueprints()}:
        registry = Registry(home)
        return (registry.champion(name) or find_release(registry, name, LATEST)).uri
    raise RegistryError(f"no release {name!r} in {home}, and no blueprint has that id")
