# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sign an artifact for C(ansible-galaxy collection verify --keyring), and check the signature with it.

Ansible verifies a detached, armored signature of MANIFEST.json. This file has the checksum of FILES.json, which has the
checksums of all other files. GnuPG signs with the default key of C(GNUPGHOME).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

GALAXY = str(Path(sys.executable).with_name("ansible-galaxy"))
MANIFEST = "MANIFEST.json"


def read_manifest(tarball: Path) -> bytes:
    """Return the bytes of MANIFEST.json in an artifact."""
    with tarfile.open(tarball) as archive:
        stream = archive.extractfile(MANIFEST)
        if stream is None:
            raise ValueError(f"{tarball} has no {MANIFEST}")
        return stream.read()


def sign(tarball: Path) -> Path:
    """Write the signature of an artifact next to it, and return its path."""
    signature = Path(str(tarball).removesuffix(".tar.gz") + ".asc")
    command = ["gpg", "--batch", "--yes", "--armor", "--output", str(signature), "--detach-sign", "-"]
    subprocess.run(command, input=read_manifest(tarball), check=True)
    return signature


def verify(tarball: Path, signature: Path) -> None:
    """Verify the signature of an artifact as users do.

    :raises subprocess.CalledProcessError: if ansible-galaxy rejects it.
    """
    info = json.loads(read_manifest(tarball))["collection_info"]
    with tempfile.TemporaryDirectory(prefix="talkover-sign-") as folder:
        keyring = Path(folder, "keyring.gpg")
        command = ["gpg", "--batch", "--output", str(keyring), "--export"]
        subprocess.run(command, check=True)
        install = ["install", "--offline", "--disable-gpg-verify", "--collections-path", folder, str(tarball)]
        subprocess.run([GALAXY, "collection", *install], check=True, capture_output=True)
        options = ["--offline", "--keyring", str(keyring), "--required-valid-signature-count", "+1"]
        options += ["--signature", signature.resolve().as_uri(), "--collections-path", folder]
        command = [GALAXY, "collection", "verify", *options, f"{info['namespace']}.{info['name']}"]
        subprocess.run(command, check=True)


def main() -> None:
    """Sign an artifact, and verify the signature."""
    parser = argparse.ArgumentParser(description="Sign an artifact, and verify the signature.")
    parser.add_argument("tarball", type=Path)
    tarball = parser.parse_args().tarball
    verify(tarball, sign(tarball))


if __name__ == "__main__":
    main()
