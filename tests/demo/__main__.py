# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What C(make demo) starts, which is C(python tests/demo)."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

# A folder that is run as a program is no package, so its files could not import each other the way they do in one.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.exit(importlib.import_module("demo.show").main())
