"""Scale: one variable resizes the book."""

from dataclasses import astuple

import pytest

from fcmod_utils import scale, tasks


@pytest.mark.parametrize("name", ["quick", "book", "paper"])
def test_the_variable_names_the_scale(name, monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", name)
    assert scale.current() is scale.SCALES[name]
    assert scale.current().name == name


def test_the_book_is_the_default(monkeypatch):
    monkeypatch.delenv("FCMOD_SCALE", raising=False)
    monkeypatch.delenv("BINDER_SERVICE_HOST", raising=False)
    assert scale.current().name == "book"
    monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    assert scale.current().name == "quick"


@pytest.mark.parametrize("name", ["Quick", "huge", ""])
def test_other_names_are_refused_with_those_that_are_allowed(name, monkeypatch):
    monkeypatch.setenv("FCMOD_SCALE", name)
    with pytest.raises(ValueError, match=f"FCMOD_SCALE is '{name}'; allowed: quick, book, paper"):
        scale.current()


def test_scales_grow_and_all_sizes_can_be_used():
    quick, book, paper = (astuple(scale.SCALES[name])[1:] for name in ("quick", "book", "paper"))
    for small, middle, large in zip(quick, book, paper, strict=True):
        assert small <= middle <= large
        tasks.check_count(small, "size")


def test_the_book_trains_as_many_networks_and_steps_as_the_paper():
    book = scale.SCALES["book"]
    assert (book.networks, book.steps, book.permutations) == (100, 1000, 1000)
