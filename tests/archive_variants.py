"""Every variant of every blueprint, as tests go through them."""

from dataclasses import replace

from tracer_ray.archive import variants
from tracer_ray.blueprint import Blueprint, SplitPlan


def variant_name(blueprint: Blueprint) -> str:
    """The id, and what was set otherwise than by default."""
    defaults = {each.name: each.default for each in blueprint.parameters}
    chosen = [f"{name}={value}" for name, value in blueprint.settings if defaults[name] != value]
    return "-".join([blueprint.id, *chosen])


def given_rows() -> list[Blueprint]:
    """The variants on rows that are there; those made of events as they are once they are made.

    Rows with a known truth are independent of each other: no gap has to part them.
    """
    return [
        replace(each, inactivity=None, events=(), split=SplitPlan()) if each.inactivity else each
        for each in variants()
    ]
