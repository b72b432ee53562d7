# SPDX-License-Identifier: MIT
"""A recorded tree is read on its own: memmap uses no files of this machine."""
import shutil
from pathlib import Path

import pytest

from helpers.documents import FIXTURES, regions_of, target_of
from helpers.programs import build


@pytest.fixture
def tree(tmp_path):
    return shutil.copytree(FIXTURES / "pages-64k", tmp_path / "tree", symlinks=True)


def demo_regions(tree, **kwargs):
    return regions_of(target_of("--procfs", tree, "4242", **kwargs), "/usr/bin/demo")


def test_exe_link_leads_out_of_the_tree(tree):
    """The exe link only tells the path: this machine's program at that path is not used."""
    path = build("two_threads.c")
    maps = tree / "4242" / "maps"
    maps.write_text(maps.read_text().replace("/usr/bin/demo", str(path)))
    inside = Path(f"{tree}/4242/root{path}")
    inside.parent.mkdir(parents=True)
    shutil.copy(tree / "4242/root/usr/bin/demo", inside)
    exe = tree / "4242" / "exe"
    exe.unlink()
    exe.symlink_to(path)
    target = target_of("--procfs", tree, "4242")
    assert [module["build_id"] for module in target["modules"]] == ["64" * 20]
    assert {region["basis"] for region in regions_of(target, path)} == {"segment"}


def test_absolute_link_below_root(tree):
    """A link below root/ is followed as the process would: /srv/demo is root/srv/demo."""
    before = demo_regions(tree)
    root = tree / "4242" / "root"
    (root / "srv").mkdir()
    (root / "usr/bin/demo").rename(root / "srv/demo")
    (root / "usr/bin/demo").symlink_to("/srv/demo")
    assert demo_regions(tree) == before


def test_another_file_in_the_same_place(tree):
    """A file whose segments do not match the mappings is not used."""
    shutil.copy(build("two_threads.c"), tree / "4242/root/usr/bin/demo")
    regions = demo_regions(tree, status=3)
    assert [region["basis"] for region in regions] == ["perms"] * 3


def test_no_file(tree):
    shutil.rmtree(tree / "4242/root")
    regions = demo_regions(tree, status=3)
    assert [region["basis"] for region in regions] == ["perms"] * 3
