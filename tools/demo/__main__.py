# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demo: C(make demo), or C(python tools/demo)."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

# A directory that is run as a program is not a package, so relative imports would fail. The emulator is in tests/.
CLONE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CLONE / "tools"), str(CLONE / "tests")]
sys.exit(importlib.import_module("demo.show").main())
