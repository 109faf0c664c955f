"""Ingest and training of raw tables in the process of the test."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from tracer_ray.blueprint import Blueprint, Candidate, candidate
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.in_process import ingest_in_process
from tracer_ray.releases.release import Release
from tracer_ray.training.in_process import InProcessRun, train_in_process

QUICK: tuple[Candidate, ...] = (
    candidate("elastic_net", alpha=0.01, l1_ratio=0.1),
    candidate("lightgbm", num_leaves=7, depth=3, learning_rate=0.1, rounds=40),
)


def ingested(
    blueprint: Blueprint,
    table: pa.Table,
    home: Path,
    buckets: int = 2,
    beside: Mapping[str, pa.Table] | None = None,
) -> Dataset:
    """The dataset of a raw table, and of tables `beside` it that are joined."""
    return ingest_in_process(blueprint, {"raw": table, **(beside or {})}, str(home), buckets)


def released(blueprint: Blueprint, table: pa.Table, home: Path) -> Release:
    """A release of every target of a raw table, from two quick candidates."""
    run = InProcessRun(str(home), ingested(blueprint, table, home))
    return train_in_process(run.plan, QUICK)
