# Every target sets up what it needs by itself; `make help` lists them.
PYTHON_RUN = .venv/bin/python
STAGE = $(PYTHON_RUN) -m tools.checks

.DEFAULT_GOAL := help
.PHONY: help run setup dev test quick lint types words bench pictures soak audit pins clients clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

run: setup ## The whole console on http://127.0.0.1:8000 (PORT, WEEGLOO_DATA)
	@exec $(PYTHON_RUN) -m devserver.supervisor

setup: ## .venv with what running needs
	@requirements/install run

dev: ## .venv with the tools as well
	@requirements/install dev

test: dev ## Every check, each stage with its seconds
	@exec $(STAGE)

quick: dev ## Lint, types and the tests without browser, races and worker
	@exec $(STAGE) format lint templates types imports quick-tests

lint: dev ## Format, lint, templates, imports
	@exec $(STAGE) format lint templates imports

types: dev ## mypy
	@exec $(STAGE) types

words: dev ## Extract the words and compile the catalogues
	@exec $(PYTHON_RUN) -m tools.messages

pictures: dev ## The README's pictures, docs/*.png, from a running console
	@exec $(PYTHON_RUN) -m tools.pictures

clients: dev ## Clients generated from the OpenAPI document walk the API (needs npm)
	@exec $(PYTHON_RUN) -m tools.clients

bench: dev ## The benchmarks; WRITE=1 writes docs/benchmarks.md
	@exec $(PYTHON_RUN) -m tools.bench

soak: dev ## The races, 1,000 rounds each, and the API with many examples
	@SOAK_ROUNDS=$${SOAK_ROUNDS:-1000} SOAK_EXAMPLES=$${SOAK_EXAMPLES:-60} exec $(STAGE) races examples

audit: dev ## Known vulnerabilities in the pins (asks the network)
	@exec $(PYTHON_RUN) -m pip_audit --require-hashes --disable-pip -r requirements/dev.txt

pins: dev ## Compile requirements/*.in again; UPGRADE=1 takes the newest releases
	@exec requirements/compile $(if $(UPGRADE),--upgrade)

clean: ## Forget local data and .venv
	rm -rf .venv .venv.lock var .test-var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .clients
