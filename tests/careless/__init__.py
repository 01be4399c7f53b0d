# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of careless use: what users, managed hosts and operators do in Ansible, and what must never happen.

row         what a row of the table is, and the words to write one with
launcher    runs Ansible's commands in forks of a process that has imported Ansible
warm        starts launchers, and sends them commands
runner      plays a row: its files, its services, its commands, and what must not have happened
table       all rows, from the modules that hold a section each
layouts     random inventories for the differential test
"""

from __future__ import annotations
