"""What tests call the variants of a blueprint."""

from tracer_ray.blueprint import Blueprint


def variant_name(blueprint: Blueprint) -> str:
    """The id, and what was set otherwise than by default."""
    defaults = {each.name: each.default for each in blueprint.parameters}
    chosen = [f"{name}={value}" for name, value in blueprint.settings if defaults[name] != value]
    return "-".join([blueprint.id, *chosen])
