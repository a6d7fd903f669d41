"""Brain maps: loops in plain Python, closed forms and bctpy are the oracle."""

import time

import bct
import numpy as np
import pytest

from fcmod_utils import brain_maps, wire_maps

SIDE = 7
SHEET = np.indices((SIDE, SIDE)).reshape(2, -1).T
LENGTHS = np.abs(SHEET[:, None] - SHEET[None]).sum(axis=2) / SIDE
MAPS = pytest.mark.parametrize("seed", range(5))


def scattered(seed, n_active=25, n_clusters=4, n_cells=SIDE * SIDE):
    rng = np.random.default_rng(seed)
    labels = np.full(n_cells, -1)
    labels[rng.choice(n_cells, n_active, replace=False)] = rng.integers(0, n_clusters, n_active)
    return labels


def quarters():
    """A sheet that is all active, one cluster in each quarter."""
    return (2 * (SHEET[:, 0] > 3) + (SHEET[:, 1] > 3)).astype(int)


# ------------------------------------------------------------------------------ clusters on a map


def lonely(labels):
    """Share of isolated cells of a sheet, cell by cell."""
    grid, alone = np.reshape(labels, (SIDE, SIDE)), []
    for i, j in zip(*np.nonzero(grid >= 0), strict=True):
        around = [
            grid[a, b]
            for a in range(max(i - 1, 0), min(i + 2, SIDE))
            for b in range(max(j - 1, 0), min(j + 2, SIDE))
            if (a, b) != (i, j)
        ]
        alone.append(grid[i, j] not in around)
    return np.mean(alone)


def lonely_in_line(labels):
    """Share of units of a line whose next active units are of other clusters."""
    row = [label for label in labels if label >= 0]
    return np.mean([one not in (*row[max(k - 1, 0) : k], *row[k + 1 : k + 2]) for k, one in enumerate(row)])


def radius(labels):
    """Root mean squared distance to the center, in sides, mean over clusters."""
    found = []
    for label in set(labels) - {-1}:
        members = SHEET[np.array(labels) == label] / SIDE
        center = members.mean(axis=0)
        found.append(np.sqrt(np.mean([((one - center) ** 2).sum() for one in members])))
    return np.mean(found)


def pooled_radius(labels):
    """Root mean squared distance of all active cells to the center of their own cluster, in sides."""
    labels, squares = np.array(labels), []
    for place, label in zip(SHEET / SIDE, labels, strict=True):
        if label >= 0:
            squares.append(((place - (SHEET / SIDE)[labels == label].mean(axis=0)) ** 2).sum())
    return np.sqrt(np.mean(squares))


def variance_of_ranks(labels):
    row = np.array([label for label in labels if label >= 0])
    return sum(np.var(np.flatnonzero(row == label)) for label in set(row))


@MAPS
def test_measures_are_what_loops_find(seed):
    labels = scattered(seed)
    assert brain_maps.isolated(labels, SHEET) == pytest.approx(lonely(labels))
    assert brain_maps.isolated(labels) == pytest.approx(lonely_in_line(labels))
    assert brain_maps.extent(labels, SHEET) == pytest.approx(radius(labels))
    assert brain_maps.rank_variance(labels) == pytest.approx(variance_of_ranks(labels))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("among", brain_maps.AMONG)
def test_shuffles_are_what_loops_find(seed, among):
    """Each shuffle measured by the loops: the two nulls have the same mean and spread."""
    labels, rng, n = scattered(seed), np.random.default_rng(seed), 500
    cells = np.flatnonzero(labels >= 0) if among == "active" else np.arange(len(labels))
    slow = {"isolated": [], "extent": [], "pooled": []}
    for _ in range(n):
        moved = labels.copy()
        moved[cells] = labels[rng.permutation(cells)]
        slow["isolated"].append(lonely(moved))
        slow["extent"].append(radius(moved))
        slow["pooled"].append(pooled_radius(moved))
    fast = brain_maps.shuffles(labels, SHEET, n, seed, among)
    for name, values in slow.items():
        assert fast[name].mean == pytest.approx(np.mean(values), abs=5 * np.std(values) / np.sqrt(n / 2))
        assert fast[name].sd == pytest.approx(np.std(values), rel=0.2)
    assert fast["isolated"].observed == brain_maps.isolated(labels, SHEET)
    assert fast["extent"].observed == brain_maps.extent(labels, SHEET)
    assert fast["pooled"].observed == pytest.approx(pooled_radius(labels))


