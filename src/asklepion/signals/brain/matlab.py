"""MATLAB's files: v5 by SciPy, v7.3 (which is HDF5) by h5py; a variable, or a cell of a cell array."""

from pathlib import Path
from typing import Any

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.brain.series import Series, listed, matrix

_NUMBERS = frozenset(("double", "single", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))))
_HDF5 = b"\x89HDF\r\n\x1a\n"


def read(file: Path, *, variable: str | None = None, cell: tuple[int, int] | None = None) -> Series:
    """Return a variable, or the cell at (row, column) from 1, as MATLAB shows it: its rows are rows.

    Raises BadInput for a variable or cell that is not there, or a file that is no .mat file or cut short.
    """
    found = _variable(file, variable)
    where = f"{file}, {found.name}"
    if not found.cells:
        if cell is not None:
            raise BadInput("It is no cell array.", where=where, remedy="Leave out --index.")
        return Series(matrix(found.values, where), words=(f"Variable {found.name}.",))
    rows, columns = found.shape
    if cell is None:
        what = f"It is a cell array of {rows} x {columns}, and no cell was named."
        raise BadInput(what, where=where, remedy="Give --index ROW,COLUMN, counted from 1; or --contrast for all.")
    row, column = cell
    if not (1 <= row <= rows and 1 <= column <= columns):
        what = f"There is no cell {row},{column} in {rows} x {columns}."
        raise BadInput(what, where=where, remedy="Count from 1: ROW,COLUMN.")
    values = matrix(found.cells[row - 1][column - 1], f"{where}{{{row},{column}}}")
    return Series(values, words=(f"Variable {found.name}, cell {row},{column} of {rows} x {columns}.",))


def all_cells(file: Path, variable: str | None) -> tuple[tuple[Series, ...], ...]:
    """Return every cell of a cell array, row by row. Raises BadInput for a variable that is none."""
    found = _variable(file, variable)
    where = f"{file}, {found.name}"
    if not found.cells:
        raise BadInput("It is no cell array.", where=where, remedy="Give the variable that holds people x conditions.")
    return tuple(
        tuple(
            Series(matrix(each, f"{where}{{{row},{column}}}"), words=(f"Variable {found.name}, cell {row},{column}.",))
            for column, each in enumerate(cells, 1)
        )
        for row, cells in enumerate(found.cells, 1)
    )


class _Variable:
    """A variable as MATLAB shows it: `values`, or `cells` row by row."""

    __slots__ = ("cells", "name", "shape", "values")

    def __init__(self, name: str, values: object, cells: list[list[object]]) -> None:
        self.name = name
        self.values = values
        self.cells = cells
        self.shape = (len(cells), len(cells[0]) if cells else 0)


def _variable(file: Path, variable: str | None) -> _Variable:
    if not file.is_file():
        raise BadInput("There is no such file.", where=str(file), remedy="Give a .mat file.")
    with file.open("rb") as opened:
        head = opened.read(520)
    # A v7.3 file is HDF5 behind a heading of 512 bytes, or at once if something else than MATLAB wrote it.
    return _seven(file, variable) if _HDF5 in (head[:8], head[512:520]) else _five(file, variable)


def _five(file: Path, variable: str | None) -> _Variable:
    from scipy.io import loadmat

    try:
        held: dict[str, Any] = loadmat(file)
    except Exception as error:  # SciPy raises whatever the broken bytes lead to
        what = f"It cannot be read as a .mat file; it may be cut short: {error}."
        raise BadInput(what, where=str(file), remedy="Copy or save it again.") from error
    name = _chosen([each for each in held if not each.startswith("__")], variable, file)
    values = held[name]
    if isinstance(values, np.ndarray) and values.dtype == object and values.ndim == 2:
        return _Variable(name, None, [list(row) for row in values])
    return _Variable(name, values, [])


def _seven(file: Path, variable: str | None) -> _Variable:
    try:
        import h5py
    except ImportError as error:
        raise BadInput("h5py is not installed.", where=str(file), remedy="Install `asklepion[research]`.") from error
    try:
        with h5py.File(file) as held:
            name = _chosen([each for each in held if not each.startswith("#")], variable, file)
            found = held[name]
            if not isinstance(found, h5py.Dataset):
                remedy = "Name a matrix or a cell array."
                raise BadInput(f"{name} is a structure.", where=str(file), remedy=remedy)
            if found.attrs.get("MATLAB_class") == b"cell":
                # HDF5 keeps MATLAB's columns as rows: the array of references is turned, and so is each cell.
                return _Variable(
                    name, None, [[_cell(held, each) for each in row] for row in np.atleast_2d(found[()].T)]
                )
            return _Variable(name, _turned(found), [])
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        what = f"It cannot be read as HDF5; it may be cut short: {error}."
        raise BadInput(what, where=str(file), remedy="Copy or save it again.") from error


def _cell(held: Any, reference: Any) -> object:
    """Return what a reference of a cell array leads to; words where it is no matrix of numbers."""
    return _turned(held[reference]) if reference else "an empty cell"


def _turned(found: Any) -> object:
    """Return a matrix as MATLAB shows it. Text and structures are words here, which no measure takes for numbers."""
    kind = found.attrs.get("MATLAB_class", b"").decode() or ("Dataset" if hasattr(found, "shape") else "structure")
    if found.attrs.get("MATLAB_empty"):
        return "an empty cell"
    if kind not in _NUMBERS and not (kind == "Dataset" and isinstance(found[()], np.ndarray)):
        return "a single value" if kind == "Dataset" else f"a {kind}"
    return found[()].T


def _chosen(names: list[str], variable: str | None, file: Path) -> str:
    if variable is None and len(names) == 1:
        return names[0]
    told = f"It holds {listed(names)}." if names else "It holds none."
    if variable is None:
        raise BadInput("It holds more than one variable, or none.", where=str(file), remedy=f"Give --variable. {told}")
    if variable not in names:
        raise BadInput(f"There is no variable {variable}.", where=str(file), remedy=told)
    return variable
