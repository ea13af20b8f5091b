# Every target sets itself up: a machine needs only python3 (3.11 or newer) with venv and pip.
PYTHON ?= python3
BIN := .venv/bin
MARK := .venv/.installed
DISTRIBUTIONS := . $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml contrib/*/pyproject.toml))
METADATA := $(addsuffix /pyproject.toml,$(DISTRIBUTIONS))
# The versions that are known to work together; CONSTRAINTS= takes the newest of everything.
CONSTRAINTS ?= constraints.txt
CONSTRAINED := $(addprefix -c ,$(CONSTRAINTS))

.PHONY: setup update demo test test-fast test-lowest lint docs docs-serve dist clean

setup: $(MARK)

$(MARK): $(METADATA) $(CONSTRAINTS)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINED) uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python $(CONSTRAINED) $(addprefix -e ,$(DISTRIBUTIONS)) --group dev
	touch $@

# Writes the newest versions that fit together to constraints.txt, and installs them.
update: $(MARK)
	$(BIN)/uv lock --quiet --upgrade
	$(BIN)/uv export --quiet --frozen --all-packages --all-groups --no-hashes --no-emit-workspace --no-annotate --no-header \
		--output-file constraints.txt
	$(MAKE) setup

demo: $(MARK)
	$(BIN)/ptv demo

test: $(MARK)
	$(BIN)/python -m pytest -n auto

# The oldest versions that the distributions of models, video, datasets and transforms declare, in an environment of its own.
LOWEST := layers cards resnet slowfast x3d csn r2plus1d mvit ssl multimodal vmz transforms remote video datasets
test-lowest: $(MARK)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-lowest
	$(BIN)/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct \
		-e . $(addprefix -e plugins/ptv-,$(LOWEST)) hypothesis==6.100.0 pytest==8.2.0 pytest-xdist==3.6.1 safetensors==0.4.0
	.venv-lowest/bin/python -m pytest -n auto -W ignore::FutureWarning tests/kernel $(addprefix tests/plugins/ptv_,$(LOWEST))

# What a change needs while it is being made: no test that is marked slow.
test-fast: $(MARK)
	$(BIN)/python -m pytest -n auto -m "not slow"

lint: $(MARK)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy ptv_registry plugins/*/src contrib/*/src
	$(BIN)/mypy --explicit-package-bases tests

# The site, without a warning; build/site/index.html opens in a browser.
docs: $(MARK)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

docs-serve: $(MARK)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

# The wheel and the sdist of every distribution, built from the sdist and checked.
dist: $(MARK)
	rm -rf dist
	$(BIN)/uv build --quiet --all-packages --out-dir dist
	$(BIN)/twine check --strict dist/*.whl dist/*.tar.gz

clean:
	rm -rf .venv .venv-lowest build dist
