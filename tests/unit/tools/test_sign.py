# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that ansible-galaxy accepts the signature of an artifact, and rejects others."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.tools import sign

GALAXY_YML = "namespace: acme\nname: small\nversion: 1.0.0\nreadme: README.md\nauthors: [Acme]\n"

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="GnuPG was not found")


@pytest.fixture
def tarball(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Build a small artifact, and create a key to sign it with."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "galaxy.yml").write_text(GALAXY_YML, encoding="utf-8")
    (source / "README.md").write_text("# small\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ANSIBLE_COLLECTIONS_PATH", raising=False)
    command = [sign.GALAXY, "collection", "build", str(source), "--output-path", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    key = ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", "test@example.com", "ed25519", "sign", "1d"]
    subprocess.run(key, check=True, capture_output=True)
    yield tmp_path / "acme-small-1.0.0.tar.gz"
    subprocess.run(["gpgconf", "--kill", "all"], check=True)


def test_the_signature_of_an_artifact_is_accepted(tarball: Path) -> None:
    signature = sign.sign(tarball)
    assert signature.name == "acme-small-1.0.0.asc"
    assert signature.read_text(encoding="ascii").startswith("-----BEGIN PGP SIGNATURE-----")
    sign.verify(tarball, signature)


def test_the_signature_of_another_file_is_rejected(tarball: Path, tmp_path: Path) -> None:
    # A signature of the tarball itself is what one would expect, but Ansible verifies that of MANIFEST.json.
    signature = tmp_path / "tarball.asc"
    command = ["gpg", "--batch", "--armor", "--output", str(signature), "--detach-sign", str(tarball)]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(subprocess.CalledProcessError):
        sign.verify(tarball, signature)
