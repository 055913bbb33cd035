# Every target installs what it needs: Debian packages by lab/packages.txt, Python ones into .venv.

VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all lint docs lab-up lab-down bench packages install

demo: install
	$(BIN)/nornir-bgp demo

# A file's tests share a process and a lab; three processes on two cores, since half of the time goes
# by waiting for FRR's timers. The order of the folders leaves the short files for the end.
PYTEST := $(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

test: lint
	$(PYTEST) -m "not long"

test-all: lint
	lab/install-packages long
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,docs,browser]'
	$(PYTEST)

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	MYPYPATH=docs $(BIN)/mypy docs/hooks.py docs/tables.py
	$(BIN)/lint-imports

docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

lab-up: install
	$(BIN)/nornir-bgp lab up

lab-down: install
	$(BIN)/nornir-bgp lab down

bench: install
	set -e; for benchmark in $$(grep -l __main__ benchmarks/*.py); do echo "## $$benchmark"; $(BIN)/python $$benchmark; done # takes long

install: packages $(VENV)/installed

packages:
	lab/install-packages

$(VENV)/installed: pyproject.toml constraints.txt
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,docs]'
	touch $@
