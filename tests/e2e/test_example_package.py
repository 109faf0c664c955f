"""A package of somebody else's brings a blueprint, by its entry point alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
COMMAND = "import sys; from tracer_ray.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages with the example in it."""
    source = tmp_path_factory.mktemp("source") / "example_package"
    shutil.copytree(ROOT / "docs" / "example_package", source)
    site = tmp_path_factory.mktemp("site")
    install = [sys.executable, *INSTALL, "--target", str(site), str(source)]
    subprocess.run(install, check=True, capture_output=True, text=True)
    return site


def tracer(site: Path, *arguments: str) -> str:
    """What the command prints where the example is installed."""
    path = os.pathsep.join([str(site), str(ROOT)])
    run = [sys.executable, "-c", COMMAND, *arguments]
    done = subprocess.run(
        run, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    return done.stdout


def test_its_blueprint_stands_beside_those_of_the_archive(site: Path) -> None:
    listed = {each["id"] for each in json.loads(tracer(site, "blueprints", "--json"))}
    assert {"machine_failure", "customer_churn"} <= listed


def test_its_blueprint_explains_itself_like_any_other(site: Path) -> None:
    said = json.loads(tracer(site, "blueprint", "machine_failure", "--json"))
    assert said["who"] == "one machine"
    assert "vibration_rms" in next(
        each["found as"] for each in said["columns"] if each["column"] == "vibration"
    )


def test_its_rows_can_be_made_from_the_declaration(site: Path) -> None:
    path = os.pathsep.join([str(site), str(ROOT)])
    script = (
        "from tracer_ray.archive import blueprint; from tracer_ray.synthetic import declared; "
        "print(declared(blueprint('machine_failure'), n=20).rows.num_rows)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stdout.strip() == "20"
