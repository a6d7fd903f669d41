"""The thalamus map's data: where each area's thalamic input comes from, and r without each nucleus."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import brains
from ..brain_data import Cortex
from ..connectivity import connection_similarity

FORMAT, VERSION = "fc-thalamus-map", 1
START = {"without": "", "distance": False, "area": ""}


def thalamus_payload(cortex: Cortex, area: str = "VISp") -> dict[str, Any]:
    """Gather what the thalamus map needs, as a dict that is plain JSON.

    The source of the functional connectivity states no license, so none of it is handed on: of it
    the page gets the correlations with similarity only, one for each choice the reader has. Weights
    are handed on as shares of each area's thalamic input, which have the same cosines.

    Parameters
    ----------
    cortex : Cortex
        With inputs from the thalamus, "TH".
    area : str
        The area that is named at first, if the cortex has it; else its first.

    Returns
    -------
    dict
        ``format, version, source, start``; ``areas`` and ``nuclei`` (names); ``shares[area][nucleus]``
        of an area's thalamic input (four digits); ``places[area]`` in mm (one decimal); ``r`` with
        ``raw`` and ``distance`` (taken out), each with all nuclei and then without each in turn.

    Raises
    ------
    ValueError
        If there are fewer than two nuclei, or an area has input from one only.
    """
    w, nuclei = cortex.inputs.get("TH", np.empty((0, 0))), cortex.sources.get("TH", ())
    if len(nuclei) < 2:
        raise ValueError(f"the cortex has {len(nuclei)} thalamic nuclei; allowed: two or more")
    without = [similarity_without(w, k) for k in (None, *range(len(nuclei)))]
    r = {
        name: [round(brains.relation(one, cortex.fc, far), 4) for one in without]
        for name, far in (("raw", None), ("distance", cortex.distance))
    }
    shares = w / w.sum(axis=1, keepdims=True)
    return {
        "format": FORMAT,
        "version": VERSION,
        "source": cortex.source,
        "start": {**START, "area": area if area in cortex.names else cortex.names[0]},
        "areas": list(cortex.names),
        "nuclei": list(nuclei),
        "shares": [[float(f"{one:.4g}") for one in row] for row in shares],
        "places": np.round(cortex.coordinates, 1).tolist(),
        "r": r,
    }


def similarity_without(w: np.ndarray, nucleus: int | None = None) -> np.ndarray:
    """Connection similarity of areas, on request without one column of the weights.

    Parameters
    ----------
    w : ndarray, shape (area, nucleus)
    nucleus : int, optional

    Returns
    -------
    ndarray, shape (area, area)

    Raises
    ------
    ValueError
        If an area is left without input.

    Examples
    --------
    >>> w = np.array([[1.0, 0, 5], [1, 1, 0]])
    >>> similarity_without(w, 2).round(3)[0, 1]
    np.float64(0.707)
    """
    return connection_similarity(w if nucleus is None else np.delete(w, nucleus, axis=1))


def check_thalamus(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a thalamus map payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with thalamus_payload()")
    n_areas, n_nuclei = len(data["areas"]), len(data["nuclei"])
    expected = {"shares": (n_areas, n_nuclei), "places": (n_areas, 3), "r": (2, n_nuclei + 1)}
    given = data | {"r": [data["r"]["raw"], data["r"]["distance"]]}
    for name, shape in expected.items():
        numbers = np.array(given[name], np.float64)
        if numbers.shape != shape or not np.isfinite(numbers).all():
            raise ValueError(f"{name} has shape {numbers.shape}; allowed: {shape}, all numbers finite")
    if data["start"]["area"] not in data["areas"] or data["start"]["without"] not in ("", *data["nuclei"]):
        raise ValueError(f"start is {data['start']}; allowed: an area and a nucleus that the payload has")
    return data
