# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the table of faults once, with as many rows in parallel as possible."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.tests.faults import runner, table
from ansible_collections.talkover.voice.tests.faults.runner import Outcome
from ansible_collections.talkover.voice.tests.faults.table import FAULTS

logged: list[str] = []
"""All log messages while the table ran."""


class _Keeper(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logged.append(logging.Formatter().format(record))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    table.write(folder)
    return folder


@pytest.fixture(scope="session")
def outcomes(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Outcome]]]:
    """Return the outcome of each row.

    One file alone asks for them, so that with --dist=loadfile one process of pytest-xdist plays the table, and not
    each. Rows that change the environment run one after the other, before all others.
    """
    with pytest.MonkeyPatch.context() as patch:
        # The fixture for each test does the same, but this one starts before that.
        for variable in list(os.environ):
            if variable.lower().endswith("_proxy") or variable.endswith(("_CA_BUNDLE", "SSL_CERT_FILE", "NETRC")):
                patch.delenv(variable)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        logger = logging.getLogger()
        patch.setattr(logger, "level", logging.DEBUG)
        patch.setattr(logger, "handlers", [*logger.handlers, _Keeper()])
        done: dict[str, Future[Outcome]] = {}
        for name, fault in FAULTS.items():
            if fault.environ:
                done[name] = Future()
                done[name].set_result(runner.run(fault, certificates))
        pool = ThreadPoolExecutor(48, thread_name_prefix="table")
        # Rows that wait start first, so that the others run meanwhile.
        for name, fault in sorted(FAULTS.items(), key=lambda item: not item[1].waits):
            if not fault.environ:
                done[name] = pool.submit(runner.run, fault, certificates)
        # For each test, pytest changes the environment, which the rows read in their threads.
        wait(done.values(), timeout=300)
        yield done
        assert not runner.leaks("\n".join(logged))
        pool.shutdown(cancel_futures=True)
