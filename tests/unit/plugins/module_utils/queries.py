# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send queries to the emulator, through the same code as the plugins."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._options import (
    ConnectionOptions,
    TrunkQuery,
)
from ansible_collections.talkover.voice.plugins.module_utils._trunks import TrunkReport, fetch
from ansible_collections.talkover.voice.tests.defaults import defaults
from ansible_collections.talkover.voice.tests.emulator import Emulator

TRUNKS = [{"id": f"trunk-{number}"} for number in range(5)]


def ask(service: Emulator, **options: Any) -> TrunkReport:
    given = {**defaults(), "api_url": service.url, "api_token": service.token, "retries": 0, **options}
    return fetch(ConnectionOptions.from_options(given), TrunkQuery.from_options(given))


def refused(service: Emulator, **options: Any) -> TalkoverError:
    with pytest.raises(TalkoverError) as caught:
        ask(service, **options)
    assert service.token not in f"{caught.value} {caught.value!r} {caught.value.as_dict()}"
    return caught.value
