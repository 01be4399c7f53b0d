# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator of the Talkover SIP trunk API, for users, the tests, the demo and the benchmark.

scenario    the trunks, and what each shows at the n-th request
envelope    the JSON around a response: one shape of success, four of errors
window      the rate limit
service     choose the response to a request; no sockets
http1       read requests and write responses, with limits on time and size
server      accept connections, one thread for each
access_log  log requests, without the token
emulator    all of these as one running service that records requests
cli         the command line
"""

from __future__ import annotations

from .emulator import Emulator, Request

__all__ = ["Emulator", "Request"]
