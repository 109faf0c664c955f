"""What a training run costs, before it runs: units of work times measured seconds of CPU.

Every stage is linear in its unit: rows, rows times candidates, or fits of entities. The rate of a
stage comes from the last run of the same blueprint in the same home, else from a sample of fits.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tracer_ray import storage
from tracer_ray.report.contents import StageCost
from tracer_ray.training.plan import Budget
from tracer_ray.training.pooled import (
    BLOCKS,
    FEW_ROWS,
    FIRST_BLOCK,
    LEAST_RUNG_ROWS,
    RUNG_SHARES,
)

STAGES = ("ingest", "features", "pooled", "cross-fit", "fleet", "judge", "release")
PER_RUN = ("ingest", "features", "release")  # the others are once per target
START_S = {"pooled": 2.0, "cross-fit": 0.3, "fleet": 2.5, "judge": 1.5}  # processes, imports
OTHER_RATES = {"ingest": 2e-5, "judge": 3e-5, "release": 2e-5}  # CPU seconds per row, measured
LEAST_S = 0.5
REFITS = 2  # of every entity's chosen candidate
PROCESS_BYTES = 350 << 20  # a worker with its libraries
RAY_BYTES = 1380 << 20  # the driver and Ray's own processes
KEPT = 3  # times what a fit holds: workers give nothing back between stages; measured, two runs
COLUMNS_OF_PREDICTIONS = 4  # the pooled one, and usually three baselines
RECORD_BYTES = 20_000  # of an entity: its model and predictions, in the run and in the release
RELEASE_BYTES = 30 << 20  # the report, and the pooled models of the run and of the release
COPIES = 3.0  # of the matrix while a pooled candidate is fitted: gathered, masked, binned
TRAINING_SHARE, _COMPARED = 0.6, 0.75  # of the rows in the usual split


@dataclass(frozen=True)
class Workload:
    """How much one run has to do; `trials` is per target."""

    rows: int
    features: int
    trials: int
    targets: int
    budget: Budget
    cpus: int
    pooled_step: int = 1

    @property
    def units(self) -> dict[str, float]:
        """The units of each stage, of one target where it is run per target."""
        rows = float(self.rows)
        pooled = rows / self.pooled_step
        return {
            **dict.fromkeys(("ingest", "features", "judge", "release"), rows),
            "pooled": pooled * sum(fits_in_full(self.budget.pooled, self.rows)),
            "cross-fit": pooled * rows_seen_by_ensembles(),
            "fleet": float(self.own[1] * (self.own[0] + REFITS)),
        }

    @property
    def candidates(self) -> int:
        """How many candidates are tried, of all targets."""
        each, entities = self.own
        return self.targets * (self.budget.pooled + each * entities)

    @property
    def own(self) -> tuple[int, int]:
        """How many candidates each entity of a target gets, and how many entities get any."""
        return self.budget.per_entity(self.trials, self.targets)


def fits_in_full(candidates: int, rows: int) -> tuple[float, ...]:
    """How many fits to all training rows the search of each of so many candidates is worth.

    Under successive halving a candidate gets to the next rung while it is among the best third of
    those so far: the first always, the second every other time. In few rows nobody is stopped.

    >>> fits_in_full(1, 1_000_000)
    (1.4444444444444444,)
    """
    least = LEAST_RUNG_ROWS / (TRAINING_SHARE * rows)
    small, middle, full = (min(max(share, least), 1.0) for share in RUNG_SHARES)
    if rows < FEW_ROWS:
        return (small + middle + full,) * candidates
    chances = [max(1.0 / number, 1.0 / 3.0) for number in range(1, candidates + 1)]
    return tuple(small + chance * (middle + max(chance, 0.5) * full) for chance in chances)


def rows_seen_by_ensembles() -> float:
    """How many times all rows are fitted to while an ensemble is cross-fitted."""
    shares = [FIRST_BLOCK + (1.0 - FIRST_BLOCK) * block / BLOCKS for block in range(BLOCKS)]
    return TRAINING_SHARE * sum(shares) + TRAINING_SHARE + _COMPARED + 1.0


def expected(workload: Workload, rates: Mapping[str, float]) -> tuple[StageCost, ...]:
    """The expected cost of every stage; `rates` are CPU seconds per unit."""
    return tuple(_expected(workload, stage, rates[stage]) for stage in STAGES)


def _expected(workload: Workload, stage: str, rate: float) -> StageCost:
    times = 1 if stage in PER_RUN else workload.targets
    cpu_seconds = rate * workload.units[stage]
    at_once = min(workload.cpus, max(workload.trials, 1)) if stage == "fleet" else workload.cpus
    seconds = max(LEAST_S, START_S.get(stage, 0.0) + cpu_seconds / at_once)
    if stage == "fleet" and not workload.trials:
        seconds = 0.0
    return StageCost(stage, seconds * times, cpu_seconds * times)


def seconds_before_conclusion(
    workload: Workload, rates: Mapping[str, float], seconds: float, targets: int
) -> float:
    """What each of the targets that are left may take of the seconds that are left, at least 0.

    Judging every target and writing the release comes after it.
    """
    release_s, judge_s = (
        _expected(replace(workload, targets=1), stage, rates[stage]).seconds
        for stage in ("release", "judge")
    )
    return max((seconds - release_s) / targets - judge_s, 0.0)


def rates_of(workload: Workload, costs: Iterable[StageCost]) -> dict[str, float]:
    """The rates that a run showed, of the stages that it had in full."""
    rates, known = {}, tuple(costs)
    for stage in STAGES:
        found = [each for each in known if each.stage.partition(":")[0] == stage]
        units = workload.units[stage] * len(found)
        seconds = sum(max(each.seconds - START_S.get(stage, 0.0), 0.0) for each in found)
        if units:
            rates[stage] = seconds * workload.cpus / units
    return rates


def memory_bytes(workload: Workload) -> int:
    """The most memory that all processes of the run have together, what they share in each."""
    trials = workload.cpus if workload.trials else 1  # beside the workers of the other stages
    processes = RAY_BYTES + (workload.cpus + trials) * PROCESS_BYTES
    fit = fit_bytes(workload.rows, workload.features) // workload.pooled_step
    return KEPT * fit + processes


def fit_bytes(rows: int, features: int) -> int:
    """What a fit of the pooled model to so many rows holds."""
    return int(rows * (features * 4 + 17) * COPIES)


def pooled_step(rows: int, features: int, memory_bytes: int) -> int:
    """One row in how many the pooled model learns from, so that a fit has memory enough.

    A power of two, so that a node with a little more or less memory takes the same rows; 1 where
    the memory is not known. The libraries take their part of it, at most half.

    >>> [pooled_step(rows, 30, 8 << 30) for rows in (10_000_000, 25_000_000, 100_000_000)]
    [1, 2, 8]
    """
    able = max(memory_bytes - PROCESS_BYTES, memory_bytes // 2)
    step = 1
    while able and fit_bytes(rows, features) > step * able:
        step *= 2
    return step


def disk_bytes(workload: Workload) -> int:
    """What a run writes at most beside its dataset: features, predictions, records, the release."""
    predictions = workload.targets * COLUMNS_OF_PREDICTIONS * 8
    rows = workload.rows * (workload.features * 4 + 17 + predictions)
    records = workload.targets * workload.trials * RECORD_BYTES
    return int(rows + records + RELEASE_BYTES)


def write_rates(home: str, blueprint: str, rates: Mapping[str, float]) -> None:
    """Keep what a run has shown for the next plan."""
    kept = read_rates(home, blueprint) | dict(rates)
    storage.write_bytes(_uri(home, blueprint), json.dumps(kept, indent=1).encode())


def read_rates(home: str, blueprint: str) -> dict[str, float]:
    """What runs of the blueprint have shown in this home; nothing where there was none."""
    uri = _uri(home, blueprint)
    return dict(json.loads(storage.read_bytes(uri))) if storage.exists(uri) else {}


def _uri(home: str, blueprint: str) -> str:
    return storage.join(home, "rates", f"{blueprint}.json")
