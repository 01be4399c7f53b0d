# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the collection against faults of networks and services: a table of faults, and a server that simulates them.

fault    the class of a row, and functions to write one
server   raw sockets that simulate the fault of a row
runner   requests a trunk from a server, and returns the outcome
table    all rows, from modules with one section each
module   starts the module as a separate process

A new fault is one more C(Fault(...)) in the tuple of its section.
"""

from __future__ import annotations
