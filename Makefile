# make run    everything on this machine: http://127.0.0.1:8080
# make test   everything that must hold before a change goes in
#             in an order that is the same for everybody; SEED=2 tries another
# make web    the web app alone, into what the server serves
# make docs   the documentation as a site: build/docs/index.html
SEED ?= 1

.PHONY: run test check bench drills fuzz web docs

run:
	@tools/venv run
	@tools/web
	@exec .venv/bin/python -m zimgpt run

test:
	@tools/venv test
	@tools/programs
	@tools/web check
	@$(MAKE) --no-print-directory check
	@exec timeout --kill-after=20 3600 .venv/bin/python -m pytest -q -n 3 --dist loadfile --randomly-seed=$(SEED) \
	  --cov --cov-report=term:skip-covered

check:
	@tools/venv test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

web:
	@tools/web

docs:
	@tools/venv test
	@.venv/bin/python -m sphinx -EnW --keep-going -q -c docs/site -d build/docs-read . build/docs
	@echo "Open build/docs/index.html in a browser; it needs no server and no network."

bench:
	@tools/venv test
	@exec .venv/bin/python -m bench

drills:
	@tools/venv test
	@exec .venv/bin/python -m tests.drills $(DRILLS)

fuzz:
	@tools/venv test
	@exec .venv/bin/python -m tests.system.fuzzed $(FUZZ)
