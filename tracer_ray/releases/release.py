"""Releases: the immutable result of one training run, promoted and rolled back as one unit.

    HOME/releases/<blueprint>/<UTC yyyymmdd-hhmmss>-<fingerprint>/
        manifest.json        written last: what it is, and the hash of every other file
        blueprint.json       the blueprint as it was resolved against the data
        models.parquet       every model in its family's own format
        entities.parquet     what answers for every entity, and why
        state.npz            what features need of the past; vocabulary.json beside it
        calibration.npz      calibrators and distributions; calibration.json beside it
        responses.parquet    how every entity reacts to its price, where that is declared
        newest_rows.parquet  the newest row of each id, where requests may name it and no more
        usual_values.json    what a row usually says, for the example of a request
        known_keys.npy       hashes of the rows it was made from, so that evaluation leaves them out
        report/              index.html and the same numbers as tables

A release is written under a temporary name and appears whole or not at all. Whatever is read from
it is compared with its hash first, and nothing is ever unpickled.
"""

import io
import json
import sys
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.blueprint_json import blueprint_from_json, blueprint_to_json
from tracer_ray.data.parquet_bytes import table_of_bytes
from tracer_ray.errors import ReleaseError, StorageMissingError
from tracer_ray.releases.manifest import (
    Figures,
    FileRecord,
    Manifest,
    Origin,
    digest,
    fingerprint,
    finite,
    manifest_from_json,
    manifest_to_json,
)
from tracer_ray.releases.tables import (
    EntityRecord,
    StoredModel,
    entities_digest,
    entities_from_parquet,
    entities_to_parquet,
    models_from_parquet,
    models_to_parquet,
)
from tracer_ray.response.records import (
    EntityResponse,
    responses_from_parquet,
    responses_to_parquet,
)
from tracer_ray.storage import MANIFEST

RESPONSES = "responses.parquet"
NEWEST_ROWS = "newest_rows.parquet"
USUAL_VALUES = "usual_values.json"
LIBRARIES = ("lightgbm", "numpy", "pyarrow", "ray", "scikit-learn", "xgboost")
Arrays = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class ReleaseContents:
    """Everything a training run hands over.

    `figures` has one entry per target. `state` and `calibration_arrays` hold plain arrays, no
    objects. `known_keys` are the stable hashes of the keys of the rows that were trained on.
    `report` maps file names to their bytes.
    """

    blueprint: Blueprint
    origin: Origin
    figures: Mapping[str, Figures]
    features: tuple[str, ...]
    features_digest: str
    models: tuple[StoredModel, ...]
    entities: tuple[EntityRecord, ...]
    state: Arrays
    vocabulary: Mapping[str, object]
    calibration: Mapping[str, object]
    calibration_arrays: Arrays
    known_keys: npt.NDArray[np.uint64]
    report: Mapping[str, bytes]
    responses: tuple[EntityResponse, ...] = ()
    newest_rows: pa.Table | None = None
    usual_values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """A release that is complete; every read compares the file with the manifest's hash."""

    uri: str
    manifest: Manifest

    @classmethod
    def open(cls, uri: str) -> "Release":
        """Read the manifest; ReleaseError when it is absent, or doesn't agree with itself."""
        try:
            text = storage.read_bytes(storage.join(uri, MANIFEST))
        except StorageMissingError as error:
            raise ReleaseError(
                f"{uri} is no complete release: it has no {MANIFEST}; train again, or name another"
            ) from error
        manifest = manifest_from_json(text, storage.join(uri, MANIFEST))
        found = fingerprint(manifest.origin, manifest.features, manifest.files)
        _expect(storage.join(uri, MANIFEST), "fingerprint", manifest.fingerprint, found)
        return cls(uri, manifest)

    @property
    def name(self) -> str:
        """The release's id, unique within its blueprint."""
        return self.manifest.release

    def read(self, file: str) -> bytes:
        """The bytes of one file; ReleaseError when it is absent or not what was written."""
        uri = storage.join(self.uri, file)
        if file not in self.manifest.files:
            raise ReleaseError(f"{uri}: the manifest has no such file")
        try:
            data = storage.read_bytes(uri)
        except StorageMissingError as error:
            raise ReleaseError(f"{uri} is missing; restore it or train again") from error
        _expect(uri, "SHA-256", self.manifest.files[file].sha256, digest(data))
        return data

    def verify(self) -> None:
        """Read every file once; ReleaseError naming the first that is absent or altered."""
        for file in self.manifest.files:
            self.read(file)

    def blueprint(self) -> Blueprint:
        """The blueprint as it was resolved against the data."""
        return blueprint_from_json(self.read("blueprint.json"))

    def models(self) -> tuple[StoredModel, ...]:
        """Every model, by target, owner and part."""
        return models_from_parquet(self.read("models.parquet"))

    def entities(self) -> tuple[EntityRecord, ...]:
        """The record of every entity, by target and owner."""
        return entities_from_parquet(self.read("entities.parquet"))

    def responses(self) -> tuple[EntityResponse, ...]:
        """How every entity reacts to its price; none where that is not declared."""
        is_there = RESPONSES in self.manifest.files
        return responses_from_parquet(self.read(RESPONSES)) if is_there else ()

    def newest_rows(self) -> pa.Table | None:
        """The newest row of each row id; None where the blueprint keeps none."""
        is_there = NEWEST_ROWS in self.manifest.files
        return table_of_bytes(self.read(NEWEST_ROWS)) if is_there else None

    def usual_values(self) -> dict[str, object]:
        """What a row usually says of columns that are known beforehand; nothing in old releases."""
        is_there = USUAL_VALUES in self.manifest.files
        return _from_json(self.read(USUAL_VALUES)) if is_there else {}

    def entities_table(self) -> pa.Table:
        """The records as a table, nulls where a loss is unknown."""
        return table_of_bytes(self.read("entities.parquet"))

    def state(self) -> dict[str, npt.NDArray[np.generic]]:
        """The arrays of the feature state."""
        return _from_npz(self.read("state.npz"))

    def vocabulary(self) -> dict[str, object]:
        """The category codes of the training rows."""
        return _from_json(self.read("vocabulary.json"))

    def calibration(self) -> dict[str, object]:
        """What calibrators and distributions are made of, beside their arrays."""
        return _from_json(self.read("calibration.json"))

    def calibration_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """The arrays of calibrators and distributions."""
        return _from_npz(self.read("calibration.npz"))

    def known_keys(self) -> npt.NDArray[np.uint64]:
        """The stable hashes of the keys of the rows it was made from, sorted, uint64."""
        hashes: npt.NDArray[np.uint64] = np.load(
            io.BytesIO(self.read("known_keys.npy")), allow_pickle=False
        )
        return hashes


