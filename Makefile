# Every target makes what it needs first. Needs Python 3.11, make and a C compiler; nothing else.
PYTHON ?= python3.11
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

# Without compiled files on disk each part of the shop, and each of the hundreds of processes that tests start,
# would compile all of Daybook anew: half of what it takes to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test laws soak check bench clean lock

run: .venv/run.stamp
	@exec $(BIN)/daybook serve --with-parent

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n 2 --dist worksteal

# A hundred thousand random baskets, and as many steps of the stock ledger; make test tries some of them.
laws: .venv/dev.stamp
	DAYBOOK_TEST_BASKETS=10000 DAYBOOK_TEST_LEDGERS=2000 $(BIN)/python -m pytest -n 2 \
		tests/domain/checkout/test_basket_laws.py tests/domain/stockroom/test_ledger_machine.py

# Mishaps at random, 15 minutes or as long as said: make soak SOAK_S=3600. SEED=… repeats one.
soak: .venv/dev.stamp
	DAYBOOK_TEST_SOAK_S=$(or $(SOAK_S),900) DAYBOOK_TEST_SOAK_SEED=$(SEED) $(BIN)/python -m pytest tests/crash/test_soak.py

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m tests.support.schema_dump --check
	$(BIN)/python -m api.openapi --check

bench: .venv/dev.stamp
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis bench/results.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# After a change of pyproject.toml: both locks anew, with hashes and without addresses.
lock: .venv/dev.stamp
	$(LOCK) pyproject.toml --group build -o requirements.lock
	$(LOCK) pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -m venv .venv

# --no-deps: the locks are complete; hatchling, in the lock too, builds the editable install offline.
.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ .venv/run.stamp
