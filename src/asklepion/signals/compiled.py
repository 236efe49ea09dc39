"""Loops made machine code by Numba: compiled at the first call, kept on disk, never at import."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a loop over arrays at its first call, and keep the machine code beside the source.

    Where neither that folder nor the account's own can be written to, it is compiled anew in each process.
    """
    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast(F, njit(nogil=True)(function))