@pytest.mark.parametrize(("n", "k", "level"), [(354, 8, 81_900), (131, 7, 9_550), (102, 8, 6_430)])
def test_rank_variance_of_shuffles_is_the_levels_of_the_published_figure(n, k, level):
    shuffled = brain_maps.shuffles(np.arange(n) % k, n=2000)["extent"]
    assert shuffled.mean == pytest.approx(level, rel=0.005)
    closed = n * (n + 1) / 12 * sum(1 - 1 / size for size in np.bincount(np.arange(n) % k))
    assert shuffled.mean == pytest.approx(closed, abs=5 * shuffled.sd / np.sqrt(2000))


def test_clusters_that_sit_together_are_found_and_names_do_not_matter():
    labels = quarters()
    for one in (labels, np.array([3, 0, 2, 1])[labels], labels * 7):
        for places in (SHEET, None):
            both = brain_maps.shuffles(one, places, 500)
            assert both["isolated"].z < -2 and both["extent"].z < -2
            assert both["isolated"].p_low == both["extent"].p_low == pytest.approx(1 / 501)
            assert not both["extent"].inside
    assert brain_maps.isolated(labels, SHEET) == brain_maps.isolated(3 - labels, SHEET) == 0
    assert brain_maps.extent(labels, SHEET) == pytest.approx(brain_maps.extent(3 - labels, SHEET))


@MAPS
def test_where_the_sheet_lies_does_not_matter(seed):
    labels = scattered(seed)
    for places in (SHEET + np.array([3, -8]), SHEET * [1, -1], SHEET[:, ::-1]):
        assert brain_maps.isolated(labels, places) == brain_maps.isolated(labels, SHEET)
        assert brain_maps.extent(labels, places) == pytest.approx(brain_maps.extent(labels, SHEET))
        moved, still = (brain_maps.gyration(labels >= 0, p, 50).observed for p in (places, SHEET))
        assert moved == pytest.approx(still)


def test_labels_that_are_random_already_are_like_their_shuffles():
    """Over many maps p is spread evenly and z has mean 0 and variance 1."""
    for places in (SHEET, None):
        many = [brain_maps.shuffles(scattered(seed), places, 200)["extent"] for seed in range(200)]
        z, p = (np.array([getattr(one, name) for one in many]) for name in ("z", "p_low"))
        assert abs(z.mean()) < 0.25 and 0.75 < z.std() < 1.25
        assert abs(p.mean() - 0.5) < 0.07 and 0.01 <= np.mean(p <= 0.05) <= 0.11
        assert 0.9 <= np.mean([one.inside for one in many]) <= 0.99


def test_one_cluster_has_no_z_and_one_unit_is_alone():
    whole = np.zeros(SIDE * SIDE, int)
    shuffled = brain_maps.shuffles(whole, SHEET, 20)
    assert np.isnan(shuffled["extent"].z) and shuffled["extent"].p_low == 1 and shuffled["extent"].inside
    one = np.where(np.arange(SIDE * SIDE) == 5, 0, -1)
    assert brain_maps.isolated(one, SHEET) == brain_maps.isolated(one) == 1
    assert brain_maps.extent(one, SHEET) == brain_maps.rank_variance(one) == 0


@pytest.mark.alone
def test_ten_thousand_shuffles_take_no_time():
    labels = np.full(400, -1)
    labels[np.random.default_rng(0).choice(400, 123, replace=False)] = np.arange(123) % 7
    places, start = np.indices((20, 20)).reshape(2, -1).T, time.process_time()
    brain_maps.shuffles(labels, places)
    assert time.process_time() - start < 2


