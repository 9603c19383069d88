"""The protocol of a place where a source's files are: a folder of this machine, or a bucket on S3.

Names are from the connection's place, with slashes. Never decides which files are read, or what is in them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Protocol

from connectors.storage import Storage
from transforms.file_path import FilePath
from transforms.source import Source


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it was listed. `version` is another one when its bytes are: a time, or S3's tag.

    `age_s` are the seconds since its last change, by the clock of the place.
    """

    name: str
    size: int
    version: int | str
    age_s: float


@dataclass(frozen=True)
class Look:
    """How far a listing must look: files of days before `since`, and names up to `after`, may be left out.

    `known` are the names of files that were found before.
    """

    since: date | None = None
    after: str = ""
    known: Collection[str] = ()


class FileStore(Protocol):
    """`ahead`: how many files are worth opening before they are needed, because each takes its time.

    `listed`: how many names `find` had to ask for, those of other files among them; 0 where that costs little.
    """

    ahead: int
    listed: int

    def find(self, path: FilePath, look: Look) -> Iterator[Stored]:
        """The files that the path means. Raises OutsideError when the place cannot be listed."""

    def any_name(self) -> str | None:
        """The name of some file, whatever it is; None when there is none at all."""

    def open(self, file: Stored) -> BinaryIO:
        """Its bytes, which may be sought. Reading raises Conflict when it is no longer what was listed."""

    def __str__(self) -> str:
        """The place, for a person."""


def file_store(source: Source, address: str, storage: Storage | None) -> FileStore:
    """The place at an address; S3 with the credentials of the lake's target, or else of the environment."""
    if address.startswith("s3://"):
        from connectors.aws.bucket_files import BucketFiles, session_of  # half a second that a folder does not pay

        return BucketFiles(session_of(storage), address)
    from connectors.folder_files import FolderFiles

    return FolderFiles.of(source, address)
