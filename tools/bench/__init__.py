# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Benchmark the collection against plays without it: C(make bench).

pairs    the class of a row, and the calculations on its rounds
rows     all rows
plays    the playbooks and inventories that both sides run
lab      start the emulator as a separate process, and time commands
scripts  programs that are measured in a separate Python process
table    format the rows for the terminal and docs/docsite/rst/guide_performance.rst
plot     draw the rows as SVG
guide    store the results in docs/performance.json, and update the guide

The benchmark never fails on a slow result. It does not use an existing tool, because these time a single command. Here
the ratio of two commands counts, which run alternately so that the load of the machine affects both.
"""
