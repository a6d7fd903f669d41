"""Statistics over areas: closed forms, scipy and plain loops are the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from fcmod_utils import brains, connectivity, modularity, modules, spatial_nulls, standin

seeds = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def cortex():
    return standin.made_up(30, {"TH": 20, "HY": 5}, seed=1)


@pytest.fixture(scope="module")
def similarity(cortex):
    return connectivity.connection_similarity(cortex.inputs["TH"])


@pytest.fixture(scope="module")
def labels(similarity):
    return modules.detect(similarity, 5)[0]


def edges_of(cortex):
    edges = np.quantile(brains.pairs(cortex.distance), np.linspace(0, 1, 6))
    edges[-1] *= 1.001
    return edges


def test_relation_is_pearson_over_pairs(cortex, similarity):
    pairs = np.triu_indices(30, 1)
    expected = pearsonr(similarity[pairs], cortex.fc[pairs]).statistic
    assert np.isclose(brains.relation(similarity, cortex.fc), expected)
    assert expected > 0.5  # as built: activity follows the inputs


def test_distance_alone_leaves_nothing(cortex):
    d = cortex.distance
    curve = 3 - d + 0.1 * d**2
    assert abs(brains.relation(curve, cortex.fc, d)) < 1e-6


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_what_is_left_knows_nothing_of_distance(seed):
    rng = np.random.default_rng(seed)
    d, x = rng.uniform(0.5, 9, 200), rng.normal(size=200)
    left = brains.without_distance(x, d)
    for known in (np.ones(200), d, d**2, np.exp(-d / np.median(d))):
        assert abs(left @ known) < 1e-6 * np.linalg.norm(known) * np.linalg.norm(x)
    np.testing.assert_allclose(brains.without_distance(np.stack([x, 2 * x], 1), d)[:, 1], 2 * left)


def test_bootstrap_redraws_areas(cortex, similarity):
    draws = brains.relation_draws([similarity, -similarity], cortex.fc, n_draws=60, seed=3)
    assert draws.shape == (2, 60)
    np.testing.assert_allclose(draws[0], -draws[1])  # the same draws for all
    rng, i, j = np.random.default_rng(3), *np.triu_indices(30, 1)
    areas = rng.integers(0, 30, 30)
    kept = [(areas[a], areas[b]) for a, b in zip(i, j, strict=True) if areas[a] != areas[b]]
    a, b = np.transpose(kept)
    assert np.isclose(draws[0, 0], pearsonr(similarity[a, b], cortex.fc[a, b]).statistic)
    by_pairs = pearsonr(brains.pairs(similarity), brains.pairs(cortex.fc)).confidence_interval()
    low, high = np.quantile(draws[0], [0.025, 0.975])
    assert high - low > by_pairs.high - by_pairs.low  # counting pairs is too sure


def test_bootstrap_with_distance_takes_it_out_of_each_draw(cortex, similarity):
    raw, out = (brains.relation_draws([similarity], cortex.fc, d, 40)[0] for d in (None, cortex.distance))
    assert out.mean() < raw.mean()
    assert np.isclose(out.mean(), brains.relation(similarity, cortex.fc, cortex.distance), atol=0.15)


def test_interval_holds_its_value():
    assert brains.interval(5.0, np.linspace(0, 1, 101)) == (5.0, 0.025, 5.0)


def test_jackknife_of_a_mean_is_its_standard_error():
    x = np.random.default_rng(0).normal(size=50)
    value, low, high = brains.jackknife(lambda areas: x[areas].mean(), 50)
    assert np.isclose(value, x.mean())
    assert np.isclose((high - low) / 2, 1.96 * x.std(ddof=1) / np.sqrt(50))


def test_induced_share_is_one_for_the_matrix_itself(cortex):
    assert np.isclose(brains.induced_share(cortex.fc, cortex.fc, 5), 1.0)


# ------------------------------------------------------------------------------ nulls


def test_induced_many_is_signed_modularity_of_each(cortex, labels):
    rng = np.random.default_rng(0)
    many = np.stack([rng.permutation(labels) for _ in range(5)])
    b = modularity.modularity_matrix(cortex.fc)
    expected = [modularity.signed_modularity(cortex.fc, one) for one in many]
    np.testing.assert_allclose(spatial_nulls.induced_many(b, many), expected)


def nulls(cortex, labels, n=12, seed=0):
    d = cortex.distance
    return {
        "surrogate": spatial_nulls.surrogate_labels(labels, d, n, seed),
        "reordered": spatial_nulls.reordered_labels(labels, spatial_nulls.leading_map(cortex.fc), d, n, seed),
        "patchy": spatial_nulls.patchy_labels(labels, d, edges_of(cortex), n, seed),
    }


def test_nulls_keep_sizes_and_depend_on_the_seed_alone(cortex, labels):
    for name, first in nulls(cortex, labels).items():
        assert first.shape == (12, 30), name
        assert (np.sort(first, axis=1) == np.sort(labels)).all(), name
        assert np.array_equal(first, nulls(cortex, labels)[name]), name
        assert not np.array_equal(first, nulls(cortex, labels, seed=9)[name]), name
        assert len(np.unique(first, axis=0)) > 4, name


def test_nulls_are_patchier_than_a_shuffle_and_one_exactly_as_patchy(cortex, labels):
    edges, d, rng = edges_of(cortex), cortex.distance, np.random.default_rng(0)
    real = spatial_nulls.together(labels[None], d, edges)[0]
    shuffled = np.stack([rng.permutation(labels) for _ in range(40)])
    near = {"shuffled": spatial_nulls.together(shuffled, d, edges)[:, 0].mean()}
    for name, many in nulls(cortex, labels, 40).items():
        near[name] = spatial_nulls.together(many, d, edges)[:, 0].mean()
    assert near["shuffled"] < near["surrogate"] < real[0]
    exact = spatial_nulls.together(nulls(cortex, labels, 40)["patchy"], d, edges)
    assert (((exact - real) ** 2).sum(axis=1) < 0.02).mean() > 0.9


def test_surrogate_maps_are_as_smooth_as_the_map(cortex):
    d, map_ = cortex.distance, cortex.coordinates[:, 0]

    def roughness(x):
        near = d < np.quantile(d[d > 0], 0.15)
        gaps = (x[:, None] - x) ** 2
        return gaps[near & (d > 0)].mean() / x.var()

    many = spatial_nulls.surrogate_maps(map_, d, 40)
    shuffled = [roughness(np.random.default_rng(k).permutation(map_)) for k in range(40)]
    smooth = np.median([roughness(one) for one in many])
    assert smooth < 0.7 * np.median(shuffled)
    assert spatial_nulls.surrogate_maps(map_, d, 1).shape == (1, 30)


def test_together_by_hand():
    d = np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0)))
    found = spatial_nulls.together(np.array([[0, 0, 1, 1]]), d, [0.5, 1.5, 2.5, 3.5, 4.5])
    np.testing.assert_allclose(found, [[2 / 3, 0, 0, np.nan]])


def test_tail_counts_the_real_value():
    assert spatial_nulls.tail(2.0, np.array([0.0, 1.0, 3.0])) == 0.5
    assert spatial_nulls.tail(np.nan, np.arange(3.0)) == spatial_nulls.tail(2.0, np.full(3, np.nan)) == 1.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: spatial_nulls.surrogate_maps(np.ones(4), np.ones((4, 4))),
            "constant; allowed: one",
        ),
        (lambda: spatial_nulls.surrogate_maps(np.arange(4), np.ones((3, 3))), r"shape \(4,\), distances"),
        (lambda: spatial_nulls.surrogate_labels([0, 1], np.ones((3, 3))), "2 labels for 3 units"),
        (lambda: spatial_nulls.patchy_labels([0, -1], np.ones((2, 2)), [0, 1]), "labeled silent"),
        (
            lambda: spatial_nulls.patchy_labels([0, 1], 1 - np.eye(2), [50, 60]),
            "no pair of areas lies between",
        ),
        (lambda: brains.relation_draws([np.eye(3)], np.eye(3), n_draws=0), "n_draws"),
        (
            lambda: brains.relation_draws([np.eye(4)], np.eye(3)),
            r"matrices have shapes .*; allowed: all \(3, 3",
        ),
    ],
)
def test_bad_input_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
