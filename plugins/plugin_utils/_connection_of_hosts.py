# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Find the connection options around a task that may not be the same for all hosts of the play.

With C(run_once), Ansible renders C(module_defaults) and C(environment) for the first host only. The trunks of another
host would be checked with the URL or the token of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ._constant_templates import is_constant

_MODULE = "talkover.voice.sip_trunk_info"
_PREFIX = "TALKOVER_"
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


class ConnectionOption(NamedTuple):
    """An option around a task.

    :param value: the value, not rendered; of C(environment), a dictionary with it, or a template of all variables.
    """

    name: str
    value: Any
    is_environment: bool = False


def varying_options(task: Any) -> list[ConnectionOption]:
    """Return the connection options around a task that are not constant.

    Constant ones, such as a lookup of a token, are left out: they may be slow, or return a new token each time.
    """
    return [option for option in _options(task) if not is_constant(option.value)]


def connection_environment(environment: Any) -> dict[str, str]:
    """Return the variables of a rendered environment that configure the connection.

    :param environment: a dictionary, or a list of dictionaries, of which the last has the highest precedence.
    """
    layers = environment if isinstance(environment, (list, tuple)) else [environment]
    given = [item for layer in layers if isinstance(layer, Mapping) for item in layer.items()]
    return {str(name): str(value) for name, value in given if _is_connection_variable(str(name))}


def common_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those variables that must be the same for all hosts.

    Hosts may need different proxies and certificates for what else they do.
    """
    return {name: value for name, value in environment.items() if name.startswith(_PREFIX)}


def _is_connection_variable(name: str) -> bool:
    return name.startswith(_PREFIX) or name in _CERTIFICATES or name.upper().endswith("_PROXY")


def _options(task: Any) -> Iterator[ConnectionOption]:
    groups = (task.get_play()._action_groups or {}).get(_MODULE, ())  # noqa: SLF001  # as ansible-core itself
    names = {_MODULE, *(f"group/{group}" for group in groups)}
    for defaults in _around(task, "module_defaults"):
        for name, value in defaults.items():
            if name in names:
                options = value.items() if isinstance(value, Mapping) else [(name, value)]
                yield from (ConnectionOption(str(option), default) for option, default in options)
    for environment in _around(task, "environment"):
        if isinstance(environment, Mapping):
            # Ansible renders no names.
            for name, value in environment.items():
                if _is_connection_variable(str(name)):
                    yield ConnectionOption(str(name), {name: value}, is_environment=True)
        else:
            yield ConnectionOption("environment", environment, is_environment=True)


def _around(task: Any, keyword: str) -> list[Any]:
    """Return a keyword of the blocks, roles and the play around a task. That of the task itself may be rendered."""
    # The attribute of the block may be without that of the play. There is no public API.
    value = task._parent._get_parent_attribute(keyword)  # noqa: SLF001
    return value if isinstance(value, list) else []
