# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sip_trunk
short_description: SIP trunks of Talkover inside any expression
version_added: 1.0.0
author:
  - Talkover Voice Collection Contributors (@talkover)
description:
  - Gives the records of SIP trunks from the Talkover API, as M(talkover.voice.sip_trunk_info) does, on the controller.
  - A lookup in C(group_vars) is evaluated anew for every host, every task and every reference. Records are therefore
    kept for O(cache_ttl) seconds and shared by all processes of one Ansible run, and when several of them want the
    same record at once, one asks and the others wait for its answer. Errors and missing trunks are not kept.
  - What the service returns is data. It is never evaluated, neither as a template nor as an expression.
  - A keyword that is not an option is an error that names the closest option.
  - Facts never configure the connection. When a variable such as C(talkover_api_url) is also a fact of the host, the
    lookup fails and names it. This holds for gathered and cached facts, and for C(ansible.builtin.set_fact) with
    C(cacheable).
  - The plugin only reads. It never changes anything at Talkover.
extends_documentation_fragment:
  - talkover.voice.connection
  - talkover.voice.query
  - talkover.voice.connection.plugins
options:
  _terms:
    description:
      - The IDs of the trunks. A term may be a list of IDs.
      - An empty or blank ID, V(.), V(..), and an ID with a control character are errors, so that a slip in a template
        never turns into another query.
      - No term is an error, unless O(all_trunks) is V(true).
    type: list
    elements: str
  all_trunks:
    description:
      - Whether to give every trunk of the environment. No term must be given then.
    type: bool
    default: false
  missing_ok:
    description:
      - Whether a trunk that does not exist is left out of the result instead of being an error.
    type: bool
    default: false
  cache_ttl:
    description:
      - How many seconds old a record may be when the lookup returns it, counted from the arrival of its own response.
        Younger records are shared by all processes of one Ansible run.
      - With V(0), a record is only used when it arrived after the lookup began. So lookups that request the same trunk
        at the same moment share one request.
      - The variable C(talkover_cache_ttl) may be a template.
      - Records are kept apart by O(api_url), token, certificates, O(details) and O(include). They are readable by
        their owner alone, and gone when the run ends.
    type: float
    default: 10
    vars:
      - name: talkover_cache_ttl
    env:
      - name: TALKOVER_CACHE_TTL
    ini:
      - section: talkover
        key: cache_ttl
seealso:
  - module: talkover.voice.sip_trunk_info
    description: The same records in a task, with a verdict on them.
  - plugin: talkover.voice.healthy
    plugin_type: test
    description: The verdict on a record.
  - plugin: talkover.voice.sip_trunks
    plugin_type: inventory
    description: Give hosts their trunks before the play begins.
"""

EXAMPLES = r"""
- name: Show the name of a trunk
  ansible.builtin.debug:
    msg: "{{ lookup('talkover.voice.sip_trunk', 'trunk-healthy').name }}"

- name: Stop unless a trunk is healthy right now
  ansible.builtin.assert:
    that: trunk is talkover.voice.healthy
  tags: always
  vars:
    trunk: "{{ lookup('talkover.voice.sip_trunk', 'trunk-healthy', include='live_health', cache_ttl=0) }}"

- name: Show the numbers of several trunks
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.dids | map(attribute='formatted_number') | join(', ') }}"
  loop: "{{ query('talkover.voice.sip_trunk', 'trunk-healthy', 'trunk-sick', include='dids') }}"
  loop_control:
    label: "{{ item.id }}"

- name: Count the trunks that can carry calls, with one request
  ansible.builtin.debug:
    msg: "{{ trunks | select('talkover.voice.healthy') | length }} of {{ trunks | length }}"
  vars:
    trunks: "{{ query('talkover.voice.sip_trunk', all_trunks=true, details=false) }}"

- name: Use a trunk if it exists
  ansible.builtin.debug:
    msg: "{{ trunks | map(attribute='domain') | first | default('There is none yet.') }}"
  vars:
    trunks: "{{ query('talkover.voice.sip_trunk', 'trunk-of-next-year', missing_ok=true) }}"

# In group_vars, for every host, task and reference; the service is asked once in ten seconds:
# trunk: "{{ lookup('talkover.voice.sip_trunk', talkover_trunk_id) }}"
"""

RETURN = r"""
_raw:
  description:
    - The records, one for each term and in their order. RV(talkover.voice.sip_trunk_info#module:trunks) lists their
      fields.
    - C(lookup) gives the record itself when there is just one; C(query) always gives a list.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._errors import TalkoverError
from ..module_utils._options import TrunkQuery, read_ids
from ..plugin_utils._plugin_options import (
    decrypt,
    display_wait,
    load_options,
    mark_untrusted,
    read_connection,
    reject_unknown_options,
)
from ..plugin_utils._run_cache import fetch_cached

# ansible-core 2.18 and older hand it to the lookup of a with_ loop.
_FROM_ANSIBLE = ("wantlist",)


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible-core declares no types
    """What ansible-core looks for."""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Give the records of the trunks that the terms name, or of all."""
        try:
            _reject_max_health_age(kwargs)
            reject_unknown_options(self, kwargs, _FROM_ANSIBLE)
            load_options(self.set_options, self._templar, direct=kwargs, variables=variables)
            connection = read_connection(self)
            ids = [trunk_id for term in terms for trunk_id in read_ids(decrypt(term), "A term")]
            _check_terms(ids, self.get_option("all_trunks"))
            options = {**self.get_options(), "trunk_ids": ids or None, "max_health_age": None}

            def fetch_records(query: TrunkQuery) -> Any:
                from ..module_utils._trunks import fetch
                from ..plugin_utils._run_window import open_window

                return fetch(connection, query, display_wait, open_window(connection))

            ttl = self.get_option("cache_ttl")
            records = fetch_cached(connection, TrunkQuery.from_options(options), ttl, fetch_records)
        except TalkoverError as error:
            raise AnsibleLookupError(str(error)) from None
        return [mark_untrusted(records[trunk_id]) for trunk_id in ids or records if records[trunk_id] is not None]


def _reject_max_health_age(options: Mapping[str, Any]) -> None:
    if "max_health_age" in options:
        raise TalkoverError(
            "config",
            "max_health_age is not an option of the lookup, which returns records and does not judge them. Give it to "
            "the test: trunk is talkover.voice.healthy(max_health_age=600).",
        )


def _check_terms(ids: list[str], all_trunks: bool) -> None:
    if ids and all_trunks:
        raise TalkoverError("config", "Both trunk IDs and all_trunks=true were given. Give exactly one of the two.")
    if not ids and not all_trunks:
        raise TalkoverError("config", "No trunk ID was given. Give at least one, or set all_trunks=true.")
