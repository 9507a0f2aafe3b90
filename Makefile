# `make demo` and `make test` do all the set-up that they need; running them again does no work twice.
.PHONY: help setup demo check test clean
bin := .venv/bin

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup:  ## system libraries, .venv, the package with everything it can use
	@bash scripts/setup.sh

demo: setup  ## built-in models -> dataset -> detector -> demo/report.html
	@$(bin)/cyclorama demo --output demo

check: setup  ## the gate: format, lint, types, architecture
	$(bin)/ruff format --check src tests benchmarks examples scripts
	$(bin)/ruff check src tests benchmarks examples scripts
	$(bin)/mypy
	$(bin)/lint-imports

test: check  ## the gate and all tests
	$(bin)/pytest

clean:  ## remove the environment and the demo
	rm -rf .venv demo
