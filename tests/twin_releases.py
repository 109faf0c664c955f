"""Releases that answer like another one, each with a name and an as-of time of its own."""

import json
import shutil
from pathlib import Path

from tracer_ray import storage
from tracer_ray.registry.pointers import Pointer, read_pointer
from tracer_ray.releases.release import Release


def twin(home: str, blueprint: str, number: int) -> Release:
    """A copy of the champion that knows rows until day `number` of 2030; that is its as_of."""
    champion = read_pointer(home, blueprint)
    assert champion is not None
    name = f"twin-{number:02d}"
    folder = Path(home, "releases", blueprint, name)
    shutil.copytree(champion.uri, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["release"] = name
    manifest["origin"]["data_until"] = as_of(name)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return Release.open(str(folder))


def as_of(name: str) -> str:
    """What a twin's answers say in as_of."""
    return f"2030-01-{int(name[-2:]):02d}T00:00:00+00:00"


def pointer_to(release: Release, version: int = 9) -> Pointer:
    """A pointer to it."""
    return Pointer(release.manifest.blueprint, release.name, release.uri, version)


def damage(release: Release) -> None:
    """Change one byte of its models."""
    place = storage.join(release.uri, "models.parquet")
    data = bytearray(storage.read_bytes(place))
    data[len(data) // 2] ^= 1
    storage.write_bytes(place, bytes(data))
