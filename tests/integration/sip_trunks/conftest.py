# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the inventory share."""

from __future__ import annotations

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import (
    Inventory,
)


@pytest.fixture
def inventory(run: Runner, emulator: Emulator) -> Inventory:
    """Return an inventory without any source, for the emulated service."""
    return Inventory(run, emulator.url)


@pytest.fixture
def down(run: Runner) -> Inventory:
    """Return an inventory for a service that has just gone."""
    with Emulator(token=TOKEN) as service:
        url = service.url
    return Inventory(run, url)
