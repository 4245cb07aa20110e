PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo bench docs notebooks test test-slow check format lint types clean

demo: $(VENV)/.installed-demo
	$(BIN)/adapt run experiments/clinical.toml --out runs/clinical

bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks $(BENCH)

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "site/index.html; the search asks for a server: $(BIN)/python -m http.server -d site"

notebooks: $(VENV)/.installed-notebooks
	$(BIN)/python -m notebooks $(NOTEBOOKS)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m slow

check: format lint types test

format: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-%: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$*]"
	touch $@

clean:
	rm -rf $(VENV) build site *.egg-info .pytest_cache .mypy_cache .ruff_cache
