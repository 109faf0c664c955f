"""What several tests need: one small Ray for all of them, and the real data where there is any."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def ray_session() -> Iterator[None]:
    """A local Ray with 2 CPUs, started once."""
    from tracer_ray.engine.session import start_ray, stop_ray

    start_ray(cpus=2)
    yield
    stop_ray()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; tests that need it are skipped where there is none."""
    default = Path(__file__).parents[1] / ".." / "shared"
    folder = Path(os.environ.get("TRACER_SHARED", default)).resolve() / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set TRACER_SHARED")
    return folder
