"""The bytes of one object on S3 as a file: asked for again where they broke off, and never those of another object."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError

from connectors.aws.session import asking_aws, code
from connectors.file_store import Stored
from transforms.errors import Conflict

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READS = 4
"""How often the same byte is asked for."""
AT_ONCE = 1 << 20
"""Bytes that are asked for where somebody looks around in a file."""
_BROKEN_OFF = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
_REPLACED = ("PreconditionFailed", "412", "NoSuchKey", "404", "InvalidRange")


class ObjectStream(io.RawIOBase):
    """One request for who reads from the beginning to the end; parts of it for who seeks."""

    def __init__(self, s3: Any, bucket: str, key: str, file: Stored) -> None:
        self._s3, self._bucket, self._key, self._file = s3, bucket, key, file
        self._at, self._end, self._sought = 0, file.size, False
        self._body: Any = None

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """From where the next bytes come."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Costs a request when bytes are read there."""
        at = offset + (0, self._at, self._file.size)[whence]
        if at != self._at:
            self._drop()
            self._at, self._sought = at, True
        return at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Raises Conflict when the object was replaced, OutsideError when it cannot be had."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._file.size or not len(view):
            return 0
        with asking_aws(f"read s3://{self._bucket}/{self._key}"):
            data = self._read(len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _read(self, size: int) -> bytes:
        for attempt in range(READS):
            try:
                if self._body is None or self._at >= self._end:
                    self._ask(size)
                if data := bytes(self._body.read(min(size, self._end - self._at))):
                    return data
                self._drop()
            except _BROKEN_OFF:
                self._drop()
                if attempt == READS - 1:
                    raise
        raise ResponseStreamingError(error="it ends too early")

    def _ask(self, size: int) -> None:
        self._drop()
        self._end = min(self._file.size, self._at + max(size, AT_ONCE)) if self._sought else self._file.size
        part = {} if self._at == 0 and self._end == self._file.size else {"Range": f"bytes={self._at}-{self._end - 1}"}
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=self._key, IfMatch=self._file.version, **part)
        except ClientError as error:
            if code(error) in _REPLACED:
                raise Conflict(f"s3://{self._bucket}/{self._key} was replaced while it was read") from error
            raise
        self._body = found["Body"]

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None

    def close(self) -> None:
        """Gives the connection back."""
        self._drop()
        super().close()
