# Every target does its own set-up (tools/setup says what it installs) and needs only Python >= 3.11 and make.
# ARGS goes to the command behind a target: make demo ARGS="--script day".

.DEFAULT_GOAL := help
.PHONY: help setup demo test lab check bench soak docs fresh clean

PYTHON := .venv/bin/python
KASSD := .venv/bin/kassd

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## install what the tests need and nothing more
	@tools/setup test

demo: ## a register on simulated hardware with displays; ARGS="--script day" plays a day of trade
	@tools/setup demo
	@$(KASSD) demo $(ARGS)

test: ## every tier of tests, one after another; ARGS="unit browser" runs only these
	@tools/setup test
	@$(PYTHON) tools/tiers.py $(ARGS)

lab: ## the drivers on a real kernel with real devices, in QEMU
	@tools/setup test
	@$(PYTHON) tools/tiers.py lab

check: ## lint, formatting, types
	@tools/setup test
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy --strict kassd tools

bench: ## the speed figures beside their baseline
	@tools/setup test
	@$(PYTHON) -m tests.bench $(ARGS)

soak: ## the tiers that sample in `make test`, whole
	@tools/setup test
	@$(PYTHON) tools/tiers.py --soak $(ARGS)

docs: ## the generated pages of docs/; ARGS=--check only compares
	@tools/setup test
	@$(PYTHON) tools/docs.py $(ARGS)

fresh: ## both README commands in bare Debian 12 and 13 (as root); ARGS="bookworm" for one
	@tools/fresh $(ARGS)

clean: ## remove what setup, tests and builds left in this folder
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis kassd/displays/vendor tests/.npm
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
