# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run C(python tests/emulator) and C(python -m ansible_collections.talkover.voice.tests.emulator)."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

if __package__:
    from .cli import main

    sys.exit(main())
else:
    # A directory that is run as a program is not a package, so relative imports would fail. Run it again as a package.
    folder = Path(__file__).resolve().parent
    sys.path.insert(0, str(folder.parent))
    runpy.run_module(folder.name, run_name="__main__", alter_sys=True)
