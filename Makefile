# Needs Python 3.11+ with pip, git, make and, the first time, the network. All else is fetched into .tools and .venv here.
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
LINK := .link/brought_forward

.PHONY: setup sandbox test check proofs pictures clean lock

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=python3.11")'
	@test -x $(UV) || $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools uv
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@mkdir -p $(LINK) && for part in bot commands storage sandbox; do ln -sfn ../../$$part $(LINK)/$$part; done
	@touch $@

lock: setup
	$(UV) pip compile --quiet --generate-hashes --universal --no-emit-index-url --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements.lock

sandbox: setup
	@$(BIN)/brought-forward sandbox

# Three workers a processor: three quarters of a test's time are waiting.
test: setup
	$(BIN)/pytest -n $$((3 * $$(getconf _NPROCESSORS_ONLN))) --dist worksteal

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Write docs/pictures anew, by the tests that see the page; needs chromium.
pictures: setup
	$(BIN)/pytest -n 0 tests/sandbox/test_page.py tests/sandbox/test_page_window.py --pictures

clean:
	rm -rf .venv .tools .link build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# What prints figures. SHORT=1 does any of them at its smallest, in seconds: the suite does each so, that none rots.
PROOFS := kills freezes gate restore pace calls undo cost deaf
BENCHES := upload formats matching words
FIGURES := demo layouts $(BENCHES) page fuzz readings histories torture $(PROOFS)
.PHONY: $(FIGURES)
LITTLE := $(if $(SHORT),--short)

demo: setup
	@$(BIN)/brought-forward demo $(if $(VERBOSE),--verbose)

layouts: setup
	@$(BIN)/python tests/sheet/layouts/table.py $(LITTLE)

# How long an upload takes, what each format costs to read, what matching and the form cost, how much a preview says.
.PHONY: bench
bench: $(BENCHES)

upload: setup
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_upload.py $(LITTLE)

formats: setup
	@$(BIN)/python tests/bench/bench.py $(LITTLE)

matching: setup
	@$(BIN)/python tests/bench/bench_matching.py $(LITTLE)
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_form.py $(LITTLE)

words: setup
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_preview.py $(LITTLE)

# How fast the page of `make sandbox` is there, and how fast its time runs; MATTERS=300 posts as many, else 2,000.
page: setup
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_page.py $(or $(LITTLE),$(MATTERS))

fuzz: setup
	@$(BIN)/python tests/sheet/fuzz.py $(LITTLE)

# Ledgers whose truth is known, printed as many programs print them, and read; exit 1 where one is silently wrong.
# SEED=7 repeats the draws of a run, FAMILY=statement reads one family, CASE=12 one file, KEEP=folder keeps what was wrong.
readings: N ?= 1000
readings: setup
	@PYTHONPATH=tests $(BIN)/python -m readings --number $(N) $(LITTLE) $(if $(SEED),--seed $(SEED)) $(if $(FAMILY),--family $(FAMILY)) \
	$(if $(CASE),--case $(CASE)) $(if $(KEEP),--keep $(KEEP))

# Histories that nobody thought of, N of them; the suite goes through a few.
histories: N ?= $(if $(SHORT),1,500)
histories: setup
	$(BIN)/pytest -q -n 0 tests/test_histories.py --histories $(N) --timeout 3600

# Proofs that nothing is doubled or lost, each a screen and exit 1 where it fails; SEED=7 repeats the draws of a run.
$(PROOFS): setup
	@PYTHONPATH=tests $(BIN)/python -m proofs.$@ $(LITTLE) $(if $(SEED),--seed $(SEED))

proofs: setup  # one after another, and the next one even where one fails: each measures time or hangs on it
	@failed=; for proof in $(PROOFS); do $(MAKE) --no-print-directory $$proof || failed="$$failed $$proof"; done; \
	test -z "$$failed" || { echo "Failed:$$failed"; exit 1; }

# All that can go wrong, for about an hour and a half; SIZE=0.1 does a tenth of it, SEED=7 repeats the draws of a run,
# ONLY=kills SCENE=Stop kills in one scene alone.
torture: setup
	@PYTHONPATH=tests $(BIN)/python -m proofs.torture $(LITTLE) $(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY)) $(if $(SCENE),--scene "$(SCENE)")
