# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Provide the class that ansible-core loads."""

    DOCUMENTATION = r"""
options:
  details:
    description:
      - Whether to fetch the full record of each trunk, with one request per trunk.
      - With V(false), the records are the summaries of the list of trunks, fetched with one request. They have fewer
        fields, but all fields that the health check needs.
    type: bool
    default: true
  include:
    description:
      - Fields to add to each record. Each takes one more request per trunk.
      - V(live_health) adds the result of a live check that the service runs now, as C(live_health). It replaces
        C(health_status) in the health check. For a dead carrier, a live check takes about five seconds.
      - V(dids) adds the phone numbers on the trunk, as C(dids).
    type: list
    elements: str
    choices:
      - live_health
      - dids
"""
