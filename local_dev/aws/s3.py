"""S3's REST API over a `Store`: which operation a request means, and what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from local_dev.aws.s3_body import Body
from local_dev.aws.s3_errors import S3Error, precondition_failed
from local_dev.aws.s3_reading import anyway, byte_range, condition, kept_headers, read, require_unexpired
from local_dev.aws.s3_store import Object, Store
from local_dev.aws.xml_text import document

REGION = "us-east-1"
BLOCK = 1 << 20
SMALL = 64 << 10
"""Bytes that are read at once: to hand them to another thread and back would cost more."""
Operation = Callable[[Request, str, str], Awaitable[Response]]
_UNSUPPORTED = (
    "acl",
    "tagging",
    "policy",
    "lifecycle",
    "cors",
    "website",
    "torrent",
    "select",
    "object-lock",
    "legal-hold",
)


class S3:
    """One request at a time becomes one answer; errors become S3's."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def answer(self, request: Request) -> Response:
        """Never raises S3Error."""
        bucket, key = _target(request)
        try:
            require_unexpired(request.query_params)
            return await self._operation(request, bucket, key)(request, bucket, key)
        except S3Error as error:
            return error.response(f"/{bucket}/{key}".rstrip("/"), bodiless=request.method == "HEAD")

    def _operation(self, request: Request, bucket: str, key: str) -> Operation:
        asked = request.query_params
        for word in _UNSUPPORTED:
            if word in asked:
                raise S3Error("NotImplemented", f"the local S3 has no ?{word}", 501)
        level = "object" if key else "bucket" if bucket else "service"
        special = next(
            (word for word in ("uploadId", "uploads", "delete", "location", "versioning") if word in asked), ""
        )
        found = getattr(self, f"_{request.method.lower()}_{level}{f'_{special.lower()}' if special else ''}", None)
        if found is None:
            raise S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
        operation: Operation = found
        return operation

    async def _get_service(self, request: Request, bucket: str, key: str) -> Response:
        buckets = [{"Name": name, "CreationDate": _iso(made)} for name, made in self.store.buckets()]
        return _xml("ListAllMyBucketsResult", {"Owner": {"ID": "local"}, "Buckets": {"Bucket": buckets}})

    async def _put_bucket(self, request: Request, bucket: str, key: str) -> Response:
        self.store.create_bucket(bucket)
        return Response(headers={"Location": f"/{bucket}"})

    async def _head_bucket(self, request: Request, bucket: str, key: str) -> Response:
        self.store.folder(bucket)
        return Response(headers={"x-amz-bucket-region": REGION})

    async def _delete_bucket(self, request: Request, bucket: str, key: str) -> Response:
        await run_in_threadpool(self.store.delete_bucket, bucket)
        return Response(status_code=204)

    async def _get_bucket_location(self, request: Request, bucket: str, key: str) -> Response:
        self.store.folder(bucket)
        return _xml("LocationConstraint", {})

    async def _get_bucket_versioning(self, request: Request, bucket: str, key: str) -> Response:
        self.store.folder(bucket)
        return _xml("VersioningConfiguration", {})

    async def _get_bucket(self, request: Request, bucket: str, key: str) -> Response:
        asked = request.query_params
        second = asked.get("list-type") == "2"
        token = asked.get("continuation-token", "") if second else ""
        after = bytes.fromhex(token).decode() if token else asked.get("start-after" if second else "marker", "")
        prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
        size = min(_number(asked.get("max-keys"), "max-keys", 1000), 1000)
        named: Callable[[str], str] = (lambda name: quote(name, "/")) if asked.get("encoding-type") == "url" else str
        listing, objects = await run_in_threadpool(self._page, bucket, prefix, delimiter, after, size)
        found: dict[str, Any] = {
            "Name": bucket,
            "Prefix": named(prefix),
            "Delimiter": named(delimiter) or None,
            "MaxKeys": size,
            "EncodingType": asked.get("encoding-type"),
            "IsTruncated": listing.next is not None,
        }
        if second:
            found["KeyCount"] = len(objects) + len(listing.prefixes)
            found["StartAfter"] = named(asked["start-after"]) if "start-after" in asked else None
            found["ContinuationToken"] = token or None
            found["NextContinuationToken"] = listing.next.encode().hex() if listing.next else None
        else:
            found |= {"Marker": named(after), "NextMarker": named(listing.next) if listing.next else None}
        found["Contents"] = [{**_entry(each), "Key": named(each.key)} for each in objects]
        found["CommonPrefixes"] = [{"Prefix": named(each)} for each in listing.prefixes]
        return _xml("ListBucketResult", found)

    def _page(self, bucket: str, prefix: str, delimiter: str, after: str, size: int) -> tuple[Any, list[Object]]:
        listing = self.store.listing(bucket, prefix=prefix, delimiter=delimiter, after=after, size=size)
        return listing, self.store.heads(bucket, listing.keys)

    async def _post_bucket_delete(self, request: Request, bucket: str, key: str) -> Response:
        asked = _parsed(await request.body(), "Delete")
        keys = [each.findtext("Key") or "" for each in asked.iter("Object")]
        if len(keys) > 1000:
            raise S3Error("MalformedXML", "at most 1000 keys are deleted by one request")
        deleted, errors = [], []
        for each in keys:
            try:
                await run_in_threadpool(self.store.delete, bucket, each, anyway)
                deleted.append({"Key": each})
            except S3Error as error:
                errors.append({"Key": each, "Code": error.code, "Message": error.message})
        quiet = asked.findtext("Quiet") == "true"
        return _xml("DeleteResult", {"Deleted": [] if quiet else deleted, "Error": errors})

    async def _get_bucket_uploads(self, request: Request, bucket: str, key: str) -> Response:
        found = self.store.uploads(bucket, request.query_params.get("prefix", ""))
        uploads = [{"Key": each.key, "UploadId": each.id, "Initiated": _iso(each.begun)} for each in found]
        return _xml("ListMultipartUploadsResult", {"Bucket": bucket, "IsTruncated": False, "Upload": uploads})

    async def _head_object(self, request: Request, bucket: str, key: str) -> Response:
        found = self.store.head(bucket, key)
        status, headers, _ = read(request.headers, request.query_params, found)
        return Response(status_code=status, headers=headers)

    async def _get_object(self, request: Request, bucket: str, key: str) -> Response:
        if key.endswith("/"):
            found, file = self.store.head(bucket, key), None
        else:
            found, file = self.store.opened(bucket, key)
        with ExitStack() as closing:
            if file is not None:
                closing.enter_context(file)
            status, headers, part = read(request.headers, request.query_params, found)
            if status == 304:
                return Response(status_code=status, headers=headers)
            if len(part) <= SMALL:
                return Response(b"".join(_file_blocks(file, part) if file else ()), status, headers)
            closing.pop_all()
        return StreamingResponse(_blocks(file, part), status, headers)

    async def _put_object(self, request: Request, bucket: str, key: str) -> Response:
        if "x-amz-copy-source" in request.headers:
            return await self._copy(request, bucket, key)
        self.store.path(bucket, key)
        scratch, etag = await self._received(request, bucket)
        made = await run_in_threadpool(
            self.store.put, bucket, key, scratch, etag, kept_headers(request.headers), condition(request.headers)
        )
        return Response(headers={"ETag": f'"{made.etag}"'})

    async def _delete_object(self, request: Request, bucket: str, key: str) -> Response:
        await run_in_threadpool(self.store.delete, bucket, key, condition(request.headers))
        return Response(status_code=204)

    async def _post_object_uploads(self, request: Request, bucket: str, key: str) -> Response:
        upload = self.store.begin(bucket, key, kept_headers(request.headers))
        return _xml("InitiateMultipartUploadResult", {"Bucket": bucket, "Key": key, "UploadId": upload})

    async def _put_object_uploadid(self, request: Request, bucket: str, key: str) -> Response:
        upload, number = (
            request.query_params["uploadId"],
            _number(request.query_params.get("partNumber"), "partNumber", 0),
        )
        self.store.upload(bucket, upload)
        if "x-amz-copy-source" not in request.headers:
            scratch, etag = await self._received(request, bucket)
            await run_in_threadpool(self.store.put_part, bucket, upload, number, scratch, etag)
            return Response(headers={"ETag": f'"{etag}"'})
        source, file = self._source(request)
        part = byte_range(request.headers.get("x-amz-copy-source-range"), source.size) or range(source.size)
        scratch, etag = await run_in_threadpool(self._copied, bucket, file, part)
        await run_in_threadpool(self.store.put_part, bucket, upload, number, scratch, etag)
        return _xml("CopyPartResult", {"ETag": f'"{etag}"', "LastModified": _iso(datetime.now(UTC))})

    async def _get_object_uploadid(self, request: Request, bucket: str, key: str) -> Response:
        upload = self.store.upload(bucket, request.query_params["uploadId"])
        parts = [{"PartNumber": n, "Size": size, "ETag": f'"{etag}"'} for n, (size, etag) in upload.parts.items()]
        found = {"Bucket": bucket, "Key": upload.key, "UploadId": upload.id, "IsTruncated": False, "Part": parts}
        return _xml("ListPartsResult", found)

    async def _post_object_uploadid(self, request: Request, bucket: str, key: str) -> Response:
        asked = _parsed(await request.body(), "CompleteMultipartUpload")
        parts = [
            (_number(each.findtext("PartNumber"), "PartNumber", 0), (each.findtext("ETag") or "").strip('"'))
            for each in asked.iter("Part")
        ]
        upload = request.query_params["uploadId"]
        made = await run_in_threadpool(self.store.complete, bucket, upload, parts, condition(request.headers))
        found = {"Location": str(request.url.replace(query="")), "Bucket": bucket, "Key": key, "ETag": f'"{made.etag}"'}
        return _xml("CompleteMultipartUploadResult", found)

    async def _delete_object_uploadid(self, request: Request, bucket: str, key: str) -> Response:
        await run_in_threadpool(self.store.abort, bucket, request.query_params["uploadId"])
        return Response(status_code=204)

    async def _copy(self, request: Request, bucket: str, key: str) -> Response:
        source, file = self._source(request)
        replaced = request.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"
        headers = kept_headers(request.headers) if replaced else source.headers
        scratch, etag = await run_in_threadpool(self._copied, bucket, file, range(source.size))
        made = await run_in_threadpool(self.store.put, bucket, key, scratch, etag, headers, condition(request.headers))
        return _xml("CopyObjectResult", {"ETag": f'"{made.etag}"', "LastModified": _iso(made.modified)})

    def _source(self, request: Request) -> tuple[Object, BinaryIO]:
        """The object that a copy is made of, and its file, open."""
        named = unquote(request.headers["x-amz-copy-source"].partition("?")[0]).lstrip("/")
        bucket, _, key = named.partition("/")
        found, file = self.store.opened(bucket, key)
        wanted = request.headers.get("x-amz-copy-source-if-match")
        if wanted is not None and wanted.strip('"') != found.etag:
            file.close()
            raise precondition_failed("x-amz-copy-source-If-Match")
        return found, file

    def _copied(self, bucket: str, file: BinaryIO, part: range) -> tuple[Path, str]:
        scratch = self.store.scratch(bucket)
        with scratch.open("wb") as out:
            body = Body({}, out)
            for block in _file_blocks(file, part):
                body.write(block)
        return scratch, body.finish()

    async def _received(self, request: Request, bucket: str) -> tuple[Path, str]:
        """The body on disk, whole and as it was sent, and its ETag."""
        scratch = self.store.scratch(bucket)
        try:
            with scratch.open("wb") as out:
                body = Body(request.headers, out)
                async for data in request.stream():
                    body.write(data)
            return scratch, body.finish()
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise


