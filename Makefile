# Makes the virtual environment, then runs, tests or measures byhand. Needs Python 3.11, 3.12 or 3.13.

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# What was installed last: newer requirements make these files old, and pip runs again.
RUN_READY := $(VENV)/.ready-to-run
TEST_READY := $(VENV)/.ready-to-test

.DEFAULT_GOAL := help
.PHONY: help run test lint read snapshots bench sweep

help:
	@echo "make run [MODEL=file.keras]  start byhand"
	@echo "make test                    every check: style, types, walls, tests"
	@echo "make lint                    style, types and walls only"
	@echo "make snapshots               accept the screens as they are now (look at them first)"
	@echo "make bench                   measure what must be fast"
	@echo "make sweep                   what takes hours: very many damaged files, random models and keys, of which the tests do a few"

run: $(RUN_READY)
	@$(BIN)/byhand $${MODEL:+"$$MODEL"}

# Bytecode is kept whatever the shell says, or each process that tests start would compile all that it imports.
test: export PYTHONDONTWRITEBYTECODE =
test: $(TEST_READY)
	@$(MAKE) --no-print-directory --jobs=2 lint read
	$(BIN)/pytest -n 4 --dist worksteal

# Rewriting the tests' asserts is done once, beside the types; else all of pytest's workers would do it at a time.
read: $(TEST_READY)
	@$(BIN)/pytest --collect-only --quiet > /dev/null || true

lint: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

snapshots: $(TEST_READY)
	$(BIN)/pytest tests/snapshots --snapshot-update

bench: $(TEST_READY)
	$(BIN)/python -m benchmarks

sweep: $(TEST_READY)
	$(BIN)/python -m tests.core.made_files
	$(BIN)/python -m tests.wild
	$(BIN)/python -m tests.sweep
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.power_cuts
	$(BIN)/python -m tests.storms
	$(BIN)/python -m tests.engine_trials
	$(BIN)/python -m tests.kills
	$(BIN)/python -m tests.hours
	$(BIN)/python -m tests.sweep_data

# The tests need all that running needs, so one installation makes both ready.
$(TEST_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing byhand and its tools into $(VENV) (the first time takes minutes: TensorFlow is large)"
	@$(INSTALL) -e '.[dev]'
	@touch $(RUN_READY) $@

$(RUN_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing byhand into $(VENV) (the first time takes minutes: TensorFlow is large)"
	@$(INSTALL) -e .
	@touch $@

# A venv that could not be finished is removed, or the next make would take it for a good one.
$(BIN)/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue; \
	    "$$python" -m venv --clear $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "$$python cannot make a virtual environment (on Debian and Ubuntu: sudo apt install python3-venv)" >&2; \
	    exit 1; \
	done; \
	echo "byhand needs Python 3.11, 3.12 or 3.13, and found none (a Python elsewhere: make PYTHON=/path/to/python3)" >&2; \
	exit 1
