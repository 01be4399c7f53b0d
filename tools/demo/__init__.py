# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of docs/examples, run for the eyes of a reader: C(make demo).

commands  Ansible's commands, with the collection installed from its artifact
stories   what is told with the emulator, and whether it went as it was told
show      which of it is shown, or what the real service says of a trunk

The collection is built and installed as Galaxy would. Then it is run against the emulator, or, with TALKOVER_TOKEN and
TRUNK in the environment, against the real service. The exit code is 0 only when each story ended as it was told.
"""
