"""Promote as a job: `python jobs/promote.py ...` is `tracer promote ... --json`."""

from tracer_ray.cli import run_job

if __name__ == "__main__":
    run_job("promote")
