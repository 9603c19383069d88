"""A target on AWS, opened: its bucket, its catalog, its engine. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from connectors.aws.athena import enforces
from connectors.aws.bucket import Bucket
from connectors.aws.session import TARGETS, AwsSession, advice, asking_aws, code
from connectors.catalog import Catalog
from connectors.catalogs.glue import GlueCatalog
from connectors.cleaned import Cleaned
from connectors.engine import Engine
from connectors.storage import Storage
from transforms.aws_target import Aws
from transforms.errors import OutsideError
from transforms.names import TableName


def open_place(
    aws: Aws,
    scratch: Path,
    owners: Mapping[TableName, str],
    descriptions: Mapping[TableName, str],
    shared: Aws | None = None,
) -> tuple[Bucket, GlueCatalog]:
    """Raises OutsideError, before anything is done, for a bucket or a workgroup that will not do.

    Reads from `shared` what it lacks. The bucket of a local AWS is made: nobody else makes it.
    """
    session = AwsSession(aws)
    if aws.is_local:
        with asking_aws(f"make the bucket {aws.bucket}"):
            session.client("s3").create_bucket(Bucket=aws.bucket)
    else:
        _require_bucket(session, aws)
    _require_workgroup(session, aws)
    bucket = Bucket(session, aws, scratch)
    lender = GlueCatalog(session, Bucket(session, shared, scratch), shared, owners, descriptions) if shared else None
    return bucket, GlueCatalog(session, bucket, aws, owners, descriptions, lender)


def _require_bucket(session: AwsSession, aws: Aws) -> None:
    """One call. An error of HeadBucket has no words, so that of a list is told."""
    s3: Any = session.client("s3")
    with asking_aws(f"use the bucket {aws.bucket}"):
        try:
            headers = s3.head_bucket(Bucket=aws.bucket)["ResponseMetadata"]["HTTPHeaders"]
        except ClientError:
            s3.list_objects_v2(Bucket=aws.bucket, Prefix=f"{aws.folder}/", MaxKeys=1)
            return
    found = headers.get("x-amz-bucket-region", aws.region)
    if found != aws.region:
        raise OutsideError(
            f"cannot use the bucket {aws.bucket}: it is in {found}, and the target in {aws.region}; "
            f"write region: {found} {TARGETS}, or the name of another bucket"
        )


def _require_workgroup(session: AwsSession, aws: Aws) -> None:
    """One call. Who may not look at the workgroup hears of it from the first query."""
    with asking_aws(f"use Athena's workgroup {aws.workgroup}"):
        try:
            found = session.client("athena").get_work_group(WorkGroup=aws.workgroup)["WorkGroup"]
        except ClientError as error:
            if code(error) == "AccessDeniedException":
                return
            if code(error) == "InvalidRequestException":
                raise OutsideError(
                    f"cannot use Athena's workgroup {aws.workgroup}: it is not there; create it, or correct workgroup: "
                    f"{TARGETS} ({advice(error)})"
                ) from error
            raise
    configured = found.get("Configuration", {})
    placed = configured.get("ResultConfiguration", {}).get("OutputLocation")
    if configured.get("EnforceWorkGroupConfiguration") and placed:
        raise OutsideError(enforces(aws.workgroup))
    if found.get("State") == "DISABLED":
        raise OutsideError(
            f"Athena's workgroup {aws.workgroup} is disabled; enable it, or correct workgroup: {TARGETS}"
        )


def engine_at(storage: Storage, catalog: Catalog, aws: Aws, owners: Mapping[TableName, str]) -> Engine:
    """Athena over that bucket and that catalog."""
    from connectors.engines.athena import open_athena

    assert isinstance(storage, Bucket)
    assert isinstance(catalog, GlueCatalog)
    return open_athena(storage, catalog, aws, owners)


def cleaned_place(storage: Storage, catalog: Catalog, before: datetime, *, dry: bool) -> list[Cleaned]:
    """Takes what nobody needs since `before`; tables with nothing to take are left out."""
    from connectors.aws.cleaning import Cleaner

    assert isinstance(storage, Bucket)
    assert isinstance(catalog, GlueCatalog)
    cleaner = Cleaner(storage, catalog, before, dry)
    names = sorted({*catalog.names(), *cleaner.tables()})
    cleaned = [cleaner.clean(name) for name in names]
    cleaner.staging(catalog.staging)
    cleaner.results()
    return [one for one in cleaned if one.versions or one.locations or one.files]