def test_gyration_of_a_block_and_of_all():
    block = (np.abs(SHEET - 3) <= 1).all(axis=1)
    found = brain_maps.gyration(block, SHEET, 500)
    assert found.observed == pytest.approx(np.sqrt(4 / 3)) and found.observed < found.null.min()
    everywhere = brain_maps.gyration(np.ones(SIDE * SIDE), SHEET, 20)
    assert everywhere.observed == pytest.approx(np.sqrt(2 * (SIDE**2 - 1) / 12))
    np.testing.assert_allclose(everywhere.null, everywhere.observed)
    line = brain_maps.gyration([True, False, True, False], np.arange(4)[:, None], 20)
    assert line.observed == 1


@MAPS
def test_within_ratio_is_what_loops_find(seed):
    labels = scattered(seed)
    live = np.flatnonzero(labels >= 0)
    pairs = [(i, j, labels[i] == labels[j]) for i in live for j in live if i != j]
    within, between = (np.mean([LENGTHS[i, j] for i, j, same in pairs if same is np.bool(k)]) for k in (1, 0))
    assert brain_maps.within_ratio(labels, LENGTHS) == pytest.approx(within / between)
    assert np.isnan(brain_maps.within_ratio(np.zeros(len(labels), int), LENGTHS))


def test_within_ratio_is_infinite_where_nothing_joins_two_clusters():
    labels, apart = [0, 0, 1, 1], np.kron(np.eye(2), np.ones((2, 2)))
    assert brain_maps.within_ratio(labels, apart) == np.inf
    assert np.isnan(brain_maps.within_ratio(labels, np.zeros((4, 4))))


def test_what_cannot_be_measured_is_not_significant():
    null = np.array([1.0, 2, np.nan, 3])
    some = brain_maps.Shuffled(2.0, null)
    assert (some.p_low, some.p_high) == (3 / 4, 3 / 4)
    none = brain_maps.Shuffled(np.nan, null)
    assert np.isnan([none.p_low, none.p_high]).all() and not none.inside


# ------------------------------------------------------------------------------ wires on a map


def weights(seed, share=0.3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=LENGTHS.shape) * (rng.random(LENGTHS.shape) < share)


@MAPS
def test_weights_by_distance_are_what_loops_find(seed):
    w = weights(seed)
    curve = wire_maps.by_distance(w, LENGTHS, cut=0.1)
    assert len(curve.distance) == 2 * SIDE - 1 and curve.count.sum() == (np.abs(w) > 0.1).sum()
    for k, distance in enumerate(curve.distance):
        chosen = [abs(a) for a, d in zip(w.ravel(), LENGTHS.ravel(), strict=True) if abs(d - distance) < 1e-6]
        chosen = [a for a in chosen if a > 0.1]
        if chosen:
            assert curve.mean[k] == pytest.approx(np.mean(chosen)) == curve.at(distance + 0.01)
            assert curve.median[k] == pytest.approx(np.median(chosen))
        else:
            assert np.isnan(curve.mean[k])
    assert wire_maps.by_distance(w, LENGTHS, cut=-1).count.sum() == w.size


@MAPS
def test_shuffled_wires_are_those_of_a_network_whose_neurons_moved(seed):
    w, active = weights(seed), scattered(seed) >= 0
    peak = wire_maps.second_peak(w, LENGTHS, active, n=3, seed=seed)
    band = wire_maps.band_share(w, LENGTHS, active, n=3, seed=seed, width=0.2)
    rng, at = np.random.default_rng(seed), np.arange(len(w))
    for k in range(4):
        curve = wire_maps.by_distance(w, LENGTHS[np.ix_(at, at)])
        far = np.nanmax(curve.mean[(curve.distance >= 0.45) & (curve.distance <= 0.75)])
        near = np.nanmin(curve.mean[(curve.distance >= 0.2) & (curve.distance <= 0.4)])
        off = np.abs(w) * ~np.eye(len(w), dtype=bool)
        share = off[LENGTHS[np.ix_(at, at)] <= 0.2].sum() / off.sum()
        for found, expected in ((peak, far / near), (band, share)):
            assert (found.observed, *found.null)[k] == pytest.approx(expected)
        at[active] = rng.permutation(np.flatnonzero(active))


