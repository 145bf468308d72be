# Everything runs from .venv; only make and Python 3.11 or newer are needed beforehand.
PYTHON ?= python3
PORT ?= 8000
PYTEST_ARGS ?= -n auto
BIN := .venv/bin
export PORT

.DEFAULT_GOAL := help
.PHONY: help install install-dev run flask demo browser node test screenshots check bench clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

install: ## make .venv with what the service needs
	@$(PYTHON) deploy/bootstrap.py requirements.txt

install-dev: ## make .venv with what development needs as well
	@$(PYTHON) deploy/bootstrap.py requirements-dev.txt

run: install node ## run the whole service on this machine (PORT, DATA_DIR, DATABASE_URL, REDIS_URL, PHOTO_STORE, DEMO_PASSWORD)
	@exec $(BIN)/python -m deploy

flask: install ## a command on the service that `make run` runs: make flask ARGS="audit rebuild --check"
	@test -f "$${DATA_DIR:-var}/environment" || { echo "nothing runs here: make run first" >&2; exit 1; }
	@set -a; . "$$(cd "$${DATA_DIR:-var}" && pwd)/environment"; exec $(BIN)/flask --app wsgi $(ARGS)

demo: install ## walk through the main paths against `make run`
	@$(BIN)/python -m tools.demo http://127.0.0.1:$(PORT)

browser: ## give this machine what the browser tests need, or say what to install
	@$(PYTHON) deploy/browser.py

node: ## give this machine what runs the mini program in a browser, or say what to install
	@$(PYTHON) deploy/node.py

test: install-dev browser node ## run the tests on throw-away servers (PYTEST_ARGS)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

screenshots: install-dev browser node ## make docs/screenshots anew
	@$(BIN)/python -m tests.browser.screenshots

check: install-dev ## lint, types, layers, migrations, the mini program's source
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.check_migrations
	$(BIN)/python -m tools.check_miniprogram

bench: install-dev ## measure
	@$(BIN)/python -m benchmarks

clean: ## remove .venv and caches; data in DATA_DIR stay
	rm -rf miniprogram/node_modules tools/mp-runner/node_modules .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
