# Two commands are enough: `make run` starts the app, `make test` runs the tests.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: run test fast test-postgres check lint clean

run: $(STAMP) ## start the app on 127.0.0.1
	@$(BIN)/python app.py

test: $(STAMP) ## all tests that need no GPU
	@scripts/need-browser
	$(BIN)/python -m pytest -m "not gpu and not browser" -n 2 --dist worksteal
	$(BIN)/python -m pytest -m browser tests/browser

fast: $(STAMP) ## tests that take seconds
	$(BIN)/python -m pytest -m "not gpu and not slow and not browser" -n 2 --dist worksteal

test-postgres: $(STAMP) ## the log on a PostgreSQL server of the tests' own
	$(BIN)/python -m pytest -m postgres tests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

check: lint test ## what CI runs

$(STAMP): pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" scripts/make-venv $(VENV)
	@touch $(STAMP)

clean:
	rm -rf $(VENV)
