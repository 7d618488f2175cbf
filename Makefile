# Two commands do it all on a fresh machine: `make demo` and `make test`.
# They need git, make and a Python from 3.11 on: `make demo PYTHON=python3.12` chooses another.

PYTHON ?= python3
PORT ?= 8123
SIMULATOR_PORT ?= 8124
DEMO_OPTIONS ?=
TEST_OPTIONS ?=
LONG_RUN_OPTIONS ?=
WORKERS ?= auto

VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo test bench fuzz long-run nightly lint types floors docs build arguments screenshots messages clean

demo: $(VENV)/.installed
	@exec $(PY) example_project/demo.py --port $(PORT) --simulator-port $(SIMULATOR_PORT) $(DEMO_OPTIONS)

test: $(VENV)/.installed
	$(PY) -m pytest -n $(WORKERS) $(TEST_OPTIONS)

bench: $(VENV)/.installed
	$(PY) -m tests.benchmarks

# Two minutes of random input for the parsers and the callback verifiers.
fuzz: $(VENV)/.installed
	HYPOTHESIS_PROFILE=fuzz $(PY) -m pytest -q -n $(WORKERS) tests/api/test_properties.py

# A site with three servers, ten minutes of everything that goes wrong, and then the comparison.
long-run: $(VENV)/.installed
	$(PY) -m tests.long_run $(LONG_RUN_OPTIONS)

# What takes too long for every change.
nightly: test bench long-run
	HYPOTHESIS_PROFILE=nightly $(PY) -m pytest -q -n $(WORKERS) tests/api/test_properties.py

lint: $(VENV)/.tools
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PY) -m django makemigrations --check --dry-run --settings tests.settings --pythonpath . --pythonpath example_project

types: $(VENV)/.tools
	$(VENV)/bin/mypy

floors: $(VENV)/.tools
	$(VENV)/bin/lint-imports

docs: $(VENV)/.tools
	$(PY) -m sphinx -q -E -W --keep-going -d docs/_build/doctrees -b html docs docs/_build/html

build: $(VENV)/.tools
	rm -rf build dist
	$(PY) -m build --outdir dist >build.log 2>&1 || { tail -n 30 build.log >&2; exit 1; }

arguments: $(VENV)/.installed
	$(PY) -m tests.guards.arguments

screenshots: $(VENV)/.installed
	$(PY) -m docs.screenshots

# Takes new words into the catalogues, and compiles them; needs gettext.  What is new is then to be translated.
messages: $(VENV)/.installed
	for place in django_bbb example_project/lms; do (cd $$place \
	  && $(CURDIR)/$(PY) -m django makemessages --add-location file --ignore simulator --ignore testing \
	    $(patsubst django_bbb/locale/%/LC_MESSAGES,--locale %,$(wildcard django_bbb/locale/*/LC_MESSAGES)) \
	  && $(CURDIR)/$(PY) -m django compilemessages) || exit 1; done

clean:
	rm -rf $(VENV) .demo build dist *.egg-info docs/_build docs/reference/calls

# --- installing ----------------------------------------------------------------------------------------

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "$(PYTHON) was not found. Install Python 3.11 or newer, or name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) could not make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@echo "Installing into $(VENV) ..."
	@{ $(PY) -m pip install -q --disable-pip-version-check "pip>=25.1" \
	  && $(PY) -m pip install -q --disable-pip-version-check -e ".[simulator]" --group test; } || { \
	  echo "Installing failed: pip's own words are above. Is the package index reachable?" >&2; exit 1; }
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@$(PY) -m pip install -q --disable-pip-version-check --group types --group lint --group build --group docs || { \
	  echo "Installing the tools failed: pip's own words are above." >&2; exit 1; }
	@touch $@
