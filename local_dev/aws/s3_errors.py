"""What S3 answers when it does not do what was asked: its own codes, messages and statuses."""

from __future__ import annotations

from xml.sax.saxutils import escape

from starlette.responses import Response


class S3Error(Exception):
    """One error of S3's REST API: `code` is for programs, `message` for people, `status` is HTTP's."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def response(self, resource: str, *, bodiless: bool = False) -> Response:
        """The XML that clients parse; HEAD has none."""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message>"
            f"<Resource>{escape(resource)}</Resource></Error>"
        )
        return Response("" if bodiless else text, self.status, media_type="application/xml")


def no_such_bucket(name: str) -> S3Error:
    """404; the name is told, which AWS puts in an element of its own."""
    return S3Error("NoSuchBucket", f"The specified bucket does not exist: {name}", 404)


def no_such_key(key: str) -> S3Error:
    """404."""
    return S3Error("NoSuchKey", f"The specified key does not exist: {key}", 404)


def no_such_upload() -> S3Error:
    """404: it was completed, aborted, or never begun."""
    what = "The specified multipart upload does not exist. It may have been aborted or completed."
    return S3Error("NoSuchUpload", what, 404)


def precondition_failed(condition: str) -> S3Error:
    """412, with the header that did not hold."""
    what = f"At least one of the pre-conditions you specified did not hold: {condition}"
    return S3Error("PreconditionFailed", what, 412)


def bad_digest(what: str) -> S3Error:
    """The bytes that arrived are not those that were sent."""
    return S3Error("BadDigest", f"The {what} you specified did not match what we received.")
