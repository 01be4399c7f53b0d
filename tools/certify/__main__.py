# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the checks on an artifact: C(make certify)."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from .artifact import Artifact, extract
from .contents import check_documentation, check_files, check_licenses
from .importer import import_artifact, lint_event_sources
from .metadata import check_changelog, check_metadata, check_requirements, check_runtime
from .readme import check_readme
from .standalone import check_standalone

CHECKS = {
    "metadata": check_metadata,
    "ansible-core": check_runtime,
    "changelog": check_changelog,
    "requirements of execution environments": check_requirements,
    "README": check_readme,
    "files": check_files,
    "licenses": check_licenses,
    "documentation of the plugins": check_documentation,
}


def main() -> None:
    """Print the result of each check, and fail if there is a finding."""
    parser = argparse.ArgumentParser(prog="make certify", description="Check an artifact.")
    parser.add_argument("tarball", type=Path)
    parser.add_argument("--readme", type=Path, help="write the README as Galaxy renders it to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="talkover-certify-") as name:
        folder = Path(name)
        tree = extract(options.tarball, folder / "tree")
        findings, imported = import_artifact(options.tarball, folder)
        results = {"galaxy-importer": findings, "linters for event sources": list(lint_event_sources(tree))}
        if imported:
            artifact = Artifact(tree, options.tarball.stat().st_size, imported)
            results |= {title: list(check(artifact)) for title, check in CHECKS.items()}
        results["installed without other directories"] = list(check_standalone(tree, folder / "standalone"))
        shutil.rmtree(folder / "tree")
    for title, found in results.items():
        print(f"{title}: {'ok' if not found else f'{len(found)} finding(s)'}")
        print("".join(f"  {line}\n" for line in found), end="")
    if options.readme and imported:
        options.readme.write_text(imported["docs_blob"]["collection_readme"]["html"], encoding="utf-8")
    sys.exit(any(results.values()))


if __name__ == "__main__":
    main()
