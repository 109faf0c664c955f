"""Functions as machine code."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function as machine code, kept on disk between processes; its type stays as it is."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))
