"""A pooled model in its run's folder: with how it was searched and fitted, so that it is made once.

pooled/<target>/models.parquet   every ensemble's members in their native formats
pooled/<target>/model.json       the rest; written last
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tracer_ray import storage
from tracer_ray.blueprint import Answer
from tracer_ray.releases.tables import models_from_parquet, models_to_parquet
from tracer_ray.splits import Part
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import Blocks, Ensemble, LabelledRows
from tracer_ray.training.pooled_model import PooledModel, load, store
from tracer_ray.training.pooled_record import SearchedCandidate
from tracer_ray.training.search import candidate_from_json, candidate_to_json
from tracer_ray.training.stages import POOLED

_MODELS, _REST = "models.parquet", "model.json"


@dataclass(frozen=True)
class StoredPooled:
    """A pooled model, the candidates it was chosen from, and what it was fitted to.

    `seen` is a digest of the rows that its judged ensembles were fitted to, and of how.
    """

    model: PooledModel
    searched: tuple[SearchedCandidate, ...]
    seen: str


def write_pooled(plan: TrainingPlan, target: str, stored: StoredPooled) -> StoredPooled:
    """Keep a pooled model in the run's folder; gives it as it is read again."""
    ensembles = _ensembles(stored.model)
    models = [
        replace(each, owner=name)
        for name, ensemble in ensembles.items()
        for each in store(target, ensemble)
    ]
    blocks = stored.model.blocks
    rest = {
        "edges": blocks.edges,
        "is_by_time": blocks.is_by_time,
        "blocks": len(stored.model.by_block),
        "answer": str(stored.model.final.answer),
        "constant": stored.model.constant,
        "searched": [_to_json(each) for each in stored.searched],
        "seen": stored.seen,
    }
    folder = plan.part_folder(POOLED, target)
    storage.write_bytes(storage.join(folder, _MODELS), models_to_parquet(models))
    storage.write_bytes(storage.join(folder, _REST), json.dumps(rest).encode())
    return read_pooled(folder)


def has_pooled(folder: str) -> bool:
    """Whether a run's folder of a target has its pooled model."""
    return storage.exists(storage.join(folder, _REST))


def read_searched(folder: str) -> tuple[SearchedCandidate, ...]:
    """The candidates that the pooled model of a run was chosen from."""
    rest = json.loads(storage.read_bytes(storage.join(folder, _REST)))
    return tuple(_from_json(each) for each in rest["searched"])


def read_pooled(folder: str) -> StoredPooled:
    """The pooled model of a run; StorageMissingError where it was not kept."""
    rest = json.loads(storage.read_bytes(storage.join(folder, _REST)))
    models = models_from_parquet(storage.read_bytes(storage.join(folder, _MODELS)))
    answer = Answer(rest["answer"])
    found = {
        name: load(tuple(each for each in models if each.owner == name), answer)
        for name in {each.owner for each in models}
    }
    model = PooledModel(
        blocks=Blocks(tuple(rest["edges"]), rest["is_by_time"]),
        by_block=tuple(found.get(_block(number)) for number in range(rest["blocks"])),
        compared=found["compared"],
        judged=found["judged"],
        final=found["final"],
        constant=rest["constant"],
    )
    return StoredPooled(model, tuple(map(_from_json, rest["searched"])), rest["seen"])


def digest_of_seen(plan: TrainingPlan, target: str, rows: LabelledRows) -> str:
    """A digest of the training and validation rows, in their order, and of how they are fitted."""
    seen = rows.part(Part.TRAIN, Part.VALIDATION)
    said = [plan.seed, plan.software, asdict(plan.objective(target))]
    digest = hashlib.sha256(json.dumps(said).encode())
    for values in (rows.x, rows.y, rows.position, rows.parts):
        digest.update(np.ascontiguousarray(values[seen]).tobytes())
    return digest.hexdigest()


def _ensembles(model: PooledModel) -> dict[str, Ensemble]:
    blocks = {_block(number): each for number, each in enumerate(model.by_block) if each}
    return {**blocks, "compared": model.compared, "judged": model.judged, "final": model.final}


def _block(number: int) -> str:
    return f"block-{number}"


def _to_json(searched: SearchedCandidate) -> dict[str, object]:
    return {**vars(searched), "candidate": candidate_to_json(searched.candidate)}


def _from_json(said: dict[str, Any]) -> SearchedCandidate:
    return SearchedCandidate(**{**said, "candidate": candidate_from_json(said["candidate"])})
