"""Model families: what can be fitted to a matrix, by name.

A family is one file: a frozen dataclass with a name, the ranges of its settings, `fit` and `load`.
Adding one means adding a line to `_modules`; the contract tests then cover it. Beside those that
learn there is the naive forecast, which is tried for what it already says.
"""

import importlib
from functools import cache

from tracer_ray.errors import BlueprintError
from tracer_ray.families.contract import Family, Matrix, Model, Range, Resources, Settings, Task

__all__ = [
    "FAMILIES",
    "NAIVE",
    "Family",
    "Matrix",
    "Model",
    "Range",
    "Resources",
    "Settings",
    "Task",
    "family",
]

_modules = {
    "elastic_net": "elastic_net",
    "random_forest": "random_forest",
    "xgboost": "boosted_xgboost",
    "lightgbm": "boosted_lightgbm",
}
FAMILIES = tuple(_modules)
NAIVE = "naive"


@cache
def family(name: str) -> Family:
    """The family of that name; BlueprintError naming the known ones otherwise.

    >>> family("elastic_net").name
    'elastic_net'
    """
    if name not in _modules and name != NAIVE:
        raise BlueprintError(f"no model family {name!r}; there are {', '.join(FAMILIES)}")
    module = importlib.import_module(f"{__name__}.{_modules.get(name, name)}")
    found: Family = module.FAMILY
    return found
