# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sip_trunk
short_description: Look up SIP trunks of Talkover in any expression
version_added: 1.0.0
author:
  - Talkover Voice Collection Contributors (@talkover)
description:
  - Returns the records of SIP trunks from the Talkover API, like M(talkover.voice.sip_trunk_info), but on the
    controller.
  - Ansible evaluates a lookup in C(group_vars) again for every host, every task and every reference. Therefore records
    are cached for O(cache_ttl) seconds and shared by all processes of one Ansible run. When several processes need the
    same record at the same time, one requests it and the others wait. Errors and missing trunks are not cached.
  - Ansible never evaluates data of the API as a template or an expression.
  - A keyword that is not an option is an error that names the closest option.
  - Facts never configure the connection. When a variable such as C(talkover_api_url) is also a fact of the host, the
    lookup fails and names it. This holds for gathered and cached facts, and for C(ansible.builtin.set_fact) with
    C(cacheable).
  - The plugin is read-only. It never changes anything at Talkover.
extends_documentation_fragment:
  - talkover.voice.connection.plugins
  - talkover.voice.connection
  - talkover.voice.query
options:
  _terms:
    description:
      - The IDs of the trunks. A term may be a list of IDs.
      - An empty or blank ID, V(.), V(..), and an ID with a control character are errors, so that a mistake in a
        template never changes the query.
      - At least one term is required, unless O(all_trunks) is V(true).
    type: list
    elements: str
  all_trunks:
    description:
      - Whether to return every trunk of the environment. It cannot be combined with terms.
    type: bool
    default: false
  missing_ok:
    description:
      - Whether to omit a trunk that does not exist from the result. Otherwise it is an error.
    type: bool
    default: false
  cache_ttl:
    description:
      - The maximum age of a record when the lookup returns it, in seconds since its response arrived. Newer records are
        shared by all processes of one Ansible run.
      - With V(0), a record is only used when its response arrived after the lookup began. Lookups that request the
        same trunk at the same time share one request.
      - The variable C(talkover_cache_ttl) may be a template.
      - The cache key includes O(api_url), the token, the certificate options, O(details) and O(include). Only the
        owner can read the cache, and it is removed when the run ends.
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
    description: Fetch the records and check their health in a task.
  - plugin: talkover.voice.healthy
    plugin_type: test
    description: Check the health of a record.
  - plugin: talkover.voice.sip_trunks
    plugin_type: inventory
    description: Add trunks to hosts before the play starts.
"""

EXAMPLES = r"""
- name: Show the name of a trunk
  ansible.builtin.debug:
    msg: "{{ lookup('talkover.voice.sip_trunk', '3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34').name }}"

- name: Stop unless a trunk is healthy right now
  ansible.builtin.assert:
    that: trunk is talkover.voice.healthy
    fail_msg: "{{ trunk.name }}: {{ trunk | talkover.voice.health_problems | join(' ') }}"
  tags: always
  vars:
    trunk: >-
      {{ lookup('talkover.voice.sip_trunk', '3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34',
      include='live_health', cache_ttl=0) }}

- name: Show the numbers of several trunks
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.dids | map(attribute='formatted_number') | join(', ') }}"
  loop: "{{ query('talkover.voice.sip_trunk', *trunk_ids, include='dids') }}"
  vars:
    trunk_ids:
      - 3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34
      - b91e6d05-62fa-4c87-b3d0-0f7a5c2e8d49
  loop_control:
    label: "{{ item.id }}"

- name: Count the healthy trunks, with one request
  ansible.builtin.debug:
    msg: "{{ trunks | select('talkover.voice.healthy') | length }} of {{ trunks | length }}"
  vars:
    trunks: "{{ query('talkover.voice.sip_trunk', all_trunks=true, details=false) }}"

- name: Use a trunk if it exists
  ansible.builtin.debug:
    msg: "{{ trunks | map(attribute='domain') | first | default('There is none yet.') }}"
  vars:
    trunks: "{{ query('talkover.voice.sip_trunk', 'e4c80f67-2b19-4d3a-9c55-81d6f7a0b3e2', missing_ok=true) }}"

# In group_vars, for all hosts and tasks. Each record is fetched at most once in ten seconds:
# trunk: "{{ lookup('talkover.voice.sip_trunk', talkover_trunk_id) }}"
"""

RETURN = r"""
_raw:
  description:
    - The records, one for each term, in the same order. RV(talkover.voice.sip_trunk_info#module:trunks) lists their
      fields.
    - C(lookup) returns the record itself when there is exactly one; C(query) always returns a list.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._errors import TalkoverError
from ..module_utils._options import ConnectionOptions, TrunkQuery, read_ids
from ..plugin_utils._facts import reject_facts
from ..plugin_utils._plugin_options import (
    decrypt,
    load_options,
    mark_untrusted,
    read_connection,
    reject_unknown_options,
)
from ..plugin_utils._run_store import read_cached

# ansible-core 2.18 and older hand it to the lookup of a with_ loop.
_FROM_ANSIBLE = ("wantlist",)


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible-core declares no types
    """What ansible-core looks for."""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Give the records of the trunks that the terms name, or of all."""
        try:
            _reject_max_health_age(kwargs)
            reject_unknown_options(self, kwargs, _FROM_ANSIBLE)
            try:
                load_options(self.set_options, self._templar, direct=kwargs, variables=variables)
                connection = read_connection(self)
                ids = [trunk_id for term in terms for trunk_id in read_ids(decrypt(term), "A term")]
                _check_terms(ids, self.get_option("all_trunks"))
                options = {**self.get_options(), "trunk_ids": ids or None, "max_health_age": None}
                query, ttl = TrunkQuery.from_options(options), self.get_option("cache_ttl")
            finally:
                # A fact is the better reason for any error. Checked last, because a template may load the stored facts
                # of a host. ansible-core 2.19 and newer render a list of terms when it is read.
                reject_facts(variables)
            records = read_cached(connection, query, ttl)
            if records is None:
                records = _fetch(connection, query, ttl)
        except TalkoverError as error:
            raise AnsibleLookupError(str(error)) from None
        return [mark_untrusted(records[trunk_id]) for trunk_id in ids or records if records[trunk_id] is not None]


def _fetch(connection: ConnectionOptions, query: TrunkQuery, ttl: float) -> Mapping[str, Any]:
    # Imported late: each worker process compiles again what it imports, and a cached record needs none of it.
    from ..module_utils._trunks import fetch
    from ..plugin_utils._plugin_options import display_wait
    from ..plugin_utils._run_cache import fetch_cached
    from ..plugin_utils._run_window import open_window

    def request(rest: TrunkQuery) -> Any:
        return fetch(connection, rest, display_wait, open_window(connection))

    return fetch_cached(connection, query, ttl, request)


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
