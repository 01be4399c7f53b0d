# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sip_trunks
short_description: Add SIP trunks of Talkover to hosts, or create hosts from trunks
version_added: 1.0.0
author:
  - Talkover Voice Collection Contributors (@talkover)
description:
  - Adds the records of SIP trunks and their health to the hosts of earlier inventory sources that use these trunks.
    Each trunk is fetched once, even if many hosts share it.
  - With O(all_trunks), it also creates a host for every trunk of the environment.
  - A host gets the variables C(talkover_trunks), the list of its records; C(talkover_trunk), the record when there is
    exactly one; C(talkover_healthy), whether all its trunks are healthy; and C(talkover_problems), the reasons by trunk
    ID. They are the same as RV(talkover.voice.sip_trunk_info#module:trunks),
    RV(talkover.voice.sip_trunk_info#module:trunk), RV(talkover.voice.sip_trunk_info#module:healthy) and
    RV(talkover.voice.sip_trunk_info#module:problems).
  - Only this plugin may set these variables. When a host with trunks has one of them from elsewhere, such as
    C(host_vars) or extra vars, Ansible stops with an error. Facts override them.
  - When the API cannot be reached, or anything else fails, the source fails as a whole, and the inventory is not
    changed. Ansible then continues with the other sources, unless E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) is set.
    Write plays for a group of healthy hosts, such as C(hosts=deployable), and never for all hosts except a block list,
    such as C(hosts=all:!blocked). A host that was not checked is in neither group, so a block list would include it.
  - Ansible never evaluates data of the API as a template or an expression. C(ansible-inventory --list) may print it as
    C(__ansible_unsafe) objects, which Ansible and AWX read back as text.
  - The name of the source file must end in C(talkover.yml) or C(talkover.yaml).
  - The plugin is read-only. It never changes anything at Talkover.
extends_documentation_fragment:
  - talkover.voice.connection.plugins
  - talkover.voice.connection
  - talkover.voice.query
  - constructed
  - inventory_cache
notes:
  - Ansible reads sources in the order of the command line, and the files of a directory in the order of their names.
    Name the source of this plugin after all others, for example C(99-talkover.yml). When a source after it changes the
    trunk of a host or its verdict, Ansible stops with an error.
  - The connection options may be templates, so that a token can come from a lookup.
  - O(cache) is used only when the source itself sets it to V(true). Global settings do not turn it on. A
    O(cache_timeout) of V(0), which means no limit in Ansible, is an error. With O(include=live_health), the cache
    needs O(max_health_age).
  - O(compose), O(groups) and O(keyed_groups) are evaluated for the hosts that have trunks, and can use the variables
    of this plugin. When they change the trunk ID of a host, the source fails.
  - When a host is in a group of O(groups), but the expression of the group is not true for it, or the host was not
    checked, Ansible stops with an error. This also applies when the source itself fails.
  - Set a C(prefix) for each entry of O(keyed_groups) whose key is text of the API, or that text can be the name of any
    group. Two entries with different keys and the same prefix and separator are an error.
  - When several sources of this plugin check trunks of the same host, it gets the trunks of all sources, and it is
    healthy only when it is healthy in each.
  - Invalid characters in group names are replaced, unless E(ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS) is set. Then a name
    that could be evaluated as an expression is an error.
  - A host with trunks and a group must not have the same name, because Ansible would set the variables of the host on
    the group. Otherwise the source fails.
  - A key that is not an option is an error that names the closest option.
options:
  plugin:
    description:
      - The name of this plugin, which identifies the source.
    type: str
    required: true
    choices:
      - talkover.voice.sip_trunks
  trunk_id_from:
    description:
      - A Jinja2 expression that returns the trunk ID of a host, or a list of IDs. It is evaluated for every host of the
        earlier sources, with the variables that a play on this inventory has. These include C(host_vars) and
        C(group_vars) next to the sources, extra vars, and cached facts. Variables in a playbook, or next to it, are not
        available to an inventory.
      - Hosts for which it is undefined or empty are skipped. Any other value that is not an ID is an error. When no
        host has an ID, there is a warning.
    type: str
    default: talkover_trunk_id
  all_trunks:
    description:
      - Whether to create a host for every trunk, with the trunk ID as its name, in the group C(talkover_trunks).
      - An ID that is the name of an existing host or group, or that has other characters than letters, digits, V(_),
        V(.) and V(-), is an error. So is O(trunk_id_from) with another ID for such a host.
    type: bool
    default: false
  max_health_age:
    description:
      - The maximum age of the newest health check of a healthy trunk, in seconds.
      - With O(details=false) it needs O(include=live_health), because summaries do not have the time of the check.
      - A null is an error.
    type: int
  missing_ok:
    description:
      - Whether a host whose trunk does not exist gets C(talkover_healthy=false). Otherwise the source fails.
    type: bool
    default: false
seealso:
  - module: talkover.voice.sip_trunk_info
    description: Fetch trunks and check their health in a task.
"""

EXAMPLES = r"""
# A source file, such as 99-talkover.yml. Hosts with the variable talkover_trunk_id get the records of their trunks.
# Hosts with healthy trunks only are in the group "deployable". In plays for this group, assert that the IDs are still
# the same, as in the guide, with the tag "always".

plugin: talkover.voice.sip_trunks
groups:
  deployable: talkover_healthy

# A source with another variable for the IDs, a token from a lookup, and a group for each carrier:
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

# A source that creates a host for every trunk and caches them for ten minutes. The cache needs "cache: true" here:
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
import itertools
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible import constants
from ansible.constants import config
from ansible.errors import AnsibleError, AnsibleParserError, AnsibleUndefinedVariable
from ansible.inventory.group import to_safe_group_name
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._errors import TalkoverError
from ..module_utils._options import ConnectionOptions, TrunkQuery, read_ids
from ..module_utils._trunks import Record, TrunkReport, fetch
from ..plugin_utils._inventory_transaction import (
    PlayView,
    call_after_all_sources,
    evaluate,
    get_state,
    play_view,
    transaction,
    unwrap,
)
from ..plugin_utils._judgements import (
    Judgement,
    Judgements,
    UnsafeInventoryError,
    build_variables,
    check_groups,
    check_ids,
    check_owned,
    compose,
    find_changed,
    get_judgements,
    get_sources,
    keep_judgements,
    set_variables,
    undo,
)
from ..plugin_utils._plugin_options import (
    display_wait,
    load_options,
    mark_untrusted,
    plain_message,
    read_connection,
    reject_unknown_options,
)
from ..plugin_utils._run_window import open_window

GROUP = "talkover_trunks"

# A value that is neither a template nor a list written as text.
_PLAIN_ID = re.compile(r"\w[\w.:-]*")
_HOST_NAME = re.compile(r"\w[\w.-]*")
# Characters for calls, templates and quoted strings.
_NOT_IN_GROUP_NAME = re.compile(r"""[()\[\]{}|~"'`\\%#\x00-\x1f\x7f]""")


def group_name(name: str) -> Any:
    """Return a group name, sanitized as TRANSFORM_INVALID_GROUP_CHARS requires.

    :raises TalkoverError: kind ``config``, when the name could be evaluated as an expression.
    """
    _value, origin = config.get_config_value_and_origin("TRANSFORM_INVALID_GROUP_CHARS")
    by_default = origin == "default"
    safe = to_safe_group_name(str(name), force=by_default, silent=by_default)
    if _NOT_IN_GROUP_NAME.search(safe):
        raise TalkoverError(
            "config",
            f"{safe!r} cannot be the name of a group, because it could be evaluated as an expression. "
            "Leave TRANSFORM_INVALID_GROUP_CHARS at its default.",
        )
    return mark_untrusted(safe)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]  # ansible-core has no types
    """Add trunks to an inventory. ansible-core loads this class."""

    NAME = "talkover.voice.sip_trunks"
    inventory: Any

    # What the check after all sources needs: why the command must fail, or the state that was checked.
    _unsafe: str | None = None
    _checked: Any = None

    # Constructable uses this attribute.
    _sanitize_group_name = staticmethod(group_name)

    def verify_file(self, path: str) -> bool:
        """Return whether the file name of a source is for this plugin."""
        if not super().verify_file(path):
            return False
        if path.endswith(("talkover.yml", "talkover.yaml")):
            return True
        if _names_plugin(path):
            self.display.warning(
                f"{path} is not read: the name of a source of {self.NAME} must end in talkover.yml or talkover.yaml."
            )
        return False

    def set_options(
        self,
        task_keys: Any = None,
        var_options: Mapping[str, Any] | None = None,
        direct: Mapping[str, Any] | None = None,
    ) -> None:
        """Set the options of the source, with templates in connection options rendered."""
        if direct is None:
            super().set_options(task_keys, var_options, direct)
            return
        if direct.get("groups") is not None and not isinstance(direct["groups"], Mapping):
            raise UnsafeInventoryError("groups must be a dictionary. Without its names, no group can be checked.")
        # The checks need these, also when another option is wrong.
        for name, kind in (("trunk_id_from", str), ("groups", Mapping)):
            if isinstance(direct.get(name), kind):
                self.set_option(name, direct[name])
        reject_unknown_options(self, direct)
        self.templar.available_variables = var_options or {}
        load_options(super().set_options, self.templar, direct=direct, variables=var_options, template_direct=True)
        # Global settings alone must not enable the cache.
        self.set_option("cache", "cache" in direct and self.get_option("cache"))
        self._check_cache()

    def _check_cache(self) -> None:
        if not self.get_option("cache"):
            return
        if not (self.get_option("cache_timeout") or 0) > 0:
            raise TalkoverError("config", "cache_timeout must be above 0: Ansible takes 0 for no limit at all.")
        if "live_health" in (self.get_option("include") or ()) and self.get_option("max_health_age") is None:
            raise TalkoverError(
                "config", "cache with include=live_health needs max_health_age, or a cached check would count as live."
            )

    def update_cache_if_changed(self) -> None:
        """Write the cache, but only warn when that fails, because the hosts have their variables already."""
        if not self.get_option("cache"):
            return
        try:
            super().update_cache_if_changed()
        except Exception as error:  # noqa: BLE001  # a cache plugin raises what it likes
            self.display.warning(f"The cache of {self.NAME} could not be written: {error}")

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Parse the source, fetch the trunks, and change the inventory as a whole or not at all."""
        super().parse(inventory, loader, path, cache)
        data = unwrap(inventory)
        call_after_all_sources(data, lambda: self._check_after_all_sources(data, path))
        try:
            self._read_config_data(path)
            with transaction(data):
                self._enrich(data, path, cache)
        except UnsafeInventoryError as error:
            # Ansible calls the checks only when it could read a source, so this one must count as read.
            self._unsafe = str(error)
        except TalkoverError as error:
            self._fail(data, path, str(error))
        except AnsibleError as error:
            self._fail(data, path, plain_message(error))

    def _fail(self, data: Any, path: str, reason: str) -> None:
        """Let the source fail, or the command when the inventory is unsafe without the source.

        :raises AnsibleParserError: when it is safe.
        """
        try:
            self._check_result(data, path, get_judgements(data))
        except UnsafeInventoryError as error:
            self.display.warning(f"{path}: {reason}")
            self._unsafe = str(error)
            return
        except (AnsibleError, TalkoverError):
            # Ansible cannot read the variables either.
            pass
        raise AnsibleParserError(f"{path}: {reason}") from None

    def _enrich(self, data: Any, path: str, cache: bool) -> None:
        judgements = get_judgements(data)
        self._check_keyed_groups(judgements)
        ids, variables = self._read_ids(data, path, judgements)
        self._check_hosts(data, path, ids)
        records = self._records(path, sorted({trunk_id for found in ids.values() for trunk_id in found}), cache)
        reports = {found: self._report(found, records) for found in set(ids.values())}
        again = [host for host in ids if host in judgements]
        for host in again:
            undo(data, host, judgements[host])
        for host, found in ids.items():
            judgements[host] = (*judgements.get(host, ()), Judgement(self, found, reports[found]))
        created = self._create_hosts(data, records) if self.get_option("all_trunks") else {}
        for host, trunk_id in created.items():
            judgements[host] = (Judgement(self, (trunk_id,), self._report((trunk_id,), records), created=True),)
        if again or created:
            with play_view(self.loader, data, path) as view:
                variables.update((host, view.get_vars(data.hosts[host])) for host in (*again, *created))
        # Set the variables of all hosts first, because an expression may read other hosts.
        for host in variables:
            set_variables(host, judgements[host])
        for host, seen in variables.items():
            own = build_variables(judgements[host])
            judgements[host] = compose(data, host, judgements[host], {**seen, **own})
        self._check_result(data, path, judgements)
        for name in sorted(self.composed_group_names.intersection(data.hosts)):
            raise UnsafeInventoryError(
                f"The host {name} has the name of a group in groups, so a play for the group would include the host. "
                "Rename one of them."
            )
        keep_judgements(data, judgements)
        self._checked = get_state(data, path)

    def _read_ids(
        self, data: Any, path: str, judgements: Judgements
    ) -> tuple[dict[str, tuple[str, ...]], dict[str, Any]]:
        """Return the trunk IDs and the variables of each host that has trunks."""
        ids: dict[str, tuple[str, ...]] = {}
        variables: dict[str, Any] = {}
        changed = find_changed(data)
        with play_view(self.loader, data, path) as view:
            for host in list(data.hosts.values()):
                seen = view.get_vars(host)
                found = self.read_trunk_ids(host.name, seen)
                if view.has_facts() and found != self._read_ids_without_facts(host, view):
                    raise TalkoverError(
                        "config",
                        f"A cached fact changes the trunk of host {host.name}. A managed host chooses its facts, so "
                        "they must not choose its trunk. Clear the fact cache, and remove the fact.",
                    )
                if found:
                    _check_name(host.name, data)
                    earlier = judgements.get(host.name, ())
                    check_owned(host.name, seen, build_variables(earlier))
                    if host.name in changed:
                        raise UnsafeInventoryError(
                            f"Another source changed host {host.name} between two sources of {self.NAME}. Put the "
                            "sources of this plugin next to each other, after all others."
                        )
                    ids[host.name], variables[host.name] = found, seen
        return ids, variables

    def _read_ids_without_facts(self, host: Any, view: PlayView) -> tuple[str, ...]:
        with view.without_facts():
            return self.read_trunk_ids(host.name, view.get_vars(host))

    def _check_result(self, data: Any, path: str, judgements: Judgements) -> None:
        check_groups(data, judgements, self)
        with play_view(self.loader, data, path) as view:
            for host in data.hosts.values():
                found, seen = judgements.get(host.name, ()), view.get_vars(host)
                if found:
                    _check_name(host.name, data)
                    check_ids(host.name, found, seen)
                if found or self._may_have_trunks(host.name, seen):
                    check_owned(host.name, seen, build_variables(found))

    def _may_have_trunks(self, host: str, variables: Mapping[str, Any]) -> bool:
        try:
            return bool(self.read_trunk_ids(host, variables))
        except TalkoverError:
            return True

    def _check_after_all_sources(self, data: Any, path: str) -> None:
        """Check the hosts again, unless nothing has changed since this source checked them."""
        if self._unsafe:
            raise AnsibleParserError(f"{path}: {self._unsafe}")
        if get_state(data, path) == self._checked:
            return
        reason = "A source after it changes what it found: " if self._checked else ""
        try:
            self._check_result(data, path, get_judgements(data))
        except TalkoverError as error:
            raise AnsibleParserError(f"{path}: {reason}{error}") from None
        except AnsibleError as error:
            # Without the source, Ansible reads these variables for the hosts of a play only.
            if self._checked:
                raise AnsibleParserError(f"{path}: {reason}{plain_message(error)}") from None

    def _check_keyed_groups(self, judgements: Judgements) -> None:
        """Raise an error when two entries of C(keyed_groups) could add hosts to the same group.

        Text of the API in one entry could then be the name that another entry gives to healthy hosts only.
        """
        sources = [*get_sources(judgements), self]
        entries = sorted({entry for source in sources for entry in source.keyed_group_starts()})
        for (start, key), (other, other_key) in itertools.combinations(entries, 2):
            # Sorted, so the second is the longer one.
            if key != other_key and (start == other or (start and other.startswith(start))):
                raise TalkoverError(
                    "config",
                    f"Two entries of keyed_groups begin their group names with {start!r}: {key} and {other_key}. Text "
                    "of the API in one could name a group of the other. Set a different prefix for each, or move those "
                    "without text of the API to a source of ansible.builtin.constructed.",
                )

    def keyed_group_starts(self) -> Iterator[tuple[str, str]]:
        """Yield what the group names of each entry of C(keyed_groups) start with, and the expression of the entry."""
        for entry in self.get_option("keyed_groups") or ():
            if isinstance(entry, Mapping):
                prefix, separator = str(entry.get("prefix", "")), str(entry.get("separator", "_"))
                has_start = prefix or self.get_option("leading_separator") is not False
                yield str(group_name(f"{prefix}{separator}" if has_start else "")), str(entry.get("key"))

    def _check_hosts(self, data: Any, path: str, ids: Mapping[str, tuple[str, ...]]) -> None:
        if ids or self.get_option("all_trunks"):
            return
        if not data.hosts:
            raise TalkoverError(
                "config",
                "No earlier inventory source defines a host. Name this source after those with the hosts (in a "
                "directory they are read by name), or set all_trunks.",
            )
        self.display.warning(
            f"{path}: no trunk was checked, because {self.get_option('trunk_id_from')} is undefined or empty for all "
            f"{len(data.hosts)} hosts. Check the name of the variable and trunk_id_from."
        )

    def read_trunk_ids(self, host: str, variables: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the IDs of the trunks of a host.

        :param variables: the variables of the host as a play sees them.
        :raises TalkoverError: kind ``config``, when C(trunk_id_from) returns a value that is not an ID.
        """
        expression = self.get_option("trunk_id_from")
        value = variables.get(expression) if expression.isidentifier() else None
        if isinstance(value, str) and _PLAIN_ID.fullmatch(value):
            # The usual case: a hundred times faster than an expression.
            return (str(value),)
        try:
            value = evaluate(self.templar, expression, variables)
            return () if value in (None, "", [], ()) else tuple(dict.fromkeys(read_ids(value, expression)))
        except AnsibleUndefinedVariable:
            return ()
        except TalkoverError as error:
            reason = str(error)
        except AnsibleError as error:
            reason = f"{expression} cannot be evaluated: {plain_message(error)}"
        raise TalkoverError("config", f"Host {host} has no valid trunk ID: {reason}")

    def compose_variables(self, host: str, variables: Mapping[str, Any]) -> None:
        """Set the variables of C(compose) on a host."""
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=self.get_option("strict"))

    @functools.cached_property
    def composed_group_names(self) -> frozenset[str]:
        """Return the names of C(groups), as written, and as they are in the inventory."""
        names = self.get_option("groups") or {}
        return frozenset((*map(str, names), *(str(group_name(name)) for name in names)))

    def compose_groups(self, host: str, variables: Mapping[str, Any]) -> frozenset[str]:
        """Add a host to the groups of C(groups) and C(keyed_groups), and return the true names of C(groups)."""
        strict, inventory = self.get_option("strict"), self.inventory
        groups, keyed_groups = self.get_option("groups"), self.get_option("keyed_groups")
        try:
            self.inventory = recorder = _GroupRecorder()
            try:
                self._add_host_to_composed_groups(groups, variables, host, strict, fetch_hostvars=False)
            finally:
                self.inventory = inventory
            true_groups = [inventory.add_group(name) for name in recorder.names]
            for name in true_groups:
                inventory.add_child(name, host)
            self._add_host_to_keyed_groups(keyed_groups, variables, host, strict, fetch_hostvars=False)
        except (AnsibleError, TalkoverError):
            raise
        except Exception as error:  # noqa: BLE001  # Ansible raises Exception for a group that would contain itself
            raise TalkoverError("config", f"Host {host} cannot be added to its groups: {error}.") from None
        return frozenset(map(str, true_groups))

    def _create_hosts(self, data: Any, records: Mapping[str, Record | None]) -> dict[str, str]:
        """Create a host for each trunk, and return the trunk IDs by host name."""
        created = {}
        self.inventory.add_group(GROUP)
        for trunk_id in [trunk_id for trunk_id, record in records.items() if record is not None]:
            if not _HOST_NAME.fullmatch(trunk_id) or trunk_id in constants.LOCALHOST:
                raise TalkoverError("config", f"The trunk ID {trunk_id!r} cannot be the name of a host.")
            _check_name(trunk_id, data)
            if trunk_id in data.hosts:
                raise TalkoverError("config", f"The trunk ID {trunk_id!r} is the name of an existing host.")
            created[self.inventory.add_host(mark_untrusted(trunk_id), GROUP)] = trunk_id
        return created

    def _records(self, path: str, ids: list[str], cache: bool) -> Mapping[str, Record | None]:
        """Return the records of some trunks, or of all with C(all_trunks), from the cache if possible."""
        everything = self.get_option("all_trunks")
        if not ids and not everything:
            return {}
        options = read_connection(self)
        queries = [self._query(None)] if everything else []
        queries += [self._query(ids)] if ids else []
        if not self.get_option("cache"):
            return _fetch_all(options, queries)
        cache_keys = [(query.trunk_ids, query.all_trunks, *query.cache_key) for query in queries]
        key = f"{self.get_cache_key(path)}_{options.token.fingerprint(json.dumps([options.cache_key, cache_keys]))}"
        cached = self._read_cache(key, ids) if cache else None
        if cached is not None:
            return cached
        started = time.time()
        records = _fetch_all(options, queries)
        if None not in records.values():
            self._cache[key] = {"fetched_at": started, "records": records}
        return records

    def _read_cache(self, key: str, ids: list[str]) -> Mapping[str, Record | None] | None:
        """Return the records of a cache entry, or C(None) for one that is missing, damaged or too old."""
        try:
            entry = self._cache.get(key)
        except Exception:  # noqa: BLE001  # a cache plugin raises what it likes
            return None
        if not isinstance(entry, Mapping) or not isinstance(entry.get("records"), Mapping):
            return None
        # Not every cache plugin applies its timeout, and the file may come from another program.
        age, records = time.time() - _number(entry.get("fetched_at")), entry["records"]
        usable = [isinstance(record, Mapping) and record.get("id") == trunk_id for trunk_id, record in records.items()]
        complete = all(usable) and all(trunk_id in records for trunk_id in ids)
        return records if 0 <= age <= self.get_option("cache_timeout") and complete else None

    def _query(self, ids: list[str] | None) -> TrunkQuery:
        return TrunkQuery.from_options({**self.get_options(), "trunk_ids": ids, "all_trunks": ids is None})

    def _report(self, ids: Iterable[str], records: Mapping[str, Record | None]) -> TrunkReport:
        return TrunkReport({trunk_id: records[trunk_id] for trunk_id in ids}, self.get_option("max_health_age"))


class _GroupRecorder:
    """Replace an inventory to record the names of groups."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def add_group(self, name: str) -> str:
        return name

    def add_child(self, name: str, _host: str) -> None:
        self.names.append(name)


def _check_name(host: str, data: Any) -> None:
    if host in data.groups:
        # Ansible would set the variables of the host on the group.
        raise TalkoverError("config", f"There is both a host and a group called {host}. Rename one of them.")


def _names_plugin(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            start = file.read(1 << 16)
    except OSError:
        return False
    return bool(re.search(rb"(?m)^plugin:\s*['\"]?talkover\.voice\.sip_trunks\b", start))


def _fetch_all(options: ConnectionOptions, queries: list[TrunkQuery]) -> dict[str, Record | None]:
    records: dict[str, Record | None] = {}
    for query in queries:
        rest = tuple(trunk_id for trunk_id in query.trunk_ids if trunk_id not in records)
        if rest or query.all_trunks:
            records.update(fetch(options, query._replace(trunk_ids=rest), display_wait, open_window(options)).records)
    return records


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
