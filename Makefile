# Everything runs in .venv with the exact versions of requirements.lock; only make and Python 3.11
# have to be there.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
# Quiet twice: errors only.
PIP := -m pip --disable-pip-version-check --quiet --quiet

# One thread per model and nothing sent anywhere, whatever the surrounding shell says.
export OMP_NUM_THREADS := 1
export RAY_USAGE_STATS_ENABLED := 0
export MLFLOW_DISABLE_TELEMETRY := true

.DELETE_ON_ERROR:
.PHONY: help install demo test soak bench lint evaluate docs format clean lock

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(INSTALLED) ## create .venv with the pinned versions

$(INSTALLED): requirements.lock pyproject.toml
	@echo "Installing the pinned packages into $(VENV); this takes a few minutes once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) install --requirement requirements.lock
	@$(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED) ## the whole way on synthetic data: ingest, train, promote, serve, ask
	@$(BIN)/python -m tracer_ray.demo

test: lint ## all checks, then all tests, by two processes
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

soak: $(INSTALLED) ## the long tests: lost nodes, other numbers of CPUs
	$(BIN)/pytest -m soak

bench: $(INSTALLED) ## the benchmarks of docs/benchmarks.md, half an hour; FLAML takes part if installed
	$(BIN)/python -m benchmarks.features
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.fleet
	$(BIN)/python -m benchmarks.nightly
	$(BIN)/python -m benchmarks.tune_overhead
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.cold_start

lint: $(INSTALLED) ## format, lint and types, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

evaluate: $(INSTALLED) ## the archive on the real data of ../shared/data; writes docs/evaluation.md
	@$(BIN)/python -m evaluation.run
	@$(BIN)/python -m evaluation.blueprint_pages

docs: $(INSTALLED) ## write the pages of docs/ from what is declared and was measured
	@$(BIN)/python -m evaluation.page
	@$(BIN)/python -m evaluation.blueprint_pages

format: $(INSTALLED) ## format the code and sort its imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## resolve the dependencies of pyproject.toml anew and write requirements.lock
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/python $(PIP) install --upgrade 'setuptools>=80'
	@build/lock/bin/python $(PIP) install --editable '.[serve,dev]'
	@build/lock/bin/python -m pip freeze --all --exclude pip --exclude-editable > requirements.lock
	@rm -rf build/lock

clean: ## remove .venv, caches and build results; tracer_home stays
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
