# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What ansible-core looks for."""

    DOCUMENTATION = r"""
options:
  details:
    description:
      - Whether to fetch the full record of each trunk, which takes one request a trunk.
      - With V(false), the records are the summaries of the list, which take one request for any number of trunks. They
        have fewer fields, but all that the verdict needs.
    type: bool
    default: true
  include:
    description:
      - What to add to each record, at the price of one more request for each trunk and addition.
      - V(live_health) adds the result of a live check that the service makes now, as C(live_health). It counts for the
        verdict in place of C(health_status). A dead carrier takes about five seconds to answer.
      - V(dids) adds the phone numbers on the trunk, as C(dids).
    type: list
    elements: str
    choices:
      - live_health
      - dids
"""
