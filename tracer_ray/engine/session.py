"""Starting or joining Ray, the same way for every job."""

import json
import logging
import os
import warnings

# what every worker is told unless the user says otherwise: one thread per model (default threads
# under load are many times slower), no per-trial log files, an interrupt that ends the run and not
# one experiment of it, and nothing sent to anybody
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}


def start_ray(address: str | None = None, cpus: int | None = None) -> None:
    """Join the cluster at `address` or RAY_ADDRESS, or start Ray here with `cpus` (all of them).

    Nothing happens where this process is connected already. Usage statistics are off unless the
    user set RAY_USAGE_STATS_ENABLED; a local Ray has no dashboard.
    """
    environment = {name: os.environ.get(name, value) for name, value in WORKER_ENVIRONMENT.items()}
    os.environ.update(environment)  # before Ray is imported: a local Ray hands it to its workers

    import ray

    if ray.is_initialized():
        return
    cluster = address or os.environ.get("RAY_ADDRESS")
    if cluster:
        ray.init(
            cluster,
            runtime_env={"env_vars": _not_given_by_job(environment)},
            logging_level=logging.WARNING,
            log_to_driver=True,
        )
    else:
        # Ray ends idle processes while an actor holds all CPUs, so that every stage of a run would
        # begin with imports: as many as there are CPUs are kept
        kept = cpus or len(os.sched_getaffinity(0))
        os.environ.setdefault("RAY_num_workers_soft_limit", str(kept))
        ray.init(
            "local",  # never a head that happens to run on this machine
            num_cpus=cpus,
            include_dashboard=False,
            logging_level=logging.ERROR,
            log_to_driver=False,
        )


def _not_given_by_job(environment: dict[str, str]) -> dict[str, str]:
    """The variables that a submitted job does not set itself; Ray refuses to be told one twice."""
    job = json.loads(os.environ.get("RAY_JOB_CONFIG_JSON_ENV_VAR", "{}"))
    given = job.get("runtime_env", {}).get("env_vars", {})
    return {name: value for name, value in environment.items() if name not in given}


def stop_ray() -> None:
    """Leave the cluster, and end it where this process started it."""
    import ray

    ray.shutdown()


def silence_ray_data() -> None:
    """No lines and bars of Ray Data: commands say themselves how far they are.

    Once more after a process made its first dataset, which sets up logging anew.
    """
    import ray

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    with warnings.catch_warnings():  # Ray warns of settings that it makes itself
        warnings.simplefilter("ignore", DeprecationWarning)
        ray.data.DataContext.get_current().enable_progress_bars = False