def test_a_band_and_a_peak_that_were_put_there_are_found():
    active, noise = np.ones(SIDE * SIDE), np.abs(weights(0, 1.0))
    banded = np.where(LENGTHS <= 0.15, 1.0, 0.01)
    band = wire_maps.band_share(banded, LENGTHS, active, n=200, width=0.15)
    assert band.observed > 4 * band.mean and band.p_high == pytest.approx(1 / 201)
    peaked = noise + 5 * (np.abs(LENGTHS - 4 / 7) < 0.01)
    found = wire_maps.second_peak(peaked, LENGTHS, active, n=200)
    assert found.observed > 2 * np.median(found.null)
    flat = wire_maps.second_peak(noise, LENGTHS, active, n=200)
    assert 0.7 < flat.observed / np.median(flat.null) < 1.4


def test_wiring_length_counts_steps_of_the_grid_between_all_pairs():
    """A full matrix of 400 units has 2.128 million steps, as the digest of the paper counts."""
    places = np.indices((20, 20)).reshape(2, -1).T
    assert brain_maps.wiring_length(np.ones((400, 400)), places) == 2_128_000
    w = np.zeros((3, 3))
    w[0, 1], w[1, 2], w[2, 2], w[2, 0] = -0.02, 0.01, 5, 0.3
    assert brain_maps.wiring_length(w, np.array([[0], [4], [9]])) == 4 + 9


@MAPS
def test_modularity_of_the_wiring_is_bctpys(seed):
    w, labels = weights(seed), scattered(seed)
    live = labels >= 0
    size = np.abs(w[np.ix_(live, live)])
    size = (size + size.T) / 2
    np.fill_diagonal(size, 0)
    found = wire_maps.wiring_modularity(w, labels, 200)
    _, q = bct.modularity_und(size, kci=labels[live] + 1)
    assert found.observed == pytest.approx(q, abs=1e-9)
    planted = w + 2 * (labels[:, None] == labels)
    assert wire_maps.wiring_modularity(planted, labels, 200).z > 5 and abs(found.z) < 4


# ------------------------------------------------------------------------------ bad input

NOBODY, FIVE = np.full(5, -1), np.array([0, 0, 1, 1, -1])
LINE = np.arange(5)[:, None]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: brain_maps.isolated(NOBODY), "none of an active unit"),
        (lambda: brain_maps.shuffles([], None), "none of an active unit"),
        (lambda: brain_maps.extent(FIVE, SHEET), "places have shape .*for 5 units"),
        (lambda: brain_maps.extent(FIVE, LINE), r"\(5, 2\)"),
        (lambda: brain_maps.extent(FIVE[:2], [[0, 0], [0, 0]]), "no two the same"),
        (lambda: brain_maps.isolated(FIVE[:2], [[0, 0], [0, 0.5]]), "whole steps"),
        (lambda: brain_maps.isolated(FIVE[:2], [[0, 0], [0, np.nan]]), "whole steps"),
        (lambda: brain_maps.shuffles(FIVE, n=0), "n is 0"),
        (lambda: brain_maps.shuffles(FIVE, among="brain"), "active, sheet"),
        (lambda: brain_maps.gyration(np.zeros(5), LINE), "none of an active unit"),
        (lambda: brain_maps.within_ratio(FIVE[:3], np.eye(5)), "3 labels for 5 units"),
        (lambda: brain_maps.wiring_length(np.eye(4), LINE), "for 4 units"),
        (lambda: wire_maps.by_distance(np.eye(4), np.eye(5)), "lengths have shape"),
        (lambda: wire_maps.second_peak(np.zeros((5, 5)), np.eye(5), FIVE >= 0), "no recurrent weight"),
        (lambda: wire_maps.band_share(np.eye(5), np.eye(5), NOBODY >= 0), "none of an active unit"),
        (lambda: wire_maps.band_share(np.eye(5), np.eye(5), np.ones(4)), "4 labels for 5 units"),
        (lambda: wire_maps.wiring_modularity(np.eye(5), NOBODY), "none of an active unit"),
        (lambda: wire_maps.wiring_modularity(np.full((5, 5), np.nan), FIVE), "finite"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
