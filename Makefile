# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Any Python from 3.10 on that has venv.
PYTHON ?= python3

PINS = tests/requirements/*.txt
BIN = .venv/bin
# What these sessions installed, they need not ask for again until something that says so is newer than their last success.
REUSE = $(if $(shell find $(PINS) antsibull-nox.toml noxfile.py .venv/done -newer .nox/$@.done 2>&1),-r,-R)
# What make test was about: make release-check wants it to have passed for the very commit.
COMMIT = git rev-parse HEAD && git status --porcelain
NOX = $(BIN)/nox $(REUSE) -j 2 --allow-parallel

.PHONY: help check test demo bench format build docs recording matrix release-check nginx clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 15

check: .venv/done ## the fast checks: format, lint, types, unit tests
	CI=true $(NOX) -s check
	@touch .nox/$@.done

test: .venv/done ## all checks
	@mkdir -p .nox && { $(COMMIT); } > .nox/$@.started
	CI=true $(NOX)
	@{ $(COMMIT); } | cmp -s .nox/$@.started || echo "The tree changed meanwhile." >> .nox/$@.started
	@mv .nox/$@.started .nox/$@.done

demo: .venv/done ## short stories of a gate and of an inventory; TRUNK=<id>, with TALKOVER_TOKEN set: ask the real service
	$(BIN)/python tools/demo

bench: .venv/done ## measure against what there is without the collection, and renew the guide; ROWS=1,4 ROUNDS=3: a part of it
	CI=true $(BIN)/nox $(REUSE) -s bench -- $(if $(ROWS),--rows $(ROWS)) $(if $(ROUNDS),--rounds $(ROUNDS))
	@touch .nox/$@.done

format: .venv/done ## bring the Python code into its format
	CI=false $(NOX) -s formatters

build: .venv/done ## make the artifact, as Galaxy would, in build/
	ANSIBLE_HOME=.venv/ansible $(BIN)/ansible-galaxy collection build --force --output-path build

docs: .venv/done ## build the site of the documentation, in build/docs/
	CI=true $(NOX) -s docs
	@touch .nox/$@.done

recording: .venv/done ## record the gate of the README anew, from a real run, in docs/gate.svg
	CI=true $(NOX) -s recording
	@touch .nox/$@.done

matrix: .venv/done ## the tests with each ansible-core, and requests old and new: about an hour on two cores; CELLS=2.18 or CELLS=next: some of them
	CI=true $(BIN)/nox --no-error-on-missing-interpreters --tags $(or $(CELLS),matrix)

release-check: .venv/done ## check that this commit can be released
	CI=true $(BIN)/nox $(REUSE) -s release
	@touch .nox/$@.done

nginx: ## install nginx, which one test puts in front of the service, with apt-get or dnf; as root
	PATH="$$PATH:/usr/sbin"; command -v nginx || { apt-get update -q && apt-get install -qy nginx; } || dnf install -qy nginx

clean: ## remove what the other targets made
	rm -rf .ansible .demo .nox .venv build tests/output

# One environment for nox, and for what builds, installs and plays the collection.
.venv/done: $(wildcard $(PINS))
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --requirement tests/requirements/tools.txt
	touch $@
