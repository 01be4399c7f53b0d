# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sip_trunks
short_description: Give hosts their SIP trunks of Talkover, or make hosts of trunks
version_added: 1.0.0
author:
  - Talkover Voice Collection Contributors (@talkover)
description:
  - Adds to hosts that earlier inventory sources defined the records of the SIP trunks that they use, and a verdict on
    their health. Each trunk is fetched once, however many hosts share it.
  - With O(all_trunks), it makes a host of every trunk of the environment as well.
  - A host gets the variables C(talkover_trunks), which is the list of its records, C(talkover_trunk), which is the
    record when there is exactly one, C(talkover_healthy), which is the verdict, and C(talkover_problems), which gives
    the reasons by trunk ID. They are the same as RV(talkover.voice.sip_trunk_info#module:trunks),
    RV(talkover.voice.sip_trunk_info#module:trunk), RV(talkover.voice.sip_trunk_info#module:healthy) and
    RV(talkover.voice.sip_trunk_info#module:problems).
  - When the service cannot be asked, the source fails as a whole, and no host gets half of its variables. Ansible
    goes on with the other sources then, unless E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) is set. Write plays for a
    group that only healthy hosts are in, such as C(hosts=deployable), and never for all hosts but those of a block
    list, as C(hosts=all:!blocked) would be. A host that could not be evaluated is in neither group, so a block list
    lets it through.
  - What the service returns is data and never a template, whatever it looks like.
  - The name of the source file must end in C(talkover.yml) or C(talkover.yaml).
  - The plugin only reads. It never changes anything at Talkover.
extends_documentation_fragment:
  - talkover.voice.connection
  - talkover.voice.question
  - talkover.voice.connection.plugins
  - constructed
  - inventory_cache
notes:
  - Ansible reads sources in the order of the command line, and the files of a directory in the order of their names.
    The source of this plugin must come after those that define the hosts, for example as C(99-talkover.yml).
  - The options of the connection may be templates, so that a token can come from a lookup.
  - With O(cache), records may be as old as O(cache_timeout). Use O(max_health_age) to have old verdicts count as not
    healthy.
  - O(compose), O(groups) and O(keyed_groups) are evaluated for the hosts that have trunks, and see the variables from
    here.
  - The names of the groups are made valid, unless E(ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS) is set, which is followed
    then.
  - A host with trunks and a group must not have the same name, because Ansible would give to the group what is meant
    for the host. The source fails then.
options:
  plugin:
    description:
      - Tells Ansible that the source is for this plugin.
    type: str
    required: true
    choices:
      - talkover.voice.sip_trunks
  trunk_id_from:
    description:
      - A Jinja2 expression that gives the ID of the trunk of a host, or a list of IDs. It is evaluated for every host
        that earlier sources defined, with its variables and those of its groups, C(host_vars) and C(group_vars)
        beside the sources included.
      - Hosts for which it is undefined or empty are left alone. Anything else that is no ID is an error.
    type: str
    default: talkover_trunk_id
  all_trunks:
    description:
      - Whether to make a host of every trunk, named by its ID, in the group C(talkover_trunks).
    type: bool
    default: false
  max_health_age:
    description:
      - How many seconds the newest health check may be old for a trunk to count as healthy.
      - With O(details=false) it needs O(include=live_health), because summaries do not have the time of the check.
    type: int
  missing_ok:
    description:
      - Whether a host whose trunk does not exist gets C(talkover_healthy=false) instead of the source failing.
    type: bool
    default: false
seealso:
  - module: talkover.voice.sip_trunk_info
    description: The same in a task.
"""

EXAMPLES = r"""
# A source file, such as 99-talkover.yml. Hosts with a variable talkover_trunk_id learn about their trunks, and those
# whose trunks are all healthy are deployable.

plugin: talkover.voice.sip_trunks
groups:
  deployable: talkover_healthy

# Another one: the IDs stand in another variable, the token in another place, and the carriers become groups.
#
# plugin: talkover.voice.sip_trunks
# trunk_id_from: voice.trunks
# api_token: "{{ lookup('ansible.builtin.env', 'TALKOVER_TOKEN') }}"
# include:
#   - live_health
# max_health_age: 300
# compose:
#   carrier: talkover_trunks | map(attribute='provider_name') | join(', ')
# keyed_groups:
#   - key: talkover_trunks | map(attribute='provider_name') | list
#     prefix: carrier
# groups:
#   deployable: talkover_healthy

# A third one: every trunk is a host, and kept for ten minutes.
#
# plugin: talkover.voice.sip_trunks
# all_trunks: true
# details: false
# cache: true
# cache_plugin: ansible.builtin.jsonfile
# cache_connection: ./inventory-cache
# cache_timeout: 600
"""

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

from ansible.constants import config
from ansible.errors import AnsibleError, AnsibleParserError, AnsibleUndefinedVariable
from ansible.inventory.group import to_safe_group_name
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.vars import combine_vars

from ..module_utils.errors import TalkoverError
from ..module_utils.options import Connection, Question, listed_ids
from ..module_utils.trunks import Answer, Record, fetch
from ..plugin_utils.controller import (
    display_wait,
    load_options,
    mark_untrusted,
    read_connection,
    reject_unknown_options,
)
from ..plugin_utils.inventory import Draft, Hosts

GROUP = "talkover_trunks"

# A variable of that text can be no template, nor a list written as text.
_PLAIN = re.compile(r"\w[\w.:-]*")


@functools.cache
def group_name(name: str) -> Any:
    """Give the name of a group as TRANSFORM_INVALID_GROUP_CHARS wants it.

    Without a word from the user it is made valid, as by all plugins that compose groups.
    """
    _value, origin = config.get_config_value_and_origin("TRANSFORM_INVALID_GROUP_CHARS")
    by_default = origin == "default"
    return mark_untrusted(to_safe_group_name(str(name), force=by_default, silent=by_default))


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]  # ansible-core has no types
    """What ansible-core looks for."""

    NAME = "talkover.voice.sip_trunks"

    # Where Constructable looks for it.
    _sanitize_group_name = staticmethod(group_name)

    def verify_file(self, path: str) -> bool:
        """Say whether a source is meant for this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("talkover.yml", "talkover.yaml"))

    def set_options(
        self,
        task_keys: Any = None,
        var_options: Mapping[str, Any] | None = None,
        direct: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the options of the source, those of the connection templated."""
        if direct is None:
            super().set_options(task_keys, var_options, direct)
            return
        self.templar.available_variables = var_options or {}
        try:
            reject_unknown_options(self, direct)
            load_options(super().set_options, self.templar, direct=direct, variables=var_options, template_direct=True)
        except TalkoverError as error:
            raise AnsibleParserError(str(error)) from None

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Read the source, ask, and only then touch the inventory."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self._hosts = Hosts(loader, inventory, path)
        self.inventory = draft = Draft(inventory)
        try:
            users = self._users(inventory.hosts.values())
            records = self._records(path, sorted({trunk_id for ids in users.values() for trunk_id in ids}), cache)
            if self.get_option("all_trunks"):
                draft.add_group(GROUP)
                for trunk_id in [trunk_id for trunk_id, record in records.items() if record is not None]:
                    users.setdefault(draft.add_host(mark_untrusted(trunk_id), GROUP), (trunk_id,))
            self._enrich(users, mark_untrusted(records))
        except TalkoverError as error:
            raise AnsibleParserError(f"{path}: {error}") from None
        draft.carry_out()

    def _users(self, hosts: Any) -> dict[Any, tuple[str, ...]]:
        """Give the IDs of the trunks of each host that has any."""
        if not hosts and not self.get_option("all_trunks"):
            raise TalkoverError(
                "config",
                "No earlier inventory source defined a host, so there is none to give trunks to. Name this source "
                "after those with the hosts (in a directory they are read by name), or set all_trunks.",
            )
        users = {host.name: self._ids(host) for host in hosts}
        return {name: ids for name, ids in users.items() if ids}

    def _ids(self, host: Any) -> tuple[str, ...]:
        expression, variables = self.get_option("trunk_id_from"), self._hosts.variables(host)
        if self.get_option("use_extra_vars"):
            variables = combine_vars(variables, self._vars)
        value = variables.get(expression)
        if isinstance(value, str) and _PLAIN.fullmatch(value):
            # What most hosts have, and a hundred times faster than by way of an expression.
            return (str(value),)
        try:
            value = self._compose(expression, variables)
            return () if value in (None, "", [], ()) else tuple(dict.fromkeys(listed_ids(value)))
        except AnsibleUndefinedVariable:
            return ()
        except (AnsibleError, TalkoverError) as error:
            raise TalkoverError("config", f"trunk_id_from gives host {host.name} no trunk: {error}") from None

    def _records(self, path: str, ids: list[str], cache: bool) -> Mapping[str, Record | None]:
        """Give the records of some trunks, or with C(all_trunks) of all, from the cache if it has them."""
        everything = self.get_option("all_trunks")
        if not ids and not everything:
            return {}
        reach = read_connection(self)
        questions = [self._question(None)] if everything else []
        questions += [self._question(ids)] if ids else []
        if not self.get_option("cache"):
            return _fetched(reach, questions)
        scope = json.dumps([reach.scope, [(asked.trunk_ids, asked.all_trunks, *asked.scope) for asked in questions]])
        key = f"{self.get_cache_key(path)}_{reach.token.fingerprint(scope)}"
        cached = self._cached(key) if cache else None
        if isinstance(cached, Mapping) and _usable(cached, ids):
            return cached
        records = _fetched(reach, questions)
        if None not in records.values():
            self._cache[key] = records
        return records

    def _cached(self, key: str) -> Any:
        try:
            return self._cache.get(key)
        except Exception:  # noqa: BLE001  # a cache plugin raises what it likes, and what it lost can be asked for
            return None

    def _question(self, ids: list[str] | None) -> Question:
        return Question.from_options({**self.get_options(), "trunk_ids": ids, "all_trunks": ids is None})

    def _enrich(self, users: Mapping[str, tuple[str, ...]], records: Mapping[str, Record | None]) -> None:
        """Give each host its variables, and what is composed of them."""
        strict = self.get_option("strict")
        compose, groups, keyed_groups = (self.get_option(name) for name in ("compose", "groups", "keyed_groups"))
        answers: dict[tuple[str, ...], dict[str, Any]] = {}
        for host, ids in users.items():
            if ids not in answers:
                answers[ids] = self._answer({trunk_id: records[trunk_id] for trunk_id in ids})
            for name, value in answers[ids].items():
                self.inventory.set_variable(host, name, value)
            known = self.inventory.get_host(host)
            if compose:
                self._set_composite_vars(compose, self._seen(known), host, strict=strict)
            variables = self._seen(known)
            self._add_host_to_composed_groups(groups, variables, host, strict, fetch_hostvars=False)
            self._add_host_to_keyed_groups(keyed_groups, variables, host, strict, fetch_hostvars=False)

    def _seen(self, host: Any) -> Any:
        return self._hosts.variables(host, self.inventory.variables[host.name])

    def _answer(self, records: Mapping[str, Record | None]) -> dict[str, Any]:
        answer = Answer(records, self.get_option("max_health_age"))
        variables: dict[str, Any] = {"talkover_trunks": answer.trunks}
        if len(records) == 1 and answer.trunks:
            variables["talkover_trunk"] = answer.trunks[0]
        return {**variables, "talkover_healthy": answer.healthy, "talkover_problems": mark_untrusted(answer.problems)}


def _fetched(reach: Connection, questions: list[Question]) -> dict[str, Record | None]:
    records: dict[str, Record | None] = {}
    for question in questions:
        rest = tuple(trunk_id for trunk_id in question.trunk_ids if trunk_id not in records)
        if rest or question.all_trunks:
            records.update(fetch(reach, question._replace(trunk_ids=rest), display_wait).records)
    return records


def _usable(cached: Mapping[str, Any], ids: list[str]) -> bool:
    # The cache's file may be anybody's; what cannot be what was written is fetched anew.
    records = [isinstance(record, Mapping) and record.get("id") == trunk_id for trunk_id, record in cached.items()]
    return all(records) and all(trunk_id in cached for trunk_id in ids)
