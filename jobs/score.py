"""Score as a job: `python jobs/score.py ...` is `tracer score ... --json`."""

from tracer_ray.cli import run_job

if __name__ == "__main__":
    run_job("score")
