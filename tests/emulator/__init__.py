# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Talkover SIP trunk API on the loopback interface: for the demo, the tests and the benchmark, and for users.

scenario   what the trunks of a test are, and what each looks like at the n-th question
envelope   how the API wraps what it answers: one shape of success, four of errors
window     how many requests a token has left
service    which answer a request gets; knows nothing of sockets
server     HTTP/1.1 over sockets; knows nothing of trunks
emulator   the four above as one running service that remembers what it was asked
cli        the same as a command
"""

from __future__ import annotations

from .emulator import Emulator, Request

__all__ = ["Emulator", "Request"]
