"""Generative wiring rules: graphs grown edge by edge, and how like a given graph they come out.

Each new edge joins two nodes with a probability proportional to ``distance ** eta * K ** gamma``, where
the rule says what ``K`` is. bctpy has these rules, too, but its draws are off by one edge (version 0.6.1);
here many parameter points grow side by side.
"""

from collections.abc import Sequence

import numpy as np

from .tasks import check_count

RULES = ("spatial", "neighbors", "matching", "clustering", "degree")
HOMOPHILY = ("neighbors", "matching")
EPSILON = 1e-6  # added to every K, so that 0 can be raised to a negative power


def strongest_graph(w_rec: np.ndarray, share: float = 0.05) -> np.ndarray:
    """Undirected graph of the strongest connections: an edge where either direction is among them.

    Parameters
    ----------
    w_rec : ndarray, shape (unit, unit)
        Absolute values count; self-connections do not.
    share : float
        Of the directed connections.

    Returns
    -------
    ndarray of bool, shape (unit, unit)

    Raises
    ------
    ValueError
        For a matrix that is not square and finite, a share outside (0, 1], or a share that asks for
        more connections than are not 0.
    """
    w = np.abs(np.array(w_rec, np.float64))
    if w.ndim != 2 or w.shape[0] != w.shape[1] or not np.isfinite(w).all():
        raise ValueError(f"matrix has shape {w.shape}; allowed: square, finite values only")
    if not 0 < share <= 1:
        raise ValueError(f"share is {share!r}; allowed: above 0, up to 1")
    np.fill_diagonal(w, 0)
    n = round(share * len(w) * (len(w) - 1))
    if n > np.count_nonzero(w):
        raise ValueError(
            f"{n} connections asked for, {np.count_nonzero(w)} are not 0; allowed: at most these"
        )
    graph = np.zeros(w.size, bool)
    graph[np.argsort(-w, axis=None, kind="stable")[:n]] = True
    graph = graph.reshape(w.shape)
    return graph | graph.T


def similarity(graphs: np.ndarray, rule: str) -> np.ndarray:
    """What a rule looks at, ``K``, for all pairs of nodes.

    Parameters
    ----------
    graphs : ndarray, shape (graph, node, node)
        Undirected, of zeros and ones.
    rule : {"spatial", "neighbors", "matching", "clustering", "degree"}
        1; number of common neighbors; their share of all neighbors of the two; mean clustering
        coefficient of the two; their mean degree.

    Returns
    -------
    ndarray, shape (graph, node, node)

    References
    ----------
    Betzel et al. (2016), NeuroImage 124, 1054-1064.
    """
    check_rule(rule)
    graph, node = (i.ravel() for i in np.indices(graphs.shape[:2]))
    a = graphs.astype(np.float32)
    return _rows(a, a @ a, rule, graph, node).reshape(a.shape)


def check_rule(rule: str) -> None:
    """Raise ValueError for a rule that does not exist."""
    if rule not in RULES:
        raise ValueError(f"unknown rule {rule!r}; allowed: {', '.join(RULES)}")


def _rows(a: np.ndarray, common: np.ndarray, rule: str, graph: np.ndarray, node: np.ndarray) -> np.ndarray:
    """K of some nodes with all others, shape (row, node); row i is that of node[i] in graph[i]."""
    shared = common[graph, node]
    if rule == "neighbors":
        return shared
    degree = a.sum(axis=2)
    if rule == "matching":
        others = degree[graph] + degree[graph, node][:, None] - 2 * a[graph, node]
        return np.divide(2 * shared, others, out=np.zeros_like(shared), where=others > 0)
    if rule == "spatial":
        return np.ones_like(shared)
    value = degree if rule == "degree" else _clustering(a, common, degree)
    return (value[graph] + value[graph, node][:, None]) / 2


def _clustering(a: np.ndarray, common: np.ndarray, degree: np.ndarray) -> np.ndarray:
    pairs = degree * (degree - 1)
    return np.divide((a * common).sum(axis=2), pairs, out=np.zeros_like(pairs), where=pairs > 0)


