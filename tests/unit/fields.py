# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the documented fields of the API, independently of the list in the emulator."""

from __future__ import annotations

RECORD = {
    "id",
    "name",
    "provider_name",
    "domain",
    "username",
    "transport",
    "port",
    "outbound_proxy",
    "auth_realm",
    "is_active",
    "is_verified",
    "health_status",
    "last_health_check_at",
    "created_at",
    "updated_at",
}
SUMMARY = {
    "id",
    "name",
    "provider_name",
    "domain",
    "transport",
    "is_active",
    "is_verified",
    "health_status",
    "created_at",
}
