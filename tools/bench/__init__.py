# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast the collection is, next to what Ansible's users do without it: C(make bench).

pairs    what a row of the table is, and the arithmetic of its rounds
rows     all rows
plays    the playbooks and inventories that both sides run
lab      the emulator as a process of its own, and commands with a stopwatch
scripts  programs that are measured in a Python process of their own
table    the rows as a table of the terminal and of docs/docsite/rst/guide_performance.rst
plot     the rows as a picture
guide    what was measured, kept in docs/performance.json and shown in the guide

It passes and fails nothing. A tool for timing was not used: those that are well kept time one command many times over,
and what counts here is the ratio of two, run in turns, so that both meet the same moods of a machine.
"""
