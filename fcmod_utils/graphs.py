"""Binary graphs of a network's strongest connections: clustering, paths and small-worldness."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .tasks import check_count

SHARE = 0.1  # of the connections
NULLS = 1000
AT_ONCE = 100  # random graphs at a time, for memory


def strongest(w: np.ndarray, share: float = SHARE, diagonal: bool = False) -> np.ndarray:
    """The strongest connections as a directed binary graph, shape (unit, unit); never those of weight 0."""
    w = np.abs(check_weights(w))
    if not 0 < share <= 1:
        raise ValueError(f"share is {share!r}; allowed: above 0, up to 1")
    if not diagonal:
        np.fill_diagonal(w, 0.0)
    n = len(w)
    count = round(share * (n * n if diagonal else n * (n - 1)))
    kept = np.argsort(-w, axis=None, kind="stable")[:count]
    graph = np.zeros(n * n)
    graph[kept] = w.ravel()[kept] > 0
    return graph.reshape(n, n)


def undirected(w: np.ndarray, share: float = SHARE) -> np.ndarray:
    """The strongest pairs as an undirected graph: a pair's weight is that of both directions together."""
    w = np.abs(check_weights(w))
    pairs = np.triu(w + w.T, 1)
    graph = strongest(pairs, share / 2)  # a pair is one of the n (n - 1) entries, its mirror another
    return graph + graph.T


def path_lengths(graphs: np.ndarray) -> np.ndarray:
    """Steps of the shortest path between all units, infinite where there is none.

    Parameters
    ----------
    graphs : ndarray, shape (..., unit, unit)
        Binary.
    """
    graphs = np.asarray(graphs, np.float32)
    length = np.where(graphs > 0, 1.0, np.inf)
    length[..., np.eye(graphs.shape[-1], dtype=bool)] = 0
    reached = (length < np.inf).astype(np.float32)
    for step in range(2, graphs.shape[-1]):
        further = np.minimum(reached @ graphs + reached, 1)
        new = further > reached
        if not new.any():
            break
        length[new], reached = step, further
    return length


def clustering(graphs: np.ndarray) -> np.ndarray:
    """Mean over units of the share of a unit's neighbors that are neighbors, shape (...); undirected."""
    graphs = np.asarray(graphs, np.float32)
    degree = graphs.sum(-1)
    triangles = np.einsum("...ij,...ij->...i", graphs @ graphs, graphs)
    return np.divide(triangles, degree * (degree - 1), out=np.zeros_like(degree), where=degree > 1).mean(-1)


@dataclass(frozen=True)
class SmallWorld:
    """Small-worldness of a graph and what it is made of.

    Attributes
    ----------
    sigma : float
        (clustering / that of random graphs) / (path_length / that of random graphs).
    clustering, path_length : float
        Path length is the mean over pairs that are connected.
    random_clustering, random_path_length : float
        Means over ``NULLS`` random graphs of as many units and edges.
    unreachable : float
        Share of pairs with no path between them.
    """

    sigma: float
    clustering: float
    path_length: float
    random_clustering: float
    random_path_length: float
    unreachable: float


def small_world(graph: np.ndarray, nulls: int = NULLS) -> SmallWorld:
    """Small-worldness with the true path length, against random graphs of the same size and density.

    Parameters
    ----------
    graph : ndarray, shape (unit, unit)
        Binary and undirected, without self-connections.
    nulls : int

    Raises
    ------
    ValueError
        For another kind of matrix, or one without edges.

    References
    ----------
    Humphries and Gurney (2008).
    """
    check_count(nulls, "nulls")
    graph = check_weights(graph)
    fits = np.isin(graph, (0, 1)).all() and (graph == graph.T).all() and not graph.diagonal().any()
    if not fits or not graph.any():
        raise ValueError("allowed: a symmetric matrix of 0 and 1 with a diagonal of 0 and at least one edge")
    c, length, unreachable = (float(part[0]) for part in _describe(graph[None]))
    c0, length0 = _random(len(graph), int(graph.sum()) // 2, nulls)
    sigma = (c / c0) / (length / length0) if c0 else np.nan  # so few edges that chance makes no triangle
    return SmallWorld(sigma, c, length, c0, length0, unreachable)


def _describe(graphs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clustering, mean path length of connected pairs and share of pairs that are not, of each graph."""
    length = path_lengths(graphs)
    n, finite = length.shape[-1], np.isfinite(length)
    connected = finite.sum((1, 2)) - n
    mean = np.where(finite, length, 0).sum((1, 2)) / np.maximum(connected, 1)
    return clustering(graphs), mean, 1 - connected / (n * (n - 1))


@cache
def _random(n: int, edges: int, nulls: int) -> tuple[float, float]:
    """Clustering and path length of random graphs, means: made once for each number of edges."""
    rng, upper = np.random.default_rng([n, edges, nulls]), np.triu_indices(n, 1)
    parts = []
    for start in range(0, nulls, AT_ONCE):
        graphs = np.zeros((min(AT_ONCE, nulls - start), n, n), np.float32)
        for graph in graphs:
            chosen = rng.choice(len(upper[0]), edges, replace=False)
            graph[upper[0][chosen], upper[1][chosen]] = 1
        parts.append(np.stack(_describe(graphs + graphs.swapaxes(1, 2))[:2]))
    c, length = np.concatenate(parts, axis=1).mean(1)
    return float(c), float(length)


def check_weights(w: np.ndarray) -> np.ndarray:
    """A copy as numbers; ValueError unless it is square and finite."""
    w = np.array(w, float)
    if w.ndim != 2 or w.shape[0] != w.shape[1] or not np.isfinite(w).all():
        raise ValueError(f"weights have shape {w.shape}; allowed: square, finite values only")
    return w
