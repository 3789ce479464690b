# The house commands. On a bare machine (Python 3.11+, git, make) `make demo` and `make test` do everything else themselves.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check
DEMO := build/bookshop
JOBS ?= 2

.PHONY: help demo test check format bench lock wheel clean

help:
	@echo "make demo            deliver, prove and serve the bookshop on http://127.0.0.1:8000 (SERVE=no ends after the report)"
	@echo "make test            the whole test suite, from nothing (T='path or options' for a part of it)"
	@echo "make check           ruff, mypy and pyright"
	@echo "make bench           the kit beside its peers (B='--only rest-one --rounds 1' for a part of it)"
	@echo "make lock            resolve the dependencies of pyproject.toml again (UPGRADE=yes takes newer versions)"
	@echo "make wheel           the wheel, in dist/"

demo: $(VENV)/run.stamp
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@cp -R examples/bookshop/rules $(DEMO)/
	$(BIN)/backwright deliver examples/bookshop/design/openapi.yaml --into $(DEMO) --yes $(if $(filter no,$(SERVE)),--no-serve,--serve)

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n $(JOBS) $(T)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.run $(B)

wheel: $(VENV)/dev.stamp
	$(BIN)/python -m build --wheel --no-isolation

# Neither an index, a host nor a path of this machine may enter a lock: uv's flags keep them out, a test looks.
LOCK = $(BIN)/uv pip compile pyproject.toml --extra worker --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: $(VENV)/dev.stamp
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Backwright needs Python 3.11 or newer: none was found on PATH (set PYTHON=/path/to/python3)." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp is younger than the lock it was made from, so later runs install nothing.
$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes --requirement requirements-dev.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf build dist .coverage* .hypothesis .mypy_cache .ruff_cache benchmarks/.work
