"""Train as a job: `python jobs/train.py ...` is `tracer train ... --json`."""

from tracer_ray.cli import run_job

if __name__ == "__main__":
    run_job("train")
