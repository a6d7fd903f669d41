"""Mouse cortex: inputs by tract tracing, functional connectivity by resting-state fMRI."""

import csv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from .brain_data import Cortex, check_fc, numbers, read_table
from .public_data import fetch, package_file

DIVISIONS = {  # of the Allen structure tree: acronym, name
    "TH": "thalamus", "CTXsp": "cortical subplate", "PAL": "pallidum", "HY": "hypothalamus", "P": "pons",
    "MY": "medulla", "MB": "midbrain", "HPF": "hippocampal formation", "STR": "striatum",
    "OLF": "olfactory areas", "CB": "cerebellum", "Isocortex": "cortex",
}  # fmt: skip
FILES = ("homogeneous-standard-model.csv", "FCM_MouseExperimental.csv", "MouseCortex_centres.txt")
VOXEL_MM = 0.025  # unit of the mouse coordinates
MOUSE_SOURCE = (
    "structure: Oh et al. (2014), refitted by Knox et al. (2018), Allen Institute (BSD-2, no commercial "
    "redistribution); functional connectivity: 100 mice, in a repository that states no license"
)


def mouse(folder: Path | None = None) -> Cortex:
    """Mouse cortex: 37 areas of one hemisphere, inputs by tract tracing, FC by resting-state fMRI.

    Parameters
    ----------
    folder : Path, optional
        Read the files named in ``FILES`` from here, whatever their checksum.

    Raises
    ------
    MissingData
        If a file is neither at hand nor to be had.
    ValueError
        For a wrong checksum, missing rows, areas out of order, FC that is not symmetric, or numbers
        that are not finite, with the file and the place.
    """
    paths = {name: folder / name if folder else fetch(name) for name in FILES}
    structure, fc_file, places = paths.values()
    ids, coordinates = read_places(places)
    fc = read_fc(fc_file, ids)
    sources, targets, weights = read_structure(structure)
    kept = [k for k, area in enumerate(ids) if area in sources]  # one area has no row in the structure
    into = weights[:, [targets.index(ids[k]) for k in kept]].T  # [area, source]
    tree = structure_tree()
    if unknown := sorted(set(sources) - set(tree)):
        raise ValueError(f"{structure.name}: structures {unknown} are not in the Allen structure tree")
    division = np.array([tree[one][1] for one in sources])
    rows = {name: np.flatnonzero(division == name) for name in DIVISIONS}
    return Cortex(
        names=tuple(tree[ids[k]][0] for k in kept),
        fc=fc[np.ix_(kept, kept)],
        coordinates=coordinates[kept],
        inputs={name: into[:, columns] for name, columns in rows.items()},
        sources={name: tuple(tree[sources[j]][0] for j in columns) for name, columns in rows.items()},
        source=MOUSE_SOURCE,
    )


def read_places(path: Path) -> tuple[list[int], np.ndarray]:
    """Structure ids of the mouse areas and their centers in mm, shape (area, 3).

    The ids must rise from line to line: that is the only thing that ties the FC's rows to areas.
    """
    rows = numbers(path, read_table(path, None))
    if rows.shape[1] != 4:
        raise ValueError(f"{path.name}: {rows.shape[1]} columns; allowed: 4, an id and three coordinates")
    ids = rows[:, 0].astype(int).tolist()
    for line, (before, after) in enumerate(pairwise(ids), 2):
        if after <= before:
            raise ValueError(f"{path.name}, line {line}: area {after} after {before}; allowed: rising ids")
    return ids, VOXEL_MM * rows[:, 1:]


def read_fc(path: Path, areas: Sequence) -> np.ndarray:
    """Functional connectivity, one row per area, diagonal empty, shape (area, area)."""
    return check_fc(path.name, numbers(path, read_table(path, "\t")), areas)


def read_structure(path: Path) -> tuple[list[int], list[int], np.ndarray]:
    """Source ids, ipsilateral target ids and weights, shape (source, target), at least 0."""
    table = read_table(path, ",")
    hemisphere, targets, rows = table[0], table[1 % len(table)], table[2:]
    ipsi = [j for j, side in enumerate(hemisphere) if side == "ipsi"]
    if not ipsi or not rows:
        raise ValueError(f"{path.name}: {len(rows)} sources, {len(ipsi)} ipsilateral targets; allowed: some")
    weights = numbers(path, [row[1:] for row in rows], line=3, column=2)[:, np.array(ipsi) - 1]
    sources = numbers(path, [row[:1] for row in rows], line=3)[:, 0].astype(int).tolist()
    kept = [int(numbers(path, [[targets[j]]], line=2, column=j + 1).item()) for j in ipsi]
    if (weights < 0).any():
        i, j = np.argwhere(weights < 0)[0]
        raise ValueError(
            f"{path.name}, line {i + 3}: {sources[i]} to {kept[j]} is negative; allowed: 0 or more"
        )
    if missing := sorted(set(sources) ^ set(kept)) or sorted({x for x in sources if sources.count(x) > 1}):
        raise ValueError(f"{path.name}: structures {missing} lack a row or a column, or have two")
    return sources, kept, weights


def structure_tree() -> dict[int, tuple[str, str]]:
    """Acronym and division of every structure of the Allen atlas, by id."""
    path = package_file("iblatlas", "allen_structure_tree.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = {int(row["id"]): row for row in csv.DictReader(file)}
    tree = {}
    for one, row in rows.items():
        line = [rows[int(part)]["acronym"] for part in row["structure_id_path"].split("/") if part]
        tree[one] = row["acronym"], next((part for part in line if part in DIVISIONS), "")
    return tree
