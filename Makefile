# Two commands do all the set-up: 'make check' (is HEAD slower than HEAD~1?) and 'make test'.
.DEFAULT_GOAL := help
.PHONY: help check test test-slow test-cluster lint format golden clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.installed

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "holdfast needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[bench]' --group dev
	@touch $@

check: $(READY) ## Measure HEAD~1 and HEAD with asv and judge the difference (under 10 minutes)
	$(BIN)/holdfast check HEAD~1 HEAD --budget 7m

test: $(READY) ## Run the tests (under 5 minutes)
	$(BIN)/pytest -n auto

test-slow: $(READY) ## Run the tests that take minutes each
	$(BIN)/pytest -m slow

test-cluster: $(READY) ## Run the sweeps' tests on local dask and ray clusters (installs both)
	$(BIN)/python -m pip install --quiet --group cluster
	$(BIN)/pytest tests/sweep

lint: $(READY) ## Style, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Let ruff rewrite what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

golden: $(READY) ## Ask Zipline for its answers again (needs python3.11, takes 3 minutes)
	python3.11 -m venv .venv-zipline
	.venv-zipline/bin/python -m pip install --quiet zipline-reloaded==3.2.1
	cd tests && ../$(BIN)/python -m golden.make_golden --zipline-python ../.venv-zipline/bin/python

clean: ## Remove what the commands above made (results stay)
	rm -rf .venv .venv-zipline .asv html build dist
