# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The verdict, as plugins of Jinja2 ask for it."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import health

ANY_AGE = object()
"""What stands for a C(max_health_age) that was not given, as a null is an error."""


def verdict(plugin: str, trunk: Any, max_health_age: Any) -> list[str]:
    """Give the problems of a record, or of a list of records.

    :param plugin: what a message calls the plugin that asks.
    :raises AnsibleFilterError: when there is nothing that a verdict could be about.
    """
    try:
        return health.problems_of(trunk, None if max_health_age is ANY_AGE else health.checked_age(max_health_age))
    except TypeError as error:
        raise AnsibleFilterError(f"The {plugin} has no verdict. {error}") from None
