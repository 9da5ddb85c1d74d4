# Two commands on a fresh machine: `make demo` and `make test`.
VENV ?= .venv
PORT ?= 8000
PY := $(VENV)/bin/python
export PYTHONPATH := src

.PHONY: demo test check dev bench lock

$(VENV)/.runtime: requirements.lock
	@test -x $(PY) || python3 -m venv $(VENV)
	@echo "Installing what Surehand needs (about a minute the first time)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

lock:  # after changing pyproject.toml; needs uv
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header -q --extra dev pyproject.toml -o requirements-dev.lock
