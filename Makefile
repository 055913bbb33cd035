# Every target installs what it needs: Debian packages by lab/packages.txt, Python ones into .venv.

VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all lint lab-up lab-down bench packages install

demo: install
	$(BIN)/nornir-bgp demo

test: lint
	$(BIN)/pytest -m "not long"

test-all: lint
	lab/install-packages long
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,browser]'
	$(BIN)/pytest

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab-up: install
	$(BIN)/nornir-bgp lab up

lab-down: install
	$(BIN)/nornir-bgp lab down

bench: install
	set -e; for benchmark in benchmarks/*.py; do echo "## $$benchmark"; $(BIN)/python $$benchmark; done

install: packages $(VENV)/installed

packages:
	lab/install-packages

$(VENV)/installed: pyproject.toml constraints.txt
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
