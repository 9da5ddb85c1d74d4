# Two commands on a fresh machine: `make demo` and `make test`.
VENV ?= .venv
PORT ?= 8000
PY := $(VENV)/bin/python
export PYTHONPATH := src

.PHONY: install demo test check dev bench docs lock assets pictures

$(VENV)/.runtime: requirements.lock
	@test -x $(PY) || python3 -m venv $(VENV)
	@echo "Installing what Surehand needs (about a minute the first time)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# The `surehand` command in the virtual environment, without building a package.
$(VENV)/bin/surehand: $(VENV)/.runtime
	@echo "$(CURDIR)/src" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/surehand.pth"
	@printf '#!/bin/sh\nexec "%s" -m surehand.cli "$$@"\n' "$(abspath $(PY))" > $@
	@chmod +x $@
install: $(VENV)/bin/surehand assets

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# What pages and documents load: stylesheet, script, typefaces, icons. Node 20 or newer is used when there is one;
# otherwise Node comes from PyPI into the virtual environment.
UI := src/surehand/ui
ASSETS := $(UI)/static/built/.stamp
assets: $(ASSETS)
node_modules/.stamp: package.json package-lock.json .npmrc $(VENV)/.runtime
	@echo "Installing what builds the pages"
	@$(PY) $(UI)/node.py npm ci --ignore-scripts --loglevel=error
	@touch $@
$(ASSETS): node_modules/.stamp $(UI)/build.mjs $(UI)/typefaces.py $(UI)/tokens.json $(UI)/icons.txt $(wildcard $(UI)/assets/*)
	@$(PY) $(UI)/node.py node $(UI)/build.mjs
	@$(PY) $(UI)/typefaces.py
	@touch $@

# The demonstration has a database of its own; remove var/demo.sqlite3 to build it anew.
demo: export SUREHAND_DEMO := 1
demo: export SUREHAND_SQLITE := $(CURDIR)/var/demo.sqlite3
demo: export SUREHAND_DATA := $(CURDIR)/var
demo: $(VENV)/.runtime assets
	@mkdir -p -m 700 var
	@$(PY) -m surehand.cli migrate > var/migrate.log || { cat var/migrate.log; exit 1; }
	@$(PY) -m surehand.cli demo
	@$(PY) -m surehand.cli serve --port $(PORT)

# The application on your own data in var/, with pages that reload as you change them.
dev: export SUREHAND_DEBUG := 1
dev: $(VENV)/.dev assets
	@$(PY) -m surehand.cli migrate
	@$(PY) -m django runserver --settings surehand.config.settings 127.0.0.1:$(PORT)

test: $(VENV)/.dev assets
	@$(PY) tests/run.py

# The fast part of the tests.
check: $(VENV)/.dev assets
	@$(VENV)/bin/ruff format --check . && $(VENV)/bin/ruff check . && $(VENV)/bin/lint-imports
	@$(PY) -m pytest -q -n auto --ignore tests/journeys

docs: $(VENV)/.runtime  # the pages that are written from the code
	@$(PY) docs/generate.py

# The pictures in the docs, of the demonstration as it is now.
pictures: export SUREHAND_SHOTS := $(CURDIR)/docs/pictures
pictures: $(VENV)/.dev assets
	@$(PY) -m pytest -q tests/journeys/test_pictures.py

# Each beside its peer; docs/benchmarks.md says what was found. POSTS=1000 for a quick look.
POSTS ?= 20000
bench: $(VENV)/.runtime
	@$(PY) bench/rules.py
	@$(PY) bench/rota.py
	@$(PY) bench/reconcile.py
	@$(PY) bench/evidence.py
	@$(PY) bench/imports.py
	@$(PY) bench/readiness.py $(POSTS) 40
	@$(PY) bench/gate.py $(POSTS)
	@$(PY) bench/practice.py
	@$(PY) bench/screening.py
	@$(PY) bench/screening_labelled.py
	@$(PY) bench/selection.py
	@$(PY) bench/sampling.py

lock:  # after changing pyproject.toml; needs uv
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header -q --extra dev pyproject.toml -o requirements-dev.lock
