# Needs Python 3.11+ with pip, git, make and, the first time, the network. All else is fetched into .tools and .venv here.
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
LINK := .link/brought_forward

.PHONY: setup dev sandbox test test-postgres check proofs pictures clean lock audit sbom

# What running needs. `make dev` adds what tests and checks need; every target has what it needs set up first.
setup: .venv/.ready

dev: .venv/.dev

.tools/.ready: tools.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=python3.11")'
	@rm -rf .tools
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --require-hashes --target .tools -r tools.lock
	@touch $@

.venv/.ready: .tools/.ready requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --build-constraints tools.lock -e .
	@mkdir -p $(LINK) && for part in bot commands storage sandbox; do ln -sfn ../../$$part $(LINK)/$$part; done
	@touch $@

.venv/.dev: .venv/.ready requirements-dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.lock
	@touch $@

COMPILE := $(UV) pip compile --quiet --generate-hashes --universal --no-emit-index-url --no-emit-find-links --no-header
lock: setup
	@printf 'uv\nsetuptools>=77\n' | $(COMPILE) - -o tools.lock
	@$(COMPILE) pyproject.toml -c tools.lock -o requirements.lock
	@$(COMPILE) --extra dev pyproject.toml -c tools.lock -c requirements.lock -o requirements-dev.lock

# Known weaknesses of what is pinned; exit 3 where their source is out of reach. And the list of all that runs.
audit: dev
	@$(BIN)/python tests/supply/audit.py $(if $(SHORT),tools.lock,requirements.lock)

sbom: dev
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json 2>/dev/null
	@echo "build/sbom.json lists all that runs, in CycloneDX."

sandbox: setup
	@$(BIN)/brought-forward sandbox

# Three workers a processor: three quarters of a test's time are waiting.
test: dev
	$(BIN)/pytest -n $$((3 * $$(getconf _NPROCESSORS_ONLN))) --dist worksteal

# The same with every bot's books in PostgreSQL; what is about the file alone stays with the file.
test-postgres: dev
	$(BIN)/pytest -n $$((3 * $$(getconf _NPROCESSORS_ONLN))) --dist worksteal --postgres

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Write docs/pictures anew, by the tests that see the page; needs chromium.
pictures: dev
	$(BIN)/pytest -n 0 tests/sandbox/test_page.py tests/sandbox/test_page_window.py --pictures

clean:
	rm -rf .venv .tools .link build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# What prints figures. SHORT=1 does any of them at its smallest, in seconds: the suite does each so, that none rots.
PROOFS := kills freezes gate restore pace calls undo cost deaf load scale crowd
BENCHES := upload formats matching words
FIGURES := demo sbom layouts $(BENCHES) page fuzz readings histories torture $(PROOFS)
.PHONY: $(FIGURES)
LITTLE := $(if $(SHORT),--short)

demo: setup
	@$(BIN)/brought-forward demo $(if $(VERBOSE),--verbose)

layouts: dev
	@$(BIN)/python tests/sheet/layouts/table.py $(LITTLE)

# How long an upload takes, what each format costs to read, what matching and the form cost, how much a preview says.
.PHONY: bench
bench: $(BENCHES)

upload: dev
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_upload.py $(LITTLE)

formats: dev
	@$(BIN)/python tests/bench/bench.py $(LITTLE)

matching: dev
	@$(BIN)/python tests/bench/bench_matching.py $(LITTLE)
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_form.py $(LITTLE)

words: dev
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_preview.py $(LITTLE)

# How fast the page of `make sandbox` is there, and how fast its time runs; MATTERS=300 posts as many, else 2,000.
page: dev
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_page.py $(or $(LITTLE),$(MATTERS))

fuzz: dev
	@$(BIN)/python tests/sheet/fuzz.py $(LITTLE)

# Ledgers whose truth is known, printed as many programs print them, and read; exit 1 where one is silently wrong.
# SEED=7 repeats the draws of a run, FAMILY=statement reads one family, CASE=12 one file, KEEP=folder keeps what was wrong.
readings: N ?= 1000
readings: dev
	@PYTHONPATH=tests $(BIN)/python -m readings --number $(N) $(LITTLE) $(if $(SEED),--seed $(SEED)) $(if $(FAMILY),--family $(FAMILY)) \
	$(if $(CASE),--case $(CASE)) $(if $(KEEP),--keep $(KEEP))

# Histories that nobody thought of, N of them; the suite goes through a few.
histories: N ?= $(if $(SHORT),1,500)
histories: dev
	$(BIN)/pytest -q -n 0 tests/test_histories.py --histories $(N) --timeout 3600

# Proofs that nothing is doubled or lost, each a screen and exit 1 where it fails; SEED=7 repeats the draws of a run.
$(PROOFS): dev
	@PYTHONPATH=tests $(BIN)/python -m proofs.$@ $(LITTLE) $(if $(SEED),--seed $(SEED))

# A firm set up from nothing, one unbroken transcript; PROGRAM is another brought-forward than this one, WRITE=docs/first-day.md
# makes the page of it.
.PHONY: first-day
first-day: dev
	@PYTHONPATH=tests $(BIN)/python -m proofs.first_day $(if $(PROGRAM),--program $(PROGRAM)) $(if $(WRITE),--write $(WRITE))

# A firm's first day against what a real account answers: RECORD is a folder of `doctor --record` files of one account.
.PHONY: replay
replay: dev
	@RECORD="$(if $(RECORD),$(abspath $(RECORD)))" $(BIN)/pytest -n 0 -v tests/clio/test_replay.py

proofs: dev  # one after another, and the next one even where one fails: each measures time or hangs on it
	@failed=; for proof in $(PROOFS); do $(MAKE) --no-print-directory $$proof || failed="$$failed $$proof"; done; \
	test -z "$$failed" || { echo "Failed:$$failed"; exit 1; }

# All that can go wrong, for about an hour and a half; SIZE=0.1 does a tenth of it, SEED=7 repeats the draws of a run,
# ONLY=kills SCENE=Stop kills in one scene alone.
torture: dev
	@PYTHONPATH=tests $(BIN)/python -m proofs.torture $(LITTLE) $(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY)) $(if $(SCENE),--scene "$(SCENE)")
