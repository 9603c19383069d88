"""An object that is being read, while it is replaced and deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_dev.aws.s3_errors import S3Error
from local_dev.aws.s3_reading import anyway
from local_dev.aws.s3_store import Store


def _put(store: Store, content: bytes, etag: str) -> None:
    scratch = store.scratch("lake")
    scratch.write_bytes(content)
    store.put("lake", "a.txt", scratch, etag, {}, anyway)


def test_a_reader_has_the_whole_object_whatever_becomes_of_its_key(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create_bucket("lake")
    _put(store, b"first", "1")
    found, file = store.opened("lake", "a.txt")
    _put(store, b"another", "2")
    store.delete("lake", "a.txt", anyway)
    with file:
        assert (found.size, file.read()) == (5, b"first")
    with pytest.raises(S3Error):
        store.opened("lake", "a.txt")
