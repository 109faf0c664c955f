"""The manifest of a release: what it is, what it was made from, and the hash of every file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

from tracer_ray.errors import ReleaseError
from tracer_ray.metrics import metric, skill

Scores = Mapping[str, float]


@dataclass(frozen=True)
class Figures:
    """What a release scored on one target's test rows, beside the pooled model and the baseline.

    `metric` is the blueprint's own; `ours`, `pooled` and `baseline` map metric names to scores.
    `tested_on` is a digest of the test rows' keys: equal digests make raw scores comparable.
    """

    metric: str
    rows: int
    tested_on: str
    ours: Scores
    pooled: Scores
    baseline: Scores

    @property
    def skill(self) -> float:
        """1 - loss / baseline loss on the test rows; comparable between different test rows.

        >>> Figures("mae", 100, "", {"mae": 4.5}, {"mae": 4.6}, {"mae": 5.0}).skill
        0.1
        """
        return skill(self.loss(self.ours), self.loss(self.baseline))

    def loss(self, scores: Scores) -> float:
        """The score on the blueprint's metric, turned so that less is better: 0.9 AUC is 0.1."""
        if self.metric not in scores:
            known = ", ".join(scores) or "nothing"
            raise ReleaseError(f"no {self.metric!r} among the figures of the test rows: {known}")
        score = scores[self.metric]
        return score if metric(self.metric).is_lower_better else 1.0 - score


@dataclass(frozen=True)
class FileRecord:
    """One file: its bytes' SHA-256, its size, and the digest of what it says.

    `content` enters the release's fingerprint. It leaves out times and costs, and is "" for a file
    that says nothing about the models (the report).
    """

    sha256: str
    bytes: int
    content: str


@dataclass(frozen=True)
class Origin:
    """What a release was made from, and how.

    `data_from` and `data_until` are ISO times of the first and last row, "" without a time;
    `parameters` are the values that the blueprint's parameters were set to.
    """

    dataset_uri: str
    dataset_fingerprint: str
    data_from: str
    data_until: str
    seed: int
    budget: Mapping[str, float | int | str]
    settings: Mapping[str, float | int | str]
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """Everything about a release but its content; written last, so its presence means complete."""

    blueprint: str
    release: str
    created: str
    fingerprint: str
    targets: tuple[str, ...]
    entities: int
    origin: Origin
    figures: Mapping[str, Figures]
    features: tuple[str, ...]
    features_digest: str
    versions: Mapping[str, str]
    python: str
    files: Mapping[str, FileRecord]


def metrics(figures: Mapping[str, Figures]) -> dict[str, dict[str, Scores]]:
    """Per target the scores of ours, the pooled model and the baseline on the test rows."""
    return {
        target: {"ours": each.ours, "pooled": each.pooled, "baseline": each.baseline}
        for target, each in figures.items()
    }


def headline(figures: Mapping[str, Figures]) -> list[dict[str, object]]:
    """Per target: the metric, ours beside the pooled model and the baseline, on test rows."""
    return [
        {
            "target": target,
            "metric": each.metric,
            "rows": each.rows,
            "ours": each.ours[each.metric],
            "pooled": each.pooled[each.metric],
            "baseline": each.baseline[each.metric],
            "skill": each.skill,
        }
        for target, each in figures.items()
    ]


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(origin: Origin, features: tuple[str, ...], files: Mapping[str, FileRecord]) -> str:
    """A digest of what a release says: same data, configuration and seed, same fingerprint."""
    content = {name: each.content for name, each in files.items() if each.content}
    text = json.dumps([origin.dataset_fingerprint, origin.seed, features, content], sort_keys=True)
    return digest(text.encode())


def finite(figures: Figures) -> Figures:
    """The figures without scores that are undefined (an AUC where all outcomes are the same)."""
    ours, pooled, baseline = (
        {name: float(score) for name, score in scores.items() if isfinite(score)}
        for scores in (figures.ours, figures.pooled, figures.baseline)
    )
    return replace(figures, ours=ours, pooled=pooled, baseline=baseline)


def manifest_to_json(manifest: Manifest) -> bytes:
    """The manifest as indented JSON."""
    from pydantic import TypeAdapter

    return TypeAdapter(Manifest).dump_json(manifest, indent=1)


def manifest_from_json(text: bytes, source: str) -> Manifest:
    """Read a manifest; ReleaseError naming the file and its first fault where it is none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Manifest).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ReleaseError(f"{source}: {where}: {first['msg']}; train again") from error


def figures_to_json(figures: Mapping[str, Figures]) -> str:
    """Figures by target as compact JSON."""
    from pydantic import TypeAdapter

    return TypeAdapter(dict[str, Figures]).dump_json(dict(figures)).decode()


def figures_from_json(text: str) -> dict[str, Figures]:
    """Figures by target, as `figures_to_json` wrote them."""
    from pydantic import TypeAdapter

    return TypeAdapter(dict[str, Figures]).validate_json(text)
