"""A package of somebody else's brings a blueprint, by its entry point alone."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installed import ROOT, environment, tracer

INSTALL = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages with the example in it."""
    source = tmp_path_factory.mktemp("source") / "example_package"
    shutil.copytree(ROOT / "docs" / "example_package", source)
    site = tmp_path_factory.mktemp("site")
    install = [sys.executable, *INSTALL, "--target", str(site), str(source)]
    subprocess.run(install, check=True, capture_output=True, text=True)
    return site


def printed(site: Path, *arguments: str) -> str:
    """What the command prints where the example is installed."""
    done = tracer(site, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_its_blueprint_stands_beside_those_of_the_archive(site: Path) -> None:
    listed = {each["id"] for each in json.loads(printed(site, "blueprints", "--json"))}
    assert {"machine_failure", "customer_churn"} <= listed


def test_its_blueprint_explains_itself_like_any_other(site: Path) -> None:
    said = json.loads(printed(site, "blueprint", "machine_failure", "--json"))
    assert said["who"] == "one machine"
    assert "vibration_rms" in next(
        each["found as"] for each in said["columns"] if each["column"] == "vibration"
    )


def test_its_rows_can_be_made_from_the_declaration(site: Path) -> None:
    script = (
        "from tracer_ray.archive import blueprint; from tracer_ray.synthetic import declared; "
        "print(declared(blueprint('machine_failure'), n=20).rows.num_rows)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=environment(site),
    )
    assert done.stdout.strip() == "20"
