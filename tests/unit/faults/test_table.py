# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test each row of the table of faults: outcome, duration, message, and no leak of the token."""

from __future__ import annotations

import unicodedata
from concurrent.futures import Future

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import ADVICE
from ansible_collections.talkover.voice.tests.faults import runner
from ansible_collections.talkover.voice.tests.faults.fault import TRUNK
from ansible_collections.talkover.voice.tests.faults.runner import Outcome
from ansible_collections.talkover.voice.tests.faults.table import FAULTS


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, outcomes: dict[str, Future[Outcome]]) -> None:
    fault = FAULTS[name]
    # Waiting for a place in the pool is no part of the row, so the row's own clock is what counts.
    outcome = outcomes[name].result(timeout=300)
    assert outcome.kind in fault.kinds.split(), outcome.error or outcome.text
    assert outcome.seconds < runner.bound(fault)
    assert not runner.leaks(outcome.text)
    assert "hunter2" not in outcome.text
    if outcome.error is not None:
        check_message(outcome)
        assert fault.message in str(outcome.error)
        if "retries" not in fault.options and " " not in fault.kinds:
            assert outcome.attempts == (1 + runner.RETRIES if fault.retried else 1)
            assert outcome.accepted <= outcome.attempts * len(fault.options.get("trunk_ids") or [TRUNK])


def check_message(outcome: Outcome) -> None:
    """Check that a message has the cause, the request and the advice, on one printable line."""
    error, message = outcome.error, str(outcome.error)
    assert error is not None
    assert message.endswith(".")
    assert len(message) < 1500
    assert not [char for char in message if unicodedata.category(char)[0] == "C"]
    assert error.as_dict()["kind"] == outcome.kind
    if error.kind != "config":
        assert message[0].isupper()
        assert error.url
        base = error.url.partition("/sip-trunks")[0]
        assert f", {base})." in message or len(base) > 250
        assert message.endswith(error.advice)
        assert error.advice or ADVICE[error.kind]
