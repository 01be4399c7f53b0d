# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the README as Galaxy and Automation Hub render it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from .artifact import Artifact

# The headings of the README template for certified collections, and that of the community's template.
HEADINGS = (
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Communication",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
)
# What the sections have to say, in the words of the requirements.
PHRASES = {
    "Requirements": ("Python", "3.9", "requests"),
    "Installation": (
        "Automation Hub",
        "ansible-galaxy collection install talkover.voice",
        "requirements.yml",
        "--upgrade",
    ),
    "Communication": ("forum.ansible.com", "/tag/", "matrix.to", "/issues"),
    "Support": ("Create issue", "Automation Hub", "forum.ansible.com"),
    "Release Notes and Roadmap": ("CHANGELOG.md",),
    "License Information": ("GNU General Public License v3.0 or later", "COPYING"),
}
# Customers of Automation Platform run ansible-core in execution environments.
FORBIDDEN = re.compile(r"pip3? install (?:[^\n`]*\s)?ansible(?:-core)?\b(?![-.])")


class Page(HTMLParser):
    """Collect the headings, the texts of the sections, and the links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sections: dict[str, str] = {}
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self._heading: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "h2":
            self._heading = ""
        elif tag == "img":
            self.images.append(found)
        if link := found.get("href") or found.get("src"):
            self.links.append(link)
            self._add(f" {link} ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "h2" and self._heading is not None:
            self.sections[self._heading.strip()] = ""
            self._heading = None

    def handle_data(self, data: str) -> None:
        if self._heading is not None:
            self._heading += data
        else:
            self._add(data)

    def _add(self, text: str) -> None:
        if self.sections:
            self.sections[list(self.sections)[-1]] += text


def check_readme(artifact: Artifact) -> Iterator[str]:
    """Yield what the README lacks."""
    page = Page(artifact.imported["docs_blob"]["collection_readme"]["html"])
    yield from (f"relative link: {link}" for link in page.links if not link.startswith("https://"))
    yield from (f"image without a description: {image.get('src')}" for image in page.images if not image.get("alt"))
    yield from (f"no heading {heading!r}" for heading in HEADINGS if heading not in page.sections)
    for heading, phrases in PHRASES.items():
        section = " ".join(page.sections.get(heading, "").split())
        yield from (f"{heading}: it does not mention {phrase!r}" for phrase in phrases if phrase not in section)
    for item in artifact.imported["docs_blob"]["contents"]:
        links = Page(item.get("readme_html") or "").links
        yield from (
            f"{item['content_name']}: relative link: {link}" for link in links if not link.startswith("https://")
        )
    if found := FORBIDDEN.search(artifact.read("README.md")):
        yield f"{found.group()!r}: ansible-core is not installed with pip on Automation Platform"
