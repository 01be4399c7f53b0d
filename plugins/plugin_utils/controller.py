# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""What the plugins on the controller share: options in, data and words out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.plugins import AnsiblePlugin
from ansible.utils.display import Display
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils.options import CONNECTION_SPEC, Connection

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core 2.18 and older, which trust all that is not marked

    def trust_as_template(text: str) -> str:
        """Give the text as it is."""
        return text


_HARMLESS = re.compile(r"""[\w\s.,:;@/+()"'!?=&—-]*""")


def templated(values: Mapping[str, Any] | None, templar: Any, prefix: str = "") -> dict[str, Any]:
    """Give values with those of the connection options templated, which ansible-core leaves to the plugin.

    :param prefix: what the names of the options begin with there.
    :raises AnsibleError: when a template cannot be rendered.
    """
    names = {f"{prefix}{name}" for name in CONNECTION_SPEC}
    return {name: templar.template(value) if name in names else value for name, value in (values or {}).items()}


def connection(plugin: AnsiblePlugin) -> Connection:
    """Read the connection options of a plugin.

    :raises TalkoverError: kind ``config``, when one of them is wrong.
    """
    return Connection.from_options({name: plugin.get_option(name) for name in CONNECTION_SPEC})


def say_wait(seconds: float) -> None:
    """Tell whoever watches why nothing moves; not on the standard output, which may be JSON for a program."""
    words = f"talkover.voice: the rate limit of the service is used up; going on in {seconds:.0f} s."
    Display().display(words, color="yellow", stderr=True)


def as_data(value: Any) -> Any:
    """Mark what came from the service as data, which ansible-core 2.18 and older would take for templates.

    A text without any character that a template could begin with needs no mark: ansible-inventory then prints it as the
    plain text that it is, and not as an object that says C(__ansible_unsafe).
    """
    if isinstance(value, dict):
        return {as_data(name): as_data(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_data(item) for item in value]
    if isinstance(value, str):
        return trust_as_template(value) if _HARMLESS.fullmatch(value) else wrap_var(value)
    return value
