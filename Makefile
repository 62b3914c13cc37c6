# Two commands: `make matrix` runs every core environment and writes a report, `make test` runs the project's own tests.
# All the work is tox's; this file only gives it a private home.

PYTHON ?= python3
TOX := .venv/bin/tox
LABEL ?= local
LABELS ?= cpu
JOBS ?= 2
REPORT ?= reports/$(shell date -u +%F)-$(LABEL)
export FWCONFORMANCE_REPORT = $(abspath $(REPORT))

.PHONY: matrix test help

help:
	@echo "make matrix   build the eight core environments, run the suites in each, $(JOBS) at a time, merge: $(REPORT)"
	@echo "make test     lint and the project's own tests"

matrix: $(TOX)
	$(TOX) run-parallel --parallel $(JOBS) --parallel-live -m $(LABELS)

test: $(TOX)
	$(TOX) run -e lint,tests

$(TOX):
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check tox tox-uv
	@touch $@
