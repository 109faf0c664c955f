"""The whole way on synthetic data: ingest, features, fleet, release, report, promotion, HTTP.

`python -m tracer_ray.demo` needs no service and no data: the games are generated, seeded, and no
real player is in them.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path

from tracer_ray.archive import blueprint
from tracer_ray.ports import free_port
from tracer_ray.synthetic import write_demo

BLUEPRINT = "player_props"
TARGETS = ("points", "assists")


def main() -> int:
    """Run the demo; 0 when three real requests were answered."""
    home = os.environ.get("TRACER_HOME", os.path.join(".", "tracer_home"))
    files = write_demo(Path(home if "://" not in home else ".") / "demo_data", seed=0)
    say(f"synthetic games (seeded, no real player): {files.player_games}")
    release = _train(str(files.player_games), home)
    say(f"report:  {release}/report/index.html")
    say(f"release: {release}")
    answers = _ask(home)
    say("served three requests over HTTP and shut down cleanly")
    return 0 if len(answers) == len(REQUESTS) else 1


def say(text: str) -> None:
    """One line about what happens."""
    print(f"demo: {text}", flush=True)


def _train(data: str, home: str) -> str:
    """Train, register and promote; the release's URI."""
    from tracer_ray.engine.progress import show_progress
    from tracer_ray.engine.run_plan import TrainingRequest
    from tracer_ray.engine.session import start_ray, stop_ray
    from tracer_ray.engine.train import train
    from tracer_ray.registry.registry import Registry

    start_ray()
    request = TrainingRequest(blueprint(BLUEPRINT), (data,), home, TARGETS, budget="small")
    release = train(request, show_progress(is_plain=False))
    stop_ray()  # serving starts Ray with the settings of its proxy
    for target, figures in release.manifest.figures.items():
        name = figures.metric
        say(
            f"{target}: {name} {figures.ours[name]:.3f}, pooled {figures.pooled[name]:.3f}, "
            f"baseline {figures.baseline[name]:.3f} on {figures.rows} test rows"
        )
    registry = Registry(home)
    champion = registry.champion(BLUEPRINT)
    if champion is None:
        registry.promote(BLUEPRINT, release.name, reason="the demo's first release")
        say(f"promoted {release.name}: it beats the baseline")
    return release.uri


REQUESTS: tuple[dict[str, object], ...] = (
    {"player": "1001", "stat": "points", "line": 12.5, "over_odds": -110, "under_odds": -110},
    {"player": "1002", "stat": "assists", "line": 1.5, "is_home": True},
    {"player": "1003", "stat": "assists", "line": 2.5, "over_odds": 1.95, "under_odds": 1.87},
)


def _ask(home: str) -> list[dict[str, object]]:
    """Serve the champion, send three requests, print the answers, shut down."""
    from tracer_ray.engine.serve import ServeOptions, start, stop
    from tracer_ray.engine.session import stop_ray

    options = ServeOptions(home=home, blueprints=(BLUEPRINT,), port=free_port())
    start(options)
    try:
        return [_post(options.port, request) for request in REQUESTS]
    finally:
        stop()
        stop_ray()


def _post(port: int, request: dict[str, object]) -> dict[str, object]:
    url = f"http://127.0.0.1:{port}/predict/{BLUEPRINT}"
    body = json.dumps(request).encode()
    posted = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(posted, timeout=30) as reply:
        answer: dict[str, object] = json.load(reply)
    say(f"POST {url} {json.dumps(request)}")
    print(json.dumps(answer, indent=2), flush=True)
    return answer


if __name__ == "__main__":
    sys.exit(main())
