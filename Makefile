# Two commands are enough on a fresh machine: `make demo` and `make test`. The rest are their parts.
PYTHON ?= python3
BIN := .venv/bin
# On a developer's machine the slow comparisons are left out; CI runs them once.
MARKS := $(if $(CI),,-m "not heavy")
PYTEST := $(BIN)/pytest -q -p no:cacheprovider

.PHONY: setup demo test lint types arch facts migrations test-core test-sqlite test-postgres bench docs lock clean
.DEFAULT_GOAL := setup

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call install,python3-venv)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/ready

# install,PACKAGES: with apt-get as root; otherwise one line that names them.
define install
{ if [ "$$(id -u)" = 0 ]; then apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y $(1) >/dev/null; \
  else echo "Missing: $(1). As root: apt-get install $(1)"; exit 1; fi; }
endef

demo: setup
	$(BIN)/asklepion demo

test: setup lint types arch facts migrations test-core test-sqlite test-postgres

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

arch: setup
	$(BIN)/lint-imports

facts: setup
	$(BIN)/asklepion facts check

migrations: setup
	ASKLEPION_HOME=$$(mktemp -d) DJANGO_SETTINGS_MODULE=asklepion.web.settings $(BIN)/django-admin makemigrations --check --dry-run

# Rules: every branch of core is walked.
test-core: setup
	$(BIN)/coverage run -m pytest -q -p no:cacheprovider --doctest-modules src/asklepion/core tests/core tests/knowledge $(MARKS)
	$(BIN)/coverage report

test-sqlite: setup
	@test -x /usr/bin/chromium || $(call install,chromium)
	$(PYTEST) -n 2 --ignore=tests/core --ignore=tests/knowledge $(MARKS)

test-postgres: setup
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || $(call install,postgresql)
	@data=$$(mktemp -d) && url=$$(sh tests/postgres.sh start "$$data") && { \
	  ASKLEPION_DATABASE_URL="$$url" $(PYTEST) tests/record tests/flows $(MARKS); \
	  code=$$?; sh tests/postgres.sh stop "$$data"; exit $$code; }

bench: setup
	$(BIN)/python -m bench

lock: setup
	$(BIN)/uv pip compile --quiet --generate-hashes --extra dev --python-version 3.11 --universal -o requirements.lock pyproject.toml

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
