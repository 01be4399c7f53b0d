# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All rows of the table of careless use, by section."""

from __future__ import annotations

from ansible_collections.talkover.voice.tests.careless import (
    arguments,
    caches,
    evaluation,
    facts,
    gate_role,
    gates,
    names,
    precedence,
    several_sources,
    sources,
    tokens,
)
from ansible_collections.talkover.voice.tests.careless.row import Row

SECTIONS: dict[str, tuple[Row, ...]] = {
    "Precedence": precedence.ROWS,
    "Evaluation": evaluation.ROWS,
    "Names": names.ROWS,
    "Facts": facts.ROWS,
    "Options": arguments.ROWS,
    "Tokens": tokens.ROWS,
    "Caches": caches.ROWS,
    "Sources": sources.ROWS,
    "Several sources": several_sources.ROWS,
    "Gates": gates.ROWS,
    "The role gate": gate_role.ROWS,
}

ROWS: dict[str, Row] = {f"{section}: {row.name}": row for section, rows in SECTIONS.items() for row in rows}
assert len(ROWS) == sum(map(len, SECTIONS.values())), "two rows have the same name"
