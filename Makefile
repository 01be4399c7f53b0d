# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Python 3.10 or newer with venv.
PYTHON ?= python3

PINS = tests/requirements/*.txt
BIN = .venv/bin
# Reuse the environments of nox until a file that defines them is newer than the last successful run.
REUSE = $(if $(shell find $(PINS) antsibull-nox.toml noxfile.py .venv/done -newer .nox/$@.done 2>&1),-r,-R)
# The tested commit: make release-check requires that make test passed for it.
COMMIT = git rev-parse HEAD && git status --porcelain
# Java 17 or newer, which ansible-rulebook needs.
HAS_JAVA = java -version 2>&1 | grep -Eq 'version "(1[7-9]|[2-9][0-9])'
# More sessions than cores, because the unit tests wait most of their time.
NOX = $(BIN)/nox $(REUSE) -j 3 --allow-parallel

.PHONY: help check test certify demo bench format build docs recording matrix thorough sanity-clone ee release-check package publish nginx java clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 15

check: .venv/done ## run the fast checks: format, lint, types, unit tests
	CI=true $(NOX) -s check
	@touch .nox/$@.done

test: .venv/done ## run all checks
	@mkdir -p .nox && { $(COMMIT); } > .nox/$@.started
	CI=true $(NOX)
	@{ $(COMMIT); } | cmp -s .nox/$@.started || echo "The tree changed meanwhile." >> .nox/$@.started
	@mv .nox/$@.started .nox/$@.done

certify: .venv/done ## check the artifact as galaxy-importer and the certification of partners do
	CI=true $(NOX) -s certify
	@touch .nox/$@.done

demo: .venv/done ## run demos of a gate, an inventory and events; with TRUNK=<id> and TALKOVER_TOKEN, use the real service
	@! $(HAS_JAVA) || $(MAKE) --silent .venv/eda/done || echo "ansible-rulebook could not be installed."
	$(BIN)/python tools/demo

bench: .venv/done ## run the benchmark, and update the guide; ROWS=1,4 and ROUNDS=3 select a part
	CI=true $(BIN)/nox $(REUSE) -s bench -- $(if $(ROWS),--rows $(ROWS)) $(if $(ROUNDS),--rounds $(ROUNDS))
	@touch .nox/$@.done

format: .venv/done ## format the Python code
	CI=false $(NOX) -s formatters

build: .venv/done ## build the artifact in build/
	ANSIBLE_HOME=.venv/ansible $(BIN)/ansible-galaxy collection build --force --output-path build

docs: .venv/done ## build the documentation site in build/docs/
	CI=true $(NOX) -s docs
	@touch .nox/$@.done

recording: .venv/done ## record docs/gate.svg for the README from a real run
	CI=true $(NOX) -s recording
	@touch .nox/$@.done

matrix: .venv/done ## run the tests with each ansible-core, with old and new requests (about an hour on two cores); CELLS=2.18 or CELLS=next selects some; NEXT_CORE=URL is the next ansible-core
	CI=true TALKOVER_TEST_MATRIX=1 $(BIN)/nox --no-error-on-missing-interpreters --tags $(or $(CELLS),matrix)

thorough: .venv/done ## run thousands of random inventories, and all faults and careless uses both ways (about an hour on two cores)
	CI=true $(NOX) -s thorough
	@touch .nox/$@.done

sanity-clone: .venv/done ## run ansible-test sanity on all files of the repository, tests and tools included
	CI=true $(NOX) -s sanity_clone
	@touch .nox/$@.done

ee: .venv/done ## build an execution environment, and run a gate in it; needs docker or podman
	CI=true $(NOX) -s ee-check
	@touch .nox/$@.done

release-check: .venv/done ## check that this commit can be released
	CI=true $(BIN)/nox $(REUSE) -s release
	@touch .nox/$@.done

package: .venv/done ## write the artifact, its signature and the release notes to build/release/; needs a GnuPG key
	CI=true $(NOX) -s package
	@touch .nox/$@.done

publish: .venv/done ## publish build/talkover-voice-VERSION.tar.gz to the Galaxy server that Ansible is configured for
	ANSIBLE_HOME=.venv/ansible $(BIN)/ansible-galaxy collection publish "build/talkover-voice-$(VERSION).tar.gz"

nginx: ## install nginx for one test, with apt-get or dnf; needs root
	PATH="$$PATH:/usr/sbin"; command -v nginx || { apt-get update -q && apt-get install -qy nginx; } || dnf install -qy nginx

java: ## install Java 17 for the tests with ansible-rulebook, with apt-get or dnf; needs root
	$(HAS_JAVA) || { apt-get update -q && apt-get install -qy openjdk-17-jre-headless; } || apt-get install -qy openjdk-21-jre-headless || dnf install -qy java-17-openjdk-headless

clean: ## remove all files that the other targets created
	rm -rf .ansible .demo .nox .venv build tests/output

# The environment for nox, and for building and running the collection.
.venv/done: $(wildcard $(PINS))
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint tests/requirements/constraints.txt uv
	UV_NATIVE_TLS=true $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --requirement tests/requirements/tools.txt
	touch $@

# ansible-rulebook for the last story of the demo.
.venv/eda/done: .venv/done
	$(PYTHON) -m venv .venv/eda
	UV_NATIVE_TLS=true $(BIN)/uv pip install --quiet --python .venv/eda --constraint tests/requirements/tools.txt ansible-rulebook ansible-core requests
	touch $@
