# Every target does its own set-up: a machine needs only python3 (3.11 or newer) with venv and pip.
PYTHON ?= python3
BIN := .venv/bin
MARK := .venv/.installed
METADATA := pyproject.toml $(wildcard plugins/*/pyproject.toml contrib/*/pyproject.toml)

.PHONY: setup demo test lint clean

setup: $(MARK)

$(MARK): $(METADATA)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --all-packages --inexact
	touch $@

demo: $(MARK)
	$(BIN)/ptv demo

test: $(MARK)
	$(BIN)/python -m pytest -n auto

lint: $(MARK)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy ptv_registry plugins/*/src contrib/*/src

clean:
	rm -rf .venv build dist
