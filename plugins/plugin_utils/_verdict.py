# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Check records for the test and the filter plugin."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _health

ANY_AGE = object()
"""The default of C(max_health_age), because a null is an error."""


def verdict(plugin: str, trunk: Any, max_health_age: Any) -> list[str]:
    """Return the problems of a record, or of a list of records.

    :param plugin: the name of the plugin in messages.
    :raises AnsibleFilterError: when the value is neither, or max_health_age is invalid.
    """
    try:
        age = None if max_health_age is ANY_AGE else _health.parse_max_age(max_health_age)
        return _health.find_problems_in(trunk, age)
    except TypeError as error:
        raise AnsibleFilterError(f"The {plugin} has no verdict. {error}") from None
