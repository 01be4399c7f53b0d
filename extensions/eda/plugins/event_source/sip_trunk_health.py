# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send an event when the health of a SIP trunk of Talkover changes."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

DOCUMENTATION = r"""
---
short_description: Send an event when the health of a SIP trunk of Talkover changes
description:
  - Polls the Talkover API, and sends an event when a trunk becomes unhealthy, recovers, or when its
    health is unknown because the API cannot be asked.
  - Events are sent for changes only. The state is kept in memory, so it is new after a restart.
  - Configuration errors, and the statuses 401 and 403 at the first poll, end the source with an
    error. Later failures never do.
  - The Python of ansible-rulebook must have ansible-core and requests.
options:
  api_token:
    description:
      - The API token of the Talkover environment to read from.
      - When it is not set, the environment variable TALKOVER_TOKEN is used. Prefer the variable,
        because ansible-rulebook prints the arguments of sources with -vv.
    type: str
  api_url:
    description:
      - The base URL of the API. When it is not set, the environment variable TALKOVER_API_URL is
        used.
    type: str
    default: https://app.talkover.ai/api/v1
  validate_certs:
    description: Whether to verify the certificate of the service and its host name.
    type: bool
    default: true
  ca_path:
    description: A file with CA certificates in PEM format, or a directory of them.
    type: path
  client_cert:
    description: A file with a client certificate in PEM format.
    type: path
  client_key:
    description: A file with the private key of client_cert.
    type: path
  timeout:
    description: The maximum duration of one attempt in seconds.
    type: float
    default: 10
  retries:
    description: How often to retry a request after a temporary failure.
    type: int
    default: 3
  max_connections:
    description: The maximum number of concurrent requests.
    type: int
    default: 10
  max_wait:
    description:
      - The maximum time in seconds that one poll may wait for rate limits. Beyond it, the poll
        fails.
      - The default is the interval, or 60 if the interval is shorter.
    type: float
  trunk_ids:
    description:
      - The IDs of the trunks to watch. A trunk that does not exist is unhealthy.
      - Exactly one of trunk_ids and all_trunks=true is needed.
    type: list
    elements: str
  all_trunks:
    description:
      - Whether to watch every trunk of the environment, including those that are created later. A
        trunk that is deleted becomes unhealthy.
    type: bool
  details:
    description:
      - Whether to fetch the full record of each trunk, with one request per trunk and poll.
      - By default, a poll is one request for the list of trunks. With max_health_age and without
        live_health, the default is true, because the list has no time of the check.
    type: bool
  include:
    description:
      - Fields to add to each record. With live_health, the service checks each trunk in each poll,
        and the result of this check counts.
    type: list
    elements: str
    choices: [live_health, dids]
  max_health_age:
    description: The maximum age of the newest health check of a healthy trunk, in seconds.
    type: int
  interval:
    description: The seconds between the beginnings of two polls. A random part of 10 % varies it.
    type: float
    default: 60
  sick_after:
    description: The number of unhealthy results in a row after which a trunk is reported as sick.
    type: int
    default: 2
  recovered_after:
    description: The number of healthy results in a row after which a trunk is reported as recovered.
    type: int
    default: 2
  unknown_after:
    description: The number of failed polls in a row after which all trunks are reported as unknown.
    type: int
    default: 3
  initial:
    description:
      - Which trunks to report after the start. V(sick) reports unhealthy trunks. V(all) also sends
        a snapshot for each healthy one. V(none) reports later changes only.
      - Trunks whose health is unknown are reported in any case.
    type: str
    default: sick
    choices: [sick, all, none]
  heartbeat:
    description:
      - The seconds between two heartbeat events, which are sent after polls. V(0) sends none.
    type: float
    default: 0
  hosts:
    description:
      - A dictionary of trunk IDs, each with a host name or a list of them. Actions for an event of
        the trunk run on these hosts.
      - Without this option, run_playbook runs on all hosts of the inventory. With it, an event
        without an entry gets a host that does not exist, so that a playbook for it fails.
    type: dict
"""

EXAMPLES = r"""
- name: Watch two trunks
  hosts: all
  sources:
    - talkover.voice.sip_trunk_health:
        trunk_ids:
          - 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
          - 7d0a4e92-1c3f-4b68-9e5d-a84f20b6c711
        hosts:
          3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34: pbx-1
          7d0a4e92-1c3f-4b68-9e5d-a84f20b6c711: [pbx-2, pbx-3]
  rules:
    - name: Open an incident
      condition: event.talkover.event == "sick"
      action:
        run_playbook:
          name: incident.yml
"""

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
PACKAGE = "talkover_voice_plugins"


def load(name: str) -> ModuleType:
    """Import a file of the collection.

    ansible-rulebook runs this file by its path, so there is no package for relative imports.
    """
    package = sys.modules.get(PACKAGE)
    if package is None or package.__path__ != [str(PLUGINS)]:
        for other in [key for key in sys.modules if key.startswith(f"{PACKAGE}.")]:
            del sys.modules[other]
        package = sys.modules[PACKAGE] = ModuleType(PACKAGE)
        package.__path__ = [str(PLUGINS)]
    return importlib.import_module(f"{PACKAGE}.{name}")


async def main(queue: asyncio.Queue[dict[str, Any]], args: dict[str, Any]) -> None:
    """Poll until the task is cancelled."""
    try:
        polling = load("plugin_utils._event_polling")
    except ModuleNotFoundError as error:
        message = (
            f"The Python of ansible-rulebook has no {error.name}. "
            f"Run: {sys.executable} -m pip install ansible-core requests"
        )
        raise RuntimeError(message) from None
    await polling.run(queue, args)
