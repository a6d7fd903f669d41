"""Brain data: what a cortex is made of here, and tables read and checked in one way."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Cortex:
    """Cortical areas of one hemisphere, how they go together, and what reaches them.

    Attributes
    ----------
    names : tuple of str, length area
    fc : ndarray, shape (area, area)
        Functional connectivity, diagonal empty.
    coordinates : ndarray, shape (area, 3)
        In mm where the source says so.
    inputs : dict of str to ndarray, shape (area, source)
        Weights that reach the areas, by division of the brain.
    sources : dict of str to tuple of str
        Names of the columns of ``inputs``.
    source : str
        Where the data come from, with licenses.
    """

    names: tuple[str, ...]
    fc: np.ndarray
    coordinates: np.ndarray
    inputs: dict[str, np.ndarray]
    sources: dict[str, tuple[str, ...]]
    source: str

    @property
    def distance(self) -> np.ndarray:
        """Straight-line distance between areas, shape (area, area)."""
        return np.linalg.norm(self.coordinates[:, None] - self.coordinates[None], axis=2)

    def subcortical(self, *without: str) -> np.ndarray:
        """Inputs from everywhere but the cortex and the divisions named, shape (area, source)."""
        if unknown := set(without) - set(self.inputs):
            raise ValueError(f"no division {sorted(unknown)}; allowed: {', '.join(self.inputs)}")
        kept = [w for name, w in self.inputs.items() if name not in ("Isocortex", *without)]
        if not kept:
            raise ValueError("no division is left; allowed: at least one besides the cortex")
        return np.concatenate(kept, axis=1)


# ------------------------------------------------------------------------------ reading and checking


def read_table(path: Path, delimiter: str | None) -> list[list[str]]:
    """Rows of a text table; ValueError, with file and line, unless all are equally long.

    Without a delimiter any white space parts the columns.
    """
    content = path.read_bytes()
    lines = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig").splitlines()
    split = csv.reader(lines, delimiter=delimiter) if delimiter else map(str.split, lines)
    placed = [(line, row) for line, row in enumerate(split, 1) if row]
    rows = [row for _, row in placed]
    for line, row in placed:
        if len(row) != len(rows[0]):
            raise ValueError(
                f"{path.name}, line {line}: {len(row)} columns; allowed: {len(rows[0])}, as above"
            )
    if not rows:
        raise ValueError(f"{path.name} is empty")
    return rows


def numbers(path: Path, rows: Sequence[Sequence[str]], line: int = 1, column: int = 1) -> np.ndarray:
    """Table of finite numbers; ValueError with file, line and column for any other entry.

    ``line`` and ``column`` say where the table begins in its file.
    """
    values = np.empty((len(rows), len(rows[0]) if rows else 0))
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            try:
                values[i, j] = float(entry)
            except ValueError:
                values[i, j] = np.nan
            if not np.isfinite(values[i, j]):
                place = f"line {line + i}, column {column + j}"
                raise ValueError(f"{path.name}, {place}: {entry!r}; allowed: finite numbers")
    return values


def check_fc(name: str, fc: np.ndarray, areas: Sequence) -> np.ndarray:
    """FC with an empty diagonal; ValueError, with file and areas, unless it is a correlation matrix."""
    fc, n = np.array(fc, np.float64), len(areas)
    if fc.shape != (n, n):
        raise ValueError(f"{name}: shape {fc.shape}; allowed: ({n}, {n}), one row and column per area")
    for wrong, what in (
        (~np.isfinite(fc), "not finite"),
        (np.abs(fc - fc.T) > 1e-6, "not symmetric"),
        (np.abs(fc) > 1 + 1e-6, "beyond 1"),
    ):
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            pair = f"{fc[i, j]} and {fc[j, i]}"
            raise ValueError(
                f"{name}, areas {areas[i]} (row {i + 1}) and {areas[j]} (row {j + 1}): {what}: {pair}"
            )
    fc = (fc + fc.T) / 2  # rounding, too
    np.fill_diagonal(fc, 0.0)
    return fc
