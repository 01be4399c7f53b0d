# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find a Java for ansible-rulebook, whose rule engine needs one."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from pathlib import Path


def has_java() -> bool:
    """Return whether there is Java 17 or newer, where ansible-rulebook looks for it."""
    home = os.environ.get("JAVA_HOME")
    command = [str(Path(home, "bin", "java")) if home else "java", "-version"]
    with contextlib.suppress(OSError):
        version = subprocess.run(command, check=False, capture_output=True, text=True).stderr
        return re.search(r'version "(1[7-9]|[2-9][0-9])', version) is not None
    return False
