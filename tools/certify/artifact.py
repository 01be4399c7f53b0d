# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define what the checks look at: the extracted artifact, and what galaxy-importer read from it."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any, NamedTuple


class Artifact(NamedTuple):
    """Hold an extracted artifact."""

    tree: Path
    """The directory of the collection, below ansible_collections."""
    size: int
    """The size of the tarball in bytes."""
    imported: dict[str, Any]
    """The result of galaxy-importer."""

    @property
    def info(self) -> dict[str, Any]:
        """Return the metadata of the collection, which galaxy.yml becomes in an artifact."""
        manifest: dict[str, dict[str, Any]] = json.loads(self.read("MANIFEST.json"))
        return manifest["collection_info"]

    @property
    def files(self) -> list[str]:
        """Return the names of all files."""
        return sorted(path.relative_to(self.tree).as_posix() for path in self.tree.rglob("*") if path.is_file())

    def read(self, name: str) -> str:
        """Return the text of a file, which is empty when there is no such file."""
        path = self.tree / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def extract(tarball: Path, target: Path) -> Path:
    """Extract an artifact to a tree in which ansible-core finds the collection."""
    tree = target / "ansible_collections" / "talkover" / "voice"
    tree.mkdir(parents=True)
    with tarfile.open(tarball) as archive:
        # Older Pythons have no filters. The artifact was built right before, from this clone.
        options: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(tree, **options)  # noqa: S202  # see above
    return tree
