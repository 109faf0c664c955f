"""The plan of one training run: everything that every worker must know, and nothing big."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from tracer_ray import storage
from tracer_ray.blueprint import Answer, Blueprint, Role
from tracer_ray.data.dataset import Dataset
from tracer_ray.errors import TrainingError
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.horizon import Ahead, copies_per_row, seen_ahead
from tracer_ray.rows import IntArray, Rows, TextArray
from tracer_ray.splits import Cuts
from tracer_ray.training.objective import Objective, objective


@dataclass(frozen=True)
class Budget:
    """How much is searched: candidates of the pooled model, and of every entity.

    `most_candidates` bounds both together, and `most_minutes` the whole run; 0 is no bound.
    """

    pooled_candidates: int
    entity_candidates: int
    most_candidates: int = 0
    most_minutes: float = 0.0

    @property
    def pooled(self) -> int:
        """How many candidates the pooled model may have."""
        most = self.most_candidates
        return min(self.pooled_candidates, most) if most else self.pooled_candidates

    def per_entity(self, entities: int, targets: int) -> tuple[int, int]:
        """How many candidates each entity of a target gets, and how many entities get any.

        Fewer candidates for all come before none for some.

        >>> Budget(2, 4).per_entity(10, 1), Budget(2, 4, 22).per_entity(10, 1)
        ((4, 10), (2, 10))
        >>> Budget(2, 4, 8).per_entity(10, 1)
        (1, 6)
        """
        if not self.most_candidates:
            return self.entity_candidates, entities
        left = max(self.most_candidates // targets - self.pooled, 0)
        each = min(self.entity_candidates, max(left // max(entities, 1), 1))
        return each, min(entities, left // each)


LIBRARIES = ("lightgbm", "numba", "numpy", "optuna", "scikit-learn", "xgboost")
BUDGETS = {
    "small": Budget(pooled_candidates=2, entity_candidates=2),
    "standard": Budget(pooled_candidates=4, entity_candidates=4),
    "large": Budget(pooled_candidates=12, entity_candidates=12),
}


def budget(name: str) -> Budget:
    """The budget of that name; TrainingError naming the known ones otherwise."""
    if name not in BUDGETS:
        raise TrainingError(f"no budget {name!r}; choose one of {', '.join(BUDGETS)}")
    return BUDGETS[name]


@cache
def software() -> str:
    """A digest of this package's source and of the libraries' versions.

    Another one may give other models, so it does not take up the work of a run begun with this.
    """
    digest = hashlib.sha256(json.dumps([version(name) for name in LIBRARIES]).encode())
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Predecessor:
    """The release that a nightly run stands on, and the run that made it."""

    release: str
    run: str


@dataclass(frozen=True)
class TrainingPlan:
    """What a run trains on what, and how; its name is a digest of all of it.

    The pooled model learns from every `pooled_step`-th row of each owner.
    """

    home: str
    dataset_uri: str
    dataset_fingerprint: str
    blueprint: Blueprint
    targets: tuple[str, ...]
    cuts: Cuts
    budget: Budget
    seed: int
    software: str
    predecessor: Predecessor | None = None
    pooled_step: int = 1

    @cached_property
    def run(self) -> str:
        """The run's name: same data, blueprint, settings, seed and software, same name."""
        said = [
            self.dataset_fingerprint,
            self.blueprint.fingerprint,
            self.targets,
            asdict(self.cuts),
            asdict(self.budget),
            self.seed,
            self.software,
            self.dataset.buckets,  # the pooled model sees the rows bucket by bucket
            self.predecessor.run if self.predecessor else "",
            self.pooled_step,
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]

    @property
    def runs(self) -> str:
        """Where all runs of the blueprint are."""
        return storage.join(self.home, "runs", self.blueprint.id)

    @property
    def folder(self) -> str:
        """The run's folder."""
        return storage.join(self.runs, self.run)

    def part_folder(self, *names: str) -> str:
        """A folder inside the run's."""
        return storage.join(self.folder, *names)

    def predecessor_folder(self, *names: str) -> str:
        """A folder inside that of the run that this one stands on, "" where it stands on none."""
        return storage.join(self.runs, self.predecessor.run, *names) if self.predecessor else ""

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset, opened."""
        return Dataset.open(self.dataset_uri)

    def read_rows(self, bucket: int) -> Rows:
        """The rows of one bucket as models see them."""
        return self.as_seen(self.dataset.read_bucket(bucket))

    def as_seen(self, rows: Rows) -> Rows:
        """Rows as models see them: just before them, or from days ahead."""
        steps = self.blueprint.horizon_steps
        if not steps:
            return rows
        copies = copies_per_row(int(str(self.dataset.manifest["rows"])), steps)
        known = [each for each in self.blueprint.columns if each.role is Role.KNOWN]
        planned = tuple(each.name for each in known if not each.required)
        parts = self.cuts.assign(rows.times, rows.keys)
        return seen_ahead(rows, Ahead(steps, copies, planned, self.blueprint.period), parts)

    @property
    def data_from(self) -> str:
        """The time of the first row, "" where rows have none."""
        return str(self.dataset.manifest["first_time"]) if self.blueprint.time else ""

    @property
    def data_until(self) -> str:
        """The time of the last row, "" where rows have none."""
        return str(self.dataset.manifest["last_time"]) if self.blueprint.time else ""

    @cached_property
    def program(self) -> FeatureProgram:
        """The compiled features of all targets."""
        return compile_program(self.blueprint, self.targets)

    def feature_names(self, target: str) -> tuple[str, ...]:
        """The names of one target's features, in the order its models see them."""
        return self._feature_names[target]

    @cached_property
    def _feature_names(self) -> dict[str, tuple[str, ...]]:
        """Every entity's trial asks for them."""
        return {
            target: tuple(feature.name for feature in self.blueprint.features_for(target))
            for target in self.targets
        }

    def answer(self, target: str) -> Answer:
        """Whether a target is a number or a probability."""
        return self.blueprint.target(target).answer

    def positions(self, target: str) -> IntArray:
        """Where one target's features stand in the feature matrix, int64 [features]."""
        return self.program.positions(self.feature_names(target))

    def spread_positions(self, target: str) -> IntArray:
        """Where the features stand that a target's uncertainty grows with, int64 [features]."""
        return self.program.positions(self.blueprint.target(target).spread)

    def objective(self, target: str) -> Objective:
        """What a target's models are fitted to and judged by."""
        names = self.feature_names(target)
        everything = self.program.names
        coded = {everything[position] for position in self.program.categorical}
        positions = tuple(i for i, name in enumerate(names) if name in coded)
        return objective(self.blueprint, target, names, positions)

    def bucket_owners(self, bucket: int) -> list[str]:
        """The owners of one bucket, in the order of its row groups."""
        entities = self.dataset.entities
        inside = entities.filter(pc.equal(entities["bucket"], bucket)).sort_by("row_group")
        owners: list[str] = inside["owner"].to_pylist()
        return owners

    def owner_numbers(self, owners: TextArray) -> IntArray:
        """The position of each owner in the dataset's table of entities, int64 [owners]."""
        return np.searchsorted(self._owner_names, owners.astype(np.str_)).astype(np.int64)

    @cached_property
    def _owner_names(self) -> npt.NDArray[np.str_]:
        return np.array(self.dataset.entities["owner"].to_pylist(), dtype=np.str_)
