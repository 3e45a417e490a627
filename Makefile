# make run: an agency and two partners, exchanging. make test: every test. make check: every static check.
# make prove: 100,000 operations against the independent model. make mutate: every mutant of the rules, killed or explained.
# make faults: 200 kills, 100 power cuts, a full disk, 100 hostile partners among 400; as root, or the disks are left out, which it says.
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

.PHONY: run test check prove mutate faults bench clean
.DEFAULT_GOAL := run

run: $(VENV)/.ready
	@$(BIN)/syndication demo

test: $(VENV)/.ready-dev
	@sh tests/chromium.sh
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

OPERATIONS ?= 100000
SEED ?= 1
prove: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -rP --log-level=WARNING --operations $(OPERATIONS) --seed $(SEED) \
		-k whatever_is_done tests/publish/test_acts_against_the_model.py

KILLS ?= 200
CUTS ?= 100
PARTNERS ?= 400
faults: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -rPs --log-level=WARNING -m faults -o timeout=3600 --kills $(KILLS) --cuts $(CUTS) --partners $(PARTNERS) tests/ingest

mutate: $(VENV)/.ready-mutate
	$(BIN)/python -m tests.mutants $(MODULES)

clean:
	rm -rf $(VENV) var mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	python3 -m venv $(VENV)
	@test -n "$(UV)" || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# uv installs the pinned set in seconds; pip, which README names, does the same in a minute.
INSTALL = $(or $(UV),$(BIN)/uv) pip install --quiet --python $(BIN)/python

$(VENV)/.ready: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements/runtime.txt
	$(INSTALL) --no-deps -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements/dev.txt
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.ready-mutate: $(VENV)/.ready-dev requirements/mutate.txt
	$(INSTALL) --require-hashes -r requirements/mutate.txt
	@touch $@
