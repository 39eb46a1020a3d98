# Two commands do everything on a fresh machine with python3 (3.11 or newer) and make: `make demo` and `make test`.

PYTHON ?= python3
VENV   := .venv
VENV2  := .venv-duckdb2
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
PIP2   := $(VENV2)/bin/python -m pip --disable-pip-version-check --quiet
DEMO   ?= demo
ARGS   ?=
ROUNDS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-duckdb2 hunt check lint type directives snap bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Sync, score and brief a sample company into ./demo, against a local stand-in for the vendors
	@$(BIN)/gtm demo $(DEMO)

test: $(VENV)/.dev ## Run the tests (ARGS="-k name" to choose)
	$(BIN)/python -m pytest -n auto $(ARGS)

test-duckdb2: $(VENV2)/.dev ## Run the tests on DuckDB 2 too, in a virtual environment of its own
	$(VENV2)/bin/python -m pytest -n auto $(ARGS)

hunt: $(VENV)/.dev ## Look for faults with examples that no run has tried yet, ROUNDS times over
	@for round in $$(seq $(ROUNDS)); do \
	  $(BIN)/python -m pytest -n auto -m hypothesis --hypothesis-profile=default --timeout=0 $(ARGS) || exit 1; done

check: lint type directives test ## Everything that CI runs: lint, types, directives, tests

lint: $(VENV)/.dev ## Ruff (rules and format) and the import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

type: $(VENV)/.dev ## mypy, strict, tests included
	$(BIN)/mypy

directives: $(VENV)/.dev
	$(BIN)/gtm check
	$(BIN)/gtm docs --check
	$(BIN)/gtm agents check

snap: $(VENV)/.dev ## Rewrite the golden files from what the code gives now; read the diff before committing
	GTM_SNAP=1 $(BIN)/python -m pytest -n auto -m golden $(ARGS)

bench: $(VENV)/.dev ## Time the main paths against their limit scripts (ARGS="bench_score" for one)
	@for script in $(or $(ARGS:%=tests/bench/%.py),$(wildcard tests/bench/bench_*.py)); do \
	  echo "== $$script"; env -u PYTHONDONTWRITEBYTECODE PYTHONPATH=. $(BIN)/python $$script || exit 1; done

lock: $(VENV)/.dev ## Resolve the dependencies anew into requirements.lock and requirements-dev.lock
	.ci/lock $(BIN)

clean: ## Remove the virtual environments, caches and the demo workspace
	rm -rf $(VENV) $(VENV2) $(DEMO) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is older than its lock file exactly when the environment has to be brought up to date.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "gtm needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "this Python cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing what gtm needs into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "installing what its tests need into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# What is locked, but for the one version that is tried.
$(VENV2)/.dev: requirements-dev.lock requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing what the tests need, with DuckDB 2, into $(VENV2)"
	@$(BIN)/python -m venv $(VENV2)
	@$(PIP2) install --require-hashes -r requirements.lock -r requirements-dev.lock
	@$(PIP2) install --no-deps --no-build-isolation -e .
	@$(PIP2) install 'duckdb>=2,<3'
	@touch $@
