"""The tree under test as a disk."""

from pathlib import Path

from tests.lab import tree


def test_a_machine_that_runs_keeps_its_disk(tmp_path: Path) -> None:
    """Another process packs the tree meanwhile."""
    image = tmp_path / "tree.squashfs"
    image.write_bytes(b"as it was")
    with image.open("rb") as disk:
        tree.make(image)
        assert disk.read() == b"as it was"
    assert image.stat().st_size == tree.SIZE
    assert image.read_bytes()[:4] == b"hsqs"
    assert [file.name for file in tmp_path.iterdir()] == [image.name]
