"""The bytes of an upload: unwrapped when they come in signed chunks, counted, and compared with their checksums."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping
from typing import IO

from local_dev.aws.s3_errors import S3Error, bad_digest

_HASHES = ("sha1", "sha256")


class Body:
    """Takes what arrives, writes what was meant. `finish` raises S3Error when the two do not agree."""

    def __init__(self, headers: Mapping[str, str], out: IO[bytes]) -> None:
        self._headers = headers
        self._out = out
        self._chunks = Chunks() if _is_chunked(headers) else None
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in _HASHES}
        self._crc32 = 0
        self.size = 0

    def write(self, data: bytes) -> None:
        """Bytes as they came from the network."""
        for piece in [data] if self._chunks is None else self._chunks.feed(data):
            self.size += len(piece)
            self._md5.update(piece)
            for hashed in self._hashes.values():
                hashed.update(piece)
            self._crc32 = zlib.crc32(piece, self._crc32)
            self._out.write(piece)

    def finish(self) -> str:
        """The MD5 in hexadecimal digits, which is the ETag of an object that came in one piece."""
        told = dict(self._headers)
        if self._chunks is not None:
            told |= self._chunks.finish()
            self._require_size(told.get("x-amz-decoded-content-length"))
        else:
            self._require_size(told.get("content-length"))
        found = {"content-md5": self._md5.digest(), "x-amz-checksum-crc32": self._crc32.to_bytes(4, "big")}
        found |= {f"x-amz-checksum-{name}": hashed.digest() for name, hashed in self._hashes.items()}
        for name, digest in found.items():
            if name in told and told[name].strip() != base64.b64encode(digest).decode():
                raise bad_digest("Content-MD5" if name == "content-md5" else name.removeprefix("x-amz-checksum-"))
        payload = told.get("x-amz-content-sha256", "")
        if re.fullmatch(r"[0-9a-f]{64}", payload) and payload != self._hashes["sha256"].hexdigest():
            what = "The provided 'x-amz-content-sha256' header does not match what was computed."
            raise S3Error("XAmzContentSHA256Mismatch", what)
        return self._md5.hexdigest()

    def _require_size(self, told: str | None) -> None:
        if told is not None and int(told) != self.size:
            what = "You did not provide the number of bytes specified by the Content-Length HTTP header"
            raise S3Error("IncompleteBody", what)


class Chunks:
    """AWS's chunked encoding: `size in hexadecimal;chunk-signature=..`, the bytes, and trailers after a chunk of 0."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._left = 0
        self._line_end = False
        self._ended = False

    def feed(self, data: bytes) -> list[bytes]:
        """The bytes of the object that are complete by now."""
        self._buffer += data
        pieces: list[bytes] = []
        while not self._ended and self._buffer:
            if self._left:
                piece = bytes(self._buffer[: self._left])
                del self._buffer[: len(piece)]
                self._left -= len(piece)
                self._line_end = not self._left
                pieces.append(piece)
            elif not self._begin_chunk():
                break
        return pieces

    def finish(self) -> dict[str, str]:
        """The trailers, by name."""
        if not self._ended:
            raise S3Error("IncompleteBody", "The request body terminated unexpectedly")
        lines = self._buffer.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines if ":" in line)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    def _begin_chunk(self) -> bool:
        """Reads the end of the chunk before and the line of this one, when they have arrived."""
        start = 2 if self._line_end else 0
        end = self._buffer.find(b"\r\n", start)
        if end < 0:
            return False
        size = bytes(self._buffer[start:end]).partition(b";")[0]
        del self._buffer[: end + 2]
        self._line_end = False
        try:
            self._left = int(size, 16)
        except ValueError:
            raise S3Error("InvalidRequest", f"a chunk begins with {size[:20]!r} instead of its size") from None
        self._ended = self._left == 0
        return True


def _is_chunked(headers: Mapping[str, str]) -> bool:
    return headers.get("x-amz-content-sha256", "").startswith("STREAMING-") or "aws-chunked" in headers.get(
        "content-encoding", ""
    )
