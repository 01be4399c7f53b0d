# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return the default values of the options."""

from __future__ import annotations

from typing import Any

from ..plugins.module_utils._options import CONNECTION_SPEC, QUERY_SPEC


def defaults() -> dict[str, Any]:
    """Return all options as an argument specification does for somebody who sets none."""
    return {name: spec.get("default") for name, spec in (CONNECTION_SPEC | QUERY_SPEC).items()}
