# Needs Python 3.11+ with pip, git, make and, the first time, the network. All else is fetched into .tools and .venv here.
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
LINK := .link/brought_forward

.PHONY: setup demo sandbox test check bench upload fuzz layouts histories clean lock

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

demo: setup
	@$(BIN)/brought-forward demo

sandbox: setup
	@$(BIN)/brought-forward sandbox

# One worker more than processors: a third of the suite's time is waiting.
test: setup
	$(BIN)/pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

layouts: setup
	@$(BIN)/python tests/sheet/layouts/table.py

bench: setup
	@$(BIN)/python tests/bench/bench.py
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_upload.py
	@$(BIN)/python tests/bench/bench_matching.py
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_form.py

# Write docs/pictures anew, by the tests that see the page; needs chromium.
.PHONY: pictures
pictures: setup
	$(BIN)/pytest -n 0 tests/sandbox/test_page.py tests/sandbox/test_page_window.py --pictures

# How fast the page of `make sandbox` is there, and how fast its time runs; MATTERS=300 posts as many, else 2,000.
.PHONY: page
page: setup
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_page.py $(MATTERS)

upload: setup
	@PYTHONPATH=tests $(BIN)/python tests/bench/bench_upload.py

# Histories that nobody thought of, N of them; the suite goes through a few.
N ?= 500
histories: setup
	$(BIN)/pytest -q -n 0 tests/test_histories.py --histories $(N) --timeout 3600

fuzz: setup
	@$(BIN)/python tests/sheet/fuzz.py

clean:
	rm -rf .venv .tools .link build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Proofs that nothing is doubled or lost, each a screen and exit 1 where it fails; SEED=7 repeats the draws of a run.
PROOFS := kills freezes gate restore pace calls undo cost
.PHONY: proofs $(PROOFS)

$(PROOFS): setup
	@PYTHONPATH=tests $(BIN)/python -m proofs.$@ $(if $(SEED),--seed $(SEED))

proofs: setup  # one after another, and the next one even where one fails: each measures time or hangs on it
	@failed=; for proof in $(PROOFS); do $(MAKE) --no-print-directory $$proof || failed="$$failed $$proof"; done; \
	test -z "$$failed" || { echo "Failed:$$failed"; exit 1; }

# All that can go wrong, for about an hour and a half; SIZE=0.1 does a tenth of it, SEED=7 repeats the draws of a run.
.PHONY: torture
torture: setup
	@PYTHONPATH=tests $(BIN)/python -m proofs.torture $(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY))
