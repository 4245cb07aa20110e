PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo bench docs notebooks test test-slow coverage fuzz check format lint types mutants lock licences audit clean

demo: $(VENV)/.installed-demo
	$(BIN)/adapt run experiments/clinical.toml --out runs/clinical

bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks $(BENCH)

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "site/index.html; the search asks for a server: $(BIN)/python -m http.server -d site"

notebooks: $(VENV)/.installed-notebooks
	$(BIN)/python -m notebooks $(NOTEBOOKS)

# Two processes, each of one thread: what tests compute is small, and would wait for a second one.
# Files stay whole and in order: what a file sets up is set up once, and long ones are not the last.
test: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m slow

fuzz: $(VENV)/.installed-fuzz
	$(BIN)/python -m tests.fuzzing $(FUZZ)

check: format lint types test

# branches of what reads files and of what runs studies: at least 95 %
coverage: $(VENV)/.installed-dev
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -m "not slow"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

# PACKAGE is one of alignment, evaluation and merging, or more narrow: alignment.linear
mutants: $(VENV)/.installed-dev $(VENV)/.installed-mutants
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants $(PACKAGE)

# versions with hashes, for installations that must get the very files that were published:
# pip install --require-hashes -r requirements.lock
lock: $(VENV)/.installed-audit
	$(BIN)/uv pip compile pyproject.toml --extra dev -c constraints.txt --generate-hashes \
	  --universal --python-version 3.11.5 --no-annotate --quiet -o requirements.lock

licences: $(VENV)/.installed-dev $(VENV)/.installed-bench $(VENV)/.installed-audit $(VENV)/.installed-mutants $(VENV)/.installed-fuzz
	$(BIN)/python -m docs.dependencies

# strict: what the advisory service does not know, or does not answer for, is no success
audit: $(VENV)/.installed-audit
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.lock

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
