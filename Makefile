# Two commands do all the set-up: 'make check' (is HEAD slower than HEAD~1?) and 'make test'.
.DEFAULT_GOAL := help
.PHONY: help venv check test test-slow faults fuzz test-cluster scale coverage dist test-wheel test-bare lint format golden differential differential-pipelines docs pictures dashboard chromium workflows five-minutes prove-bisect release-check clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.installed

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "holdfast needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[asv,backtest]' --group dev
	@touch $@

venv: $(READY) ## Make .venv, which the other commands do when it is missing

check: $(READY) ## Measure HEAD~1 and HEAD with asv and judge the difference (under 10 minutes)
	$(BIN)/holdfast check HEAD~1 HEAD --budget 7m

test: $(READY) ## Run the tests (under 5 minutes)
	$(BIN)/pytest -n auto --dist worksteal

test-slow: $(READY) ## Run the tests that take minutes each
	$(BIN)/pytest -m 'slow and not regression'

faults: $(READY) ## Damage, kill, re-ingest and fill disks: does any of it give a wrong answer?
	$(BIN)/pytest -q -m 'slow or not slow' tests/data/test_damage.py tests/data/test_ingest.py \
		tests/sweep/test_faults.py tests/sweep/test_identity.py tests/sweep/test_limits.py \
		tests/sweep/test_versions.py tests/layers tests/test_system_errors.py

fuzz: $(READY) ## Give every reader of the gate 100,000 mutated inputs (SEED=2 for others)
	PYTHONPATH=tests $(BIN)/python -m fuzz --inputs $(or $(INPUTS),100000) --seed $(or $(SEED),1)

test-cluster: $(READY) ## Run the sweeps' tests on local dask and ray clusters (installs both)
	$(BIN)/python -m pip install --quiet --group cluster
	$(BIN)/pytest tests/sweep

scale: $(READY) ## Measure sweeps on joblib, dask and ray with 2, 4 and 8 local workers (installs both)
	$(BIN)/python -m pip install --quiet --group cluster
	$(BIN)/python -m tools.measure_cluster

coverage: $(READY) ## Run the tests, and write which lines they reach to html/coverage/
	$(BIN)/pytest -n auto --cov --cov-report=term:skip-covered --cov-report=html:html/coverage

dist: $(READY) ## Build the wheel and the source distribution into dist/, and check both
	rm -rf build dist
	$(BIN)/python -m build --quiet
	$(BIN)/twine check --strict dist/*

test-wheel: dist ## Run the tests against the built wheel, in an environment of its own
	rm -rf .venv-wheel
	$(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	.venv-wheel/bin/python -m pip install --quiet "$$(echo dist/*.whl)[asv,backtest]" --group test
	.venv-wheel/bin/python -c 'import holdfast as h; assert "site-packages" in h.__file__, h.__file__'
	.venv-wheel/bin/pytest -n auto

test-bare: dist ## Run the gate's tests with the base dependencies alone, and then with asv
	rm -rf .venv-bare
	$(PYTHON) -m venv .venv-bare
	.venv-bare/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	.venv-bare/bin/python -m pip install --quiet dist/*.whl --group test-gate
	.venv-bare/bin/pytest -n auto tests/gate tests/test_package.py
	.venv-bare/bin/python -m pip install --quiet "$$(echo dist/*.whl)[asv]"
	.venv-bare/bin/pytest -n auto tests/gate tests/test_package.py

lint: $(READY) ## Style, types, who may import whom, and the workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/actionlint
	$(BIN)/zizmor --offline --quiet .github/workflows action.yml

format: $(READY) ## Let ruff rewrite what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.venv-zipline/bin/python:
	python3.11 -m venv .venv-zipline
	.venv-zipline/bin/python -m pip install --quiet zipline-reloaded==3.2.1

golden: $(READY) .venv-zipline/bin/python ## Ask Zipline for its answers again (needs python3.11, takes 3 minutes)
	cd tests && ../$(BIN)/python -m golden.make_golden --zipline-python ../.venv-zipline/bin/python

differential-pipelines: $(READY) .venv-zipline/bin/python ## Do 300 random pipelines have Zipline's values? (10 minutes)
	cd tests && ../$(BIN)/python -m golden.pipelines.differential --zipline-python ../.venv-zipline/bin/python

differential: $(READY) .venv-zipline/bin/python ## Run 300 random strategies in Zipline and here (after make golden; SEED=2 for others)
	cd tests && ../$(BIN)/python -m differential --zipline-python ../.venv-zipline/bin/python --seed $(or $(SEED),1)

docs: $(READY) ## Build the documentation into site/, with every warning an error
	PYTHONPATH=. $(BIN)/mkdocs build --strict

pictures: $(READY) ## Make the pictures of the README and the docs again, from real outputs
	$(BIN)/python -m tools.pictures

dashboard: $(READY) ## Write the history and the verdicts to html/, complete without a network
	$(BIN)/python -m tools.dashboard

chromium: ## Install the browser in which a test looks at the dashboard (Debian, as root)
	apt-get update && apt-get install --yes --no-install-recommends chromium

workflows: $(READY) ## Run the workflows' steps that need no GitHub (takes an hour)
	$(BIN)/python tools/walk_workflows.py --run

five-minutes: $(READY) ## Play two strangers with the README alone: minutes and commands to an answer
	$(BIN)/python -m tools.five_minutes

prove-bisect: $(READY) ## Plant a slow commit in each of 10 repositories, in 10 others none: are they told?
	$(BIN)/python -m tools.prove_bisect

release-check: $(READY) ## Run what the release checklist asks for (MACHINE=asv's name of this one)
	.ci/release-check $(MACHINE)

clean: ## Remove what the commands above made (results stay)
	rm -rf .venv .venv-zipline .venv-wheel .venv-bare .asv html site build dist pull-request
