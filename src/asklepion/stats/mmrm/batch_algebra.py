"""Small dense algebra for loops over many trials, made machine code by Numba."""

import math
from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a loop at its first call and keep the machine code, where a folder for it can be written to."""
    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast(F, njit(nogil=True)(function))


@compiled
def factorise(matrix: Array, factor: Array, size: int) -> bool:
    """Put the lower Cholesky factor of the leading block into `factor`; False where it is not positive definite."""
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= factor[i, k] * factor[j, k]
            if i > j:
                factor[i, j] = total / factor[j, j]
            elif total > 1e-14 * abs(matrix[i, i]) and math.isfinite(total):
                factor[i, i] = math.sqrt(total)
            else:
                return False
        for j in range(i + 1, size):
            factor[i, j] = 0.0
    return True


@compiled
def invert(factor: Array, half: Array, inverse: Array, size: int) -> None:
    """Put the inverse of L L' into `inverse`, that of L into `half`."""
    for j in range(size):
        for i in range(j):
            half[i, j] = 0.0
        half[j, j] = 1 / factor[j, j]
        for i in range(j + 1, size):
            total = 0.0
            for k in range(j, i):
                total -= factor[i, k] * half[k, j]
            half[i, j] = total / factor[i, i]
    for i in range(size):
        for j in range(i + 1):
            total = 0.0
            for k in range(i, size):
                total += half[k, i] * half[k, j]
            inverse[i, j] = total
            inverse[j, i] = total


@compiled
def multiply(left: Array, right: Array, product: Array) -> None:
    """Put left times right into `product`."""
    for i in range(left.shape[0]):
        product[i, :] = 0.0
        for k in range(right.shape[0]):
            by = left[i, k]
            for j in range(right.shape[1]):
                product[i, j] += by * right[k, j]


@compiled
def inner_product(left: Array, right: Array) -> float:
    """Give the sum over cells of left times right."""
    total = 0.0
    for i in range(left.shape[0]):
        for j in range(left.shape[1]):
            total += left[i, j] * right[i, j]
    return total


@compiled
def even(root: Array) -> bool:
    """Tell whether no pivot of a factor is next to nothing beside the largest."""
    least, most = root[0, 0], root[0, 0]
    for k in range(len(root)):
        least, most = min(least, root[k, k]), max(most, root[k, k])
    return bool(least > 1e-7 * most)
