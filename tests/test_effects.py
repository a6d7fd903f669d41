"""Effects: scipy's t-test and simulated groups are the oracle."""

import numpy as np
import pytest
from scipy import stats

from fcmod_utils import effects


def test_cohens_d_and_its_interval():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 60), rng.normal(0, 1, 50)
    t = stats.ttest_ind(a, b).statistic
    assert effects.cohens_d(a, b) == pytest.approx(t * np.sqrt(1 / 60 + 1 / 50))
    value, low, high = effects.effect(a, b, n_resamples=2000)
    assert low < value < high
    assert (high - low) / 4 == pytest.approx(np.sqrt(1 / 60 + 1 / 50 + value**2 / 220), rel=0.25)
    with pytest.raises(ValueError, match="groups of 2 and 50 networks; allowed: three or more"):
        effects.effect(a[:2], b)
    with pytest.raises(ValueError, match="finite"):
        effects.effect(np.array([1, 2, np.nan]), b)
    with pytest.raises(ValueError, match="alike; allowed: one value per network, some different"):
        effects.effect(np.ones(5), np.full(5, 0.5))


def test_resampling_gives_the_interval_of_a_mean():
    values = np.random.default_rng(1).normal(0, 1, 400)
    value, low, high = effects.resampled(np.mean, values)
    assert value == values.mean()
    assert (high - low) / 4 == pytest.approx(0.05, rel=0.15)


def test_groups_are_resampled_each_on_its_own_and_rows_stay_together():
    rows = np.stack([np.arange(50.0), np.arange(50.0) + 3], axis=1)
    value, low, high = effects.resampled(lambda one: (one[:, 1] - one[:, 0]).mean(), rows)
    assert value == low == high == 3
    seen = []
    effects.resampled(lambda a, b: seen.append((a.mean(), b.mean())) or 0.0, rows, rows, n_resamples=300)
    assert abs(np.corrcoef(np.array(seen[1:]).T)[0, 1]) < 0.2


@pytest.mark.parametrize("middle", [0.2, 0.5, 0.8])
def test_half_way_is_where_half_of_the_networks_pass(middle):
    places = np.linspace(0, 1, 400)
    chance = 1 / (1 + np.exp(12 * (places - middle)))
    found = [effects.half_way(places, np.random.default_rng(s).random(400) < chance) for s in range(20)]
    assert np.mean(found) == pytest.approx(middle, abs=0.02)


def test_half_way_where_all_or_none_pass():
    places = np.linspace(0, 1, 11)
    assert effects.half_way(places, np.ones(11, bool)) == pytest.approx(1)
    assert effects.half_way(places, np.zeros(11, bool)) == pytest.approx(0)
