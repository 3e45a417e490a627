# make run: an agency and two partners, exchanging. make test: every test. make check: every static check.
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

.PHONY: run test check bench clean
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

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis

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
