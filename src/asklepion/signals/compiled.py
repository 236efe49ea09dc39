"""Loops made machine code by Numba: compiled at the first call, kept on disk, never at import."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a loop over arrays at its first call, and keep the machine code beside the source."""
    return cast(F, njit(cache=True, nogil=True)(function))
