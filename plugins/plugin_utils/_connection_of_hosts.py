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
from typing import Any

from ._constant_templates import is_constant

_MODULE = "talkover.voice.sip_trunk_info"


def varying_options(task: Any) -> list[tuple[str, Any]]:
    """Return the connection options around a task that are not constant: their names, and their values, not rendered.

    Constant ones, such as a lookup of a token, are left out: they may be slow, or return a new token each time.
    """
    return [(name, value) for name, value in _options(task) if not is_constant((name, value))]


def _options(task: Any) -> Iterator[tuple[str, Any]]:
    groups = (task.get_play()._action_groups or {}).get(_MODULE, ())  # noqa: SLF001  # as ansible-core itself
    names = {_MODULE, *(f"group/{group}" for group in groups)}
    for defaults in _around(task, "module_defaults"):
        for name, value in defaults.items():
            if name in names:
                yield from value.items() if isinstance(value, Mapping) else [(name, value)]
    for variables in _around(task, "environment"):
        if isinstance(variables, Mapping):
            # A name may be a template as well.
            yield from ((k, v) for k, v in variables.items() if str(k).startswith("TALKOVER_") or "{" in str(k))
        else:
            yield "environment", variables


def _around(task: Any, keyword: str) -> list[Any]:
    """Return a keyword of the blocks, roles and the play around a task. That of the task itself may be rendered."""
    # The attribute of the block may be without that of the play. There is no public API.
    value = task._parent._get_parent_attribute(keyword)  # noqa: SLF001
    return value if isinstance(value, list) else []
