# One target per duty. `make test` and `make demo` set up everything that they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OPENCV := $(shell sed -n 's/^opencv-python-headless==/opencv-python-headless==/p' constraints.txt)

.PHONY: setup demo demo-models test test-slow check format bench clean

setup: $(READY)

# paddlex and rapidocr ask for the OpenCV builds that need libGL; the headless build of the same
# version goes over them, so that `import cv2` works on a machine without a screen.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --force-reinstall '$(OPENCV)'
	touch $(READY)

demo: setup
	$(BIN)/vidpipe demo

# Trains the demo CLIP pair from nothing (its card says how long that takes) and measures it; the old
# pair stays until the new one is complete.
MODELS := vidpipe/demo/models
NEW_MODELS := .vidpipe/demo-models

demo-models: setup
	rm -rf $(NEW_MODELS)
	$(BIN)/python -m vidpipe.demo.training --out $(NEW_MODELS)
	$(BIN)/python -m benchmarks.demo_models --models $(NEW_MODELS) --card
	rm -rf $(MODELS)
	mv $(NEW_MODELS) $(MODELS)

# Tests of a module share an installation, so a module is one worker's; the long ones come first.
test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m 'not slow'

test-slow: setup
	$(BIN)/python -m pytest -m slow --timeout 3600

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar sql
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --disable-progress-bar sql

bench: setup
	$(BIN)/vidpipe bench

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
