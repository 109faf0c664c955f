"""Ingest as a job: `python jobs/ingest.py ...` is `tracer ingest ... --json`."""

from tracer_ray.cli import run_job

if __name__ == "__main__":
    run_job("ingest")