def grow(
    distance: np.ndarray, n_edges: int, rule: str, eta: Sequence[float], gamma: Sequence[float], seed: int = 0
) -> np.ndarray:
    """Graphs grown from nothing, one per parameter point.

    Parameters
    ----------
    distance : ndarray, shape (node, node)
        Above 0 between different nodes.
    n_edges : int
    rule : str
        One of ``RULES``.
    eta, gamma : sequence of float, shape (point,)
        Powers of distance and of ``K``.
    seed : int

    Returns
    -------
    ndarray of bool, shape (point, node, node)

    Raises
    ------
    ValueError
        For an unknown rule, powers that do not fit or are too large, distances that are not positive,
        or more edges than there are pairs.
    """
    eta, gamma, distance = (np.asarray(a, np.float32) for a in (eta, gamma, distance))
    _check_grow(distance, n_edges, rule, eta, gamma)
    n, points = len(distance), np.arange(len(eta))
    np.fill_diagonal(distance := distance.copy(), 1)
    a, common = np.zeros((2, len(eta), n, n), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        by_distance = distance ** eta[:, None, None] * ~np.eye(n, dtype=bool)
        chance = by_distance * (similarity(a, rule) + np.float32(EPSILON)) ** gamma[:, None, None]
    if not (np.isfinite(chance).all() and (chance.sum(axis=(1, 2)) > 0).all()):
        raise ValueError(
            "a power leaves nothing but 0 or infinity in single precision; allowed: smaller ones"
        )
    rng = np.random.default_rng(seed)
    for _ in range(n_edges):
        u = _draw(chance.sum(axis=2, dtype=np.float64), rng)
        v = _draw(chance[points, u], rng)
        changed = _connect(a, common, u, v, rule)
        rows = (_rows(a, common, rule, *changed) + np.float32(EPSILON)) ** gamma[changed[0], None]
        rows *= by_distance[changed] * (1 - a[changed])
        chance[changed] = rows
        chance.mT[changed] = rows
    return a.astype(bool)


def _check_grow(distance, n_edges, rule, eta, gamma) -> None:
    check_rule(rule)
    check_count(n_edges, "n_edges")
    if eta.ndim != 1 or eta.shape != gamma.shape or not np.isfinite([eta, gamma]).all():
        raise ValueError(f"eta has shape {eta.shape}, gamma {gamma.shape}; allowed: (point,) both, finite")
    n = len(distance)
    if distance.shape != (n, n) or not (distance[~np.eye(n, dtype=bool)] > 0).all():
        raise ValueError(f"distances have shape {distance.shape}; allowed: (n, n), above 0 between nodes")
    if n_edges > n * (n - 1) // 2:
        raise ValueError(
            f"{n_edges} edges; allowed: up to {n * (n - 1) // 2}, one for each pair of {n} nodes"
        )


def _draw(chance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One column per row, with probability proportional to the entries, which need not sum to 1."""
    total = chance.cumsum(axis=1, dtype=np.float64)
    drawn = (total <= rng.random(len(chance))[:, None] * total[:, -1:]).sum(axis=1)
    last = chance.shape[1] - 1 - (chance[:, ::-1] > 0).argmax(axis=1)  # should rounding lead past it
    return np.minimum(drawn, last)


def _connect(a, common, u, v, rule) -> tuple[np.ndarray, np.ndarray]:
    """Add edge (u, v) to each graph, in place; which nodes' K change by it, as (graph, node)."""
    points = np.arange(len(a))
    near_u, near_v = a[points, u], a[points, v]
    for one, near in (
        (u, near_v),
        (v, near_u),
    ):  # neighbors of v have u, and thus one more, in common with it
        common[points, one] += near
        common[points, :, one] += near
    common[points, u, u] += 1
    common[points, v, v] += 1
    a[points, u, v] = a[points, v, u] = 1
    changed = np.zeros(a.shape[:2], bool)
    changed[points, u] = changed[points, v] = True
    if rule == "clustering":
        changed |= (near_u * near_v) > 0
    return np.nonzero(changed)


def energy(graphs: np.ndarray, target: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """How unlike a target each graph is: the largest of the ``four_distances``, shape (graph,).

    References
    ----------
    Betzel et al. (2016); Achterberg et al. (2023), Fig. 3c.
    """
    return four_distances(graphs, target, distance).max(axis=1)


def four_distances(graphs: np.ndarray, target: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Kolmogorov-Smirnov distances of degree, clustering coefficient, betweenness and edge length.

    Parameters
    ----------
    graphs : ndarray of bool, shape (graph, node, node)
    target : ndarray of bool, shape (node, node)
    distance : ndarray, shape (node, node)

    Returns
    -------
    ndarray, shape (graph, 4)
        0 for equal distributions, 1 for distributions apart.
    """
    graphs, target = np.asarray(graphs, bool), np.asarray(target, bool)
    if graphs.ndim != 3 or graphs.shape[1:] != target.shape or target.shape != np.shape(distance):
        raise ValueError(
            f"graphs have shape {graphs.shape}, target {target.shape}; allowed: (graph, n, n), (n, n)"
        )
    upper = np.triu_indices(len(target), 1)
    length = np.asarray(distance)[upper]
    wanted = [one[0] for one in node_measures(target[None])] + [length[target[upper]]]
    measures = node_measures(graphs)
    found = np.empty((len(graphs), 4))
    for k, graph in enumerate(graphs):
        have = [*(one[k] for one in measures), length[graph[upper]]]
        found[k] = [ks_distance(x, y) for x, y in zip(have, wanted, strict=True)]
    return found


def node_measures(graphs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Degree, clustering coefficient and betweenness of every node, each (graph, node)."""
    a = np.asarray(graphs, np.float32)
    degree = a.sum(axis=2)
    return degree, _clustering(a, a @ a, degree), betweenness(a)


def betweenness(a: np.ndarray) -> np.ndarray:
    """Shortest paths that pass each node, over ordered pairs of others, for many graphs at once.

    Brandes' two passes, with all sources of all graphs side by side.

    Parameters
    ----------
    a : ndarray, shape (graph, node, node)
        Undirected, of zeros and ones.

    Returns
    -------
    ndarray, shape (graph, node)
    """
    a = np.asarray(a, np.float32)
    paths = np.broadcast_to(np.eye(a.shape[1], dtype=np.float32), a.shape).copy()  # [graph, source, node]
    levels, front = [paths > 0], paths
    while True:
        front = (front @ a) * (paths == 0)
        if not front.any():
            break
        paths += front
        levels.append(front > 0)
    share = np.zeros_like(paths)  # of the paths from a source that pass a node on their way on
    reached = np.maximum(paths, 1)
    for here, further in zip(levels[-2::-1], levels[:0:-1], strict=True):
        share += here * paths * ((further * (1 + share) / reached) @ a)
    return (share * ~np.eye(a.shape[1], dtype=bool)).sum(axis=1)


def ks_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Largest difference between two samples' cumulative distributions.

    Examples
    --------
    >>> ks_distance(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    0.25
    """
    x, y = np.sort(x), np.sort(y)
    at = np.concatenate([x, y])
    below = [np.searchsorted(one, at, side="right") / len(one) for one in (x, y)]
    return float(np.abs(below[0] - below[1]).max())