def _target(request: Request) -> tuple[str, str]:
    """The bucket and the key, path-style: `/bucket/key`."""
    path = unquote(request.scope["raw_path"].partition(b"?")[0].decode("latin-1"))
    bucket, _, key = path.removeprefix("/").partition("/")
    return bucket, key


async def _blocks(file: BinaryIO | None, part: range) -> AsyncIterator[bytes]:
    blocks = iter(()) if file is None else _file_blocks(file, part)
    while block := await run_in_threadpool(next, blocks, b""):
        yield block


def _file_blocks(file: BinaryIO, part: range) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = len(part)
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _xml(name: str, content: Mapping[str, Any]) -> Response:
    return Response(document(name, content), media_type="application/xml")


def _parsed(body: bytes, name: str) -> ElementTree.Element:
    """A request's document without its namespaces."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise S3Error("MalformedXML", f"The XML you provided was not well-formed: {error}") from None
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    if root.tag != name:
        raise S3Error("MalformedXML", f"the document is a {root.tag} and not a {name}")
    return root


def _entry(found: Object) -> dict[str, Any]:
    return {
        "Key": found.key,
        "LastModified": _iso(found.modified),
        "ETag": f'"{found.etag}"',
        "Size": found.size,
        "StorageClass": "STANDARD",
    }


def _number(told: str | None, name: str, default: int) -> int:
    try:
        return default if told is None else int(told)
    except ValueError:
        raise S3Error("InvalidArgument", f"{name} must be a number") from None


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
