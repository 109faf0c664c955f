"""The cluster files fit the Ray of the lock file, each other, and this project."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

ROOT = Path(__file__).parents[2]
CLUSTER = ROOT / "cluster"
KUBERAY = sorted((CLUSTER / "kuberay").glob("*.yaml"))
RUNTIME_ENV_KEYS = {"working_dir", "excludes", "env_vars"}

Document = dict[str, Any]


def load(path: Path) -> Document:
    """The one document of a YAML file."""
    document: Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def ray_cluster(document: Document) -> Document:
    """The cluster part of a RayCluster, RayJob or RayService."""
    where = {"RayCluster": "spec", "RayJob": "rayClusterSpec", "RayService": "rayClusterConfig"}
    spec: Document = document["spec"]
    key = where[document["kind"]]
    cluster: Document = spec if key == "spec" else spec[key]
    return cluster


def containers(cluster: Document) -> list[Document]:
    """The Ray container of the head and of each group of workers."""
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    return [group["template"]["spec"]["containers"][0] for group in groups]


@pytest.fixture(scope="module")
def ray_version() -> str:
    """The version of Ray in the lock file."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").split()
    return next(line for line in lines if line.startswith("ray==")).removeprefix("ray==")


def test_there_is_one_kuberay_file_per_kind() -> None:
    assert [load(path)["kind"] for path in KUBERAY] == ["RayCluster", "RayJob", "RayService"]


@pytest.mark.parametrize("path", KUBERAY, ids=lambda path: path.stem)
def test_kuberay_runs_the_locked_ray_and_demands_a_token(path: Path, ray_version: str) -> None:
    document = load(path)
    cluster = ray_cluster(document)
    assert document["apiVersion"] == "ray.io/v1"
    assert document["metadata"]["name"]
    assert cluster["rayVersion"] == ray_version
    assert cluster["authOptions"] == {"mode": "token"}


@pytest.mark.parametrize("path", KUBERAY, ids=lambda path: path.stem)
def test_every_pod_has_one_image_one_environment_and_fixed_resources(path: Path) -> None:
    pods = containers(ray_cluster(load(path)))
    assert len(pods) >= 2
    assert len({pod["image"] for pod in pods}) == 1
    for pod in pods:
        environment = {entry["name"]: entry["value"] for entry in pod["env"]}
        assert {"TRACER_HOME", "OMP_NUM_THREADS"} <= set(environment)
        assert environment["RAY_USAGE_STATS_ENABLED"] == "0"
        assert pod["resources"]["requests"] == pod["resources"]["limits"]


@pytest.mark.parametrize("path", KUBERAY, ids=lambda path: path.stem)
def test_workers_start_within_their_limits(path: Path) -> None:
    for group in ray_cluster(load(path))["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_the_image_has_the_locked_ray(ray_version: str) -> None:
    first = (CLUSTER / "kuberay" / "Dockerfile").read_text(encoding="utf-8")
    assert f"FROM rayproject/ray:{ray_version}-py311" in first


def test_the_ray_job_runs_a_job_that_exists() -> None:
    entrypoint = load(CLUSTER / "kuberay" / "ray_job.yaml")["spec"]["entrypoint"].split()
    assert entrypoint[0] == "python"
    assert (ROOT / Path(entrypoint[1]).relative_to("/home/ray/tracer")).is_file()


def test_the_ray_service_builds_an_app_that_exists() -> None:
    spec = load(CLUSTER / "kuberay" / "ray_service.yaml")["spec"]
    applications = yaml.safe_load(spec["serveConfigV2"])["applications"]
    assert applications
    for application in applications:
        module, _, builder = application["import_path"].partition(":")
        source = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
        names = {getattr(node, "name", "") for node in ast.parse(source).body}
        assert builder in names


def test_ray_accepts_the_ray_up_file() -> None:
    validate_config(prepare_config(load(CLUSTER / "ray_up_aws.yaml")))


def test_ray_up_starts_no_trial_on_the_head_and_keeps_the_token() -> None:
    config = load(CLUSTER / "ray_up_aws.yaml")
    head = config["available_node_types"][config["head_node_type"]]
    assert head["resources"] == {"CPU": 0}
    assert any(target.endswith(".ray/auth_token") for target in config["file_mounts"])
    assert any("RAY_AUTH_MODE=token" in command for command in config["setup_commands"])


def test_the_runtime_environment_takes_the_code_and_leaves_data_behind() -> None:
    runtime_env = load(CLUSTER / "runtime_env.yaml")
    assert set(runtime_env) == RUNTIME_ENV_KEYS
    assert all(isinstance(value, str) for value in runtime_env["env_vars"].values())
    assert {".venv/", "tracer_home/", "*.parquet"} <= set(runtime_env["excludes"])
