# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Any Python from 3.10 on that has venv
PYTHON ?= python3

NOX = .venv/bin/nox
.DEFAULT_GOAL := help
.PHONY: help
help: ## List the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 16

.PHONY: check
check: .venv/done ## The fast loop: format, lint, types, unit tests
	CI=true $(NOX) -s check

.PHONY: test
test: .venv/done ## Everything
	CI=true $(NOX) -j 2 --allow-parallel

.PHONY: format
format: .venv/done ## Bring the Python code into shape
	CI=false $(NOX) -s formatters

# One environment for the tools, for `make build` and for the demo: ansible-core, what the module needs, and nox
.venv/done: $(wildcard tests/requirements/*.txt)
	rm -rf .venv
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip --disable-pip-version-check install --quiet --constraint tests/requirements/constraints.txt \
	  ansible-core antsibull-nox nox requests
	touch .venv/done
