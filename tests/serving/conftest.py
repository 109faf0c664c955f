"""A home and its champions for the tests of serving in one process."""

import shutil
from pathlib import Path

import pytest

from tracer_ray.serving.champions import Champions


@pytest.fixture(scope="session")
def champions(promoted_home: str) -> Champions:
    """The champions of the shared home, loaded once; nobody may change them."""
    champions = Champions(promoted_home)
    champions.load()
    return champions


@pytest.fixture
def home(promoted_home: str, tmp_path: Path) -> str:
    """A home of a test's own with one champion of each blueprint."""
    shutil.copytree(promoted_home, tmp_path / "home")
    return str(tmp_path / "home")
