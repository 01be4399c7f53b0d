# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong between the collection and the service: a table of faults, and a server that plays them.

fault    what a row of the table is, and the words to write one with
server   raw sockets that do what a row says
runner   asks a server for a trunk, and tells what came of it
table    all rows, from the modules that hold a section each
module   starts the module as a process of its own

A new fault is one more C(Fault(...)) in the tuple of its section.
"""

from __future__ import annotations
