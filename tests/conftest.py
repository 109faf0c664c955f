"""What several tests need: one small Ray for all of them, and the real data where there is any."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a slow machine is no failure
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def ray_session() -> Iterator[None]:
    """A local Ray with 2 CPUs and the proxy for serving, started once."""
    from tracer_ray.engine.proxy import proxy_environment
    from tracer_ray.engine.session import start_ray, stop_ray

    os.environ.update(proxy_environment())
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


@pytest.fixture(scope="session")
def promoted_home(ray_session: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with one small promoted release per kind of problem, on synthetic data."""
    from tests.small_releases import train_and_promote

    return train_and_promote(tmp_path_factory.mktemp("promoted"))
