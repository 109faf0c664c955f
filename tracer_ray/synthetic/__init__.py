"""Synthetic data with a known truth, for the demo, the documentation and the tests.

None of it describes a real player, customer or team. Every generator is a pure function of its
arguments: the same seed gives the same rows on every machine.
"""

from tracer_ray.synthetic.customers import customers
from tracer_ray.synthetic.daily_sales import daily_sales
from tracer_ray.synthetic.declared import declared
from tracer_ray.synthetic.demo_files import DemoFiles, write_demo
from tracer_ray.synthetic.draws import Synthetic
from tracer_ray.synthetic.matches import matches
from tracer_ray.synthetic.player_games import player_games
from tracer_ray.synthetic.pool_yields import pool_yields
from tracer_ray.synthetic.purchases import purchases
from tracer_ray.synthetic.weekly_prices import weekly_prices

__all__ = [
    "DemoFiles",
    "Synthetic",
    "customers",
    "daily_sales",
    "declared",
    "matches",
    "player_games",
    "pool_yields",
    "purchases",
    "weekly_prices",
    "write_demo",
]
