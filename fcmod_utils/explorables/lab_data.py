"""The Lab's data: one of the book's networks to begin with, and what all of them score, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import claims, scale
from ..exchange import pack_network, unpack_network
from ..networks import Ensemble
from ..processes import map_local
from ..tasks import Trials
from ..training import Trained
from .lab_scores import CLAIMS, network_scores

FORMAT, VERSION = "fc-lab", 1
LOSS_STEPS = 10  # training steps behind each number of the loss curve
WORDS = {
    "F1e,g": "An input module follows each stimulus (weaker |r|)",
    "F1f,h": "Two modules follow the evidence (weaker |r|)",
    "F1b-d": "Two modules follow their outputs (weaker |r|)",
    "F1j": "Cutting module 1 spares stimulus 2 only (gap in accuracy)",
    "F1k": "Cutting module 2 spares stimulus 1 only (gap in accuracy)",
    "O3c": "Input weights’ modules partition FC (share of best q)",
    "O3d": "They do so beyond chance (p)",
    "O3e": "Similarity of input weights and FC (r)",
    "DS11c,d,f": "Lesion similarity and FC (r)",
    "DS11d,e": "FC modules are modules of lesion similarity (p)",
    "FS1b": "Number of modules",
    "FS1c": "A module’s activity depends on the cue (SDs)",
    "FS1d": "Two modules follow the output (weaker |r|)",
    "FS1e-g": "Cutting one module abolishes go only (gap in accuracy)",
    "D5f": "Lesion similarity and FC (r)",
    "D5d,e": "FC modules are modules of lesion similarity (p)",
}
TESTS = ("O3d", "DS11d,e", "D5d,e")  # claims of p-values: the ledger counts networks, one network has a p


def ensemble_scores(task: str, ensemble: Ensemble, trials: Trials, runs: int = 5) -> list[dict[str, float]]:
    """``network_scores`` of each network, spread over local processes."""
    networks = [ensemble[k] for k in range(len(ensemble))]
    return map_local(_score, networks, task=task, trials=trials, runs=runs)


def _score(network: Ensemble, task: str, trials: Trials, runs: int) -> dict[str, float]:
    return network_scores(task, network, trials, runs)


def lab_payload(
    trained: Trained,
    shown: int,
    scores: Mapping[str, Sequence[Mapping[str, float]]],
    start: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Gather what the Lab needs, as a dict that is plain JSON.

    Parameters
    ----------
    trained : Trained
        Of perceptual decision-making, as in the Function chapter.
    shown : int
        Which of its networks the Lab takes apart first.
    scores : dict of str to sequence of dict
        For each task, what ``ensemble_scores`` returned.
    start : dict, optional
        Parts of the first view: ``{"group": "r-0", "lesion": "output", "push": 0}``, where a group
        is a module of the recurrent layer (r), of the input projections (i) or a unit (u).

    Returns
    -------
    dict
        ``format, version, scale``; ``network`` (a network file, see ``exchange``), ``about`` (in
        words), ``loss`` (its loss, mean of every ten steps); ``book``: for each task ``{n, claims}``,
        a claim being ``{id, words, rule, values, low, high}``; ``start``.

    Raises
    ------
    ValueError
        For scores of an unknown task or none, or a start that the page cannot show.
    """
    seed = trained.seeds[shown]
    network = pack_network(trained.ensemble[shown], trained.recipe, seed, f"the book's, seed {seed}")
    loss = np.nan_to_num(trained.loss[shown]).astype(float)
    loss = loss[: len(loss) // LOSS_STEPS * LOSS_STEPS].reshape(-1, LOSS_STEPS).mean(1)
    if network["setup"] is None:
        raise ValueError("the Lab cannot train by this recipe; allowed: only what exchange.SETUP names")
    setup = {**network["setup"], "coherences": [0, 6.4, 12.8, 25.6, 51.2], "seed": 0}
    setup["steps"] = 1000  # the paper's; the scale's own may be fewer
    first = {
        "setup": setup,
        "inputs": "fresh",
        "group": "r-0",
        "lesion": "output",
        "push": 0,
        **(start or {}),
    }
    return dict(
        check_lab(
            {
                "format": FORMAT,
                "version": VERSION,
                "scale": scale.current().name,
                "network": network,
                "about": f"{trained.recipe.units} {trained.recipe.nonlinearity}, seed {seed}",
                "loss": loss.round(4).tolist(),
                "book": {task: _distributions(task, given) for task, given in scores.items()},
                "start": first,
            }
        )
    )


def check_lab(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a Lab payload unchanged, or say what is wrong with it."""
    if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
        raise ValueError(f"not a {FORMAT} payload of version {VERSION}: make one with lab_payload(...)")
    unpack_network(data["network"])
    if data["network"]["task"] not in data["book"]:
        raise ValueError(f"scores of {sorted(data['book'])}; allowed: with {data['network']['task']}")
    start = data["start"]
    kind, _, index = str(start["group"]).partition("-")
    if kind not in ("r", "i", "u") or not index.isdigit():
        raise ValueError(f"start's group is {start['group']!r}; allowed: r-0, i-0, u-0 and so on")
    if start["lesion"] not in ("none", "output", "input", "neurons") or start["push"] not in (0, 1, 2):
        raise ValueError(
            f"start's lesion is {start['lesion']!r} and push {start['push']!r}; "
            "allowed: none, output, input or neurons, and 0, 1 or 2"
        )
    return data


def _distributions(task: str, scores: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    if task not in CLAIMS or not scores:
        raise ValueError(f"{len(scores)} scores of {task!r}; allowed: one or more of {', '.join(CLAIMS)}")
    ledger, found = claims.load(), []
    for name in CLAIMS[task]:
        values = [round(one[name], 5) for one in scores if name in one]
        if not values:
            continue
        rule = "< 0.05" if name in TESTS else ledger[name]["reproduced"]
        ends = {"low": min(0, *values), "high": max(1, *values)}
        found.append({"id": name, "words": WORDS[name], "rule": rule, "values": values, **ends})
    return {"n": len(scores), "claims": found}