def write_release(
    home: str, contents: ReleaseContents, *, created: datetime | None = None
) -> Release:
    """Write a release under HOME/releases; it appears whole or not at all."""
    files = _files(contents)
    records = {name: _record(name, data, contents.entities) for name, data in files.items()}
    manifest = _manifest(contents, records, created or datetime.now(UTC))
    folder = storage.join(home, "releases", contents.blueprint.id)
    temporary = storage.join(folder, f".{manifest.release}-{uuid.uuid4().hex}")
    try:
        for name, data in {**files, MANIFEST: manifest_to_json(manifest)}.items():
            storage.write_bytes(storage.join(temporary, name), data)
        storage.publish(temporary, storage.join(folder, manifest.release))
    except BaseException:
        storage.remove_tree(temporary)
        raise
    return Release.open(storage.join(folder, manifest.release))


def list_releases(home: str, blueprint: str) -> tuple[str, ...]:
    """The URIs of the blueprint's complete releases, newest first."""
    folder = storage.join(home, "releases", blueprint)
    if not storage.exists(folder):
        return ()
    names = {
        parts[-2]
        for parts in (uri.split("/") for uri in storage.list_files(folder))
        if parts[-1] == MANIFEST and not parts[-2].startswith(".")
    }
    return tuple(storage.join(folder, name) for name in sorted(names, reverse=True))


def _files(contents: ReleaseContents) -> dict[str, bytes]:
    report = {f"report/{name}": data for name, data in sorted(contents.report.items())}
    return {
        "blueprint.json": blueprint_to_json(contents.blueprint),
        "models.parquet": models_to_parquet(contents.models),
        "entities.parquet": entities_to_parquet(contents.entities),
        "state.npz": _to_npz(contents.state),
        "vocabulary.json": _to_json(contents.vocabulary),
        "calibration.npz": _to_npz(contents.calibration_arrays),
        "calibration.json": _to_json(contents.calibration),
        **({RESPONSES: responses_to_parquet(contents.responses)} if contents.responses else {}),
        **({NEWEST_ROWS: _to_parquet(contents.newest_rows)} if contents.newest_rows else {}),
        USUAL_VALUES: _to_json(contents.usual_values),
        "known_keys.npy": _to_npy(np.unique(contents.known_keys)),
        **report,
    }


def _record(name: str, data: bytes, entities: Iterable[EntityRecord]) -> FileRecord:
    content = sha256 = digest(data)
    if name == "entities.parquet":
        content = entities_digest(entities)
    elif name.startswith("report/"):
        content = ""
    return FileRecord(sha256, len(data), content)


def _manifest(
    contents: ReleaseContents, files: Mapping[str, FileRecord], created: datetime
) -> Manifest:
    digest_of_all = fingerprint(contents.origin, contents.features, files)
    created = created.astimezone(UTC)
    return Manifest(
        blueprint=contents.blueprint.id,
        release=f"{created:%Y%m%d-%H%M%S}-{digest_of_all[:8]}",
        created=created.isoformat(),
        fingerprint=digest_of_all,
        targets=tuple(contents.figures),
        entities=len({record.owner for record in contents.entities}),
        origin=contents.origin,
        figures={target: finite(each) for target, each in contents.figures.items()},
        features=contents.features,
        features_digest=contents.features_digest,
        versions={library: version(library) for library in LIBRARIES},
        python=".".join(str(part) for part in sys.version_info[:3]),
        files=files,
    )


def _expect(uri: str, what: str, expected: str, found: str) -> None:
    if expected != found:
        raise ReleaseError(
            f"{uri} was altered: {what} expected {expected}, found {found}; "
            "restore it or train again"
        )


def _to_npz(arrays: Arrays) -> bytes:
    sink = io.BytesIO()
    np.savez(sink, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)})
    return sink.getvalue()


def _from_npz(data: bytes) -> dict[str, npt.NDArray[np.generic]]:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


def _to_parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def _to_npy(array: npt.NDArray[np.uint64]) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()


def _to_json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, sort_keys=True, indent=1).encode()


def _from_json(data: bytes) -> dict[str, object]:
    content: dict[str, object] = json.loads(data)
    return content
