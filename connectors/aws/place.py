"""A target on AWS, opened: its bucket, its catalog, its engine. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from connectors.aws.bucket import Bucket
from connectors.aws.session import AwsSession, asking_aws
from connectors.catalog import Catalog
from connectors.catalogs.glue import GlueCatalog
from connectors.cleaned import Cleaned
from connectors.engine import Engine
from connectors.storage import Storage
from transforms.names import TableName
from transforms.target import Aws


def open_place(
    aws: Aws,
    scratch: Path,
    owners: Mapping[TableName, str],
    descriptions: Mapping[TableName, str],
    shared: Aws | None = None,
) -> tuple[Bucket, GlueCatalog]:
    """Makes no call, but for the bucket of a local AWS, which nobody else makes. Reads from `shared` what it lacks."""
    session = AwsSession(aws)
    if aws.is_local:
        with asking_aws(f"make the bucket {aws.bucket}"):
            session.client("s3").create_bucket(Bucket=aws.bucket)
    bucket = Bucket(session, aws, scratch)
    lender = GlueCatalog(session, Bucket(session, shared, scratch), shared, owners, descriptions) if shared else None
    return bucket, GlueCatalog(session, bucket, aws, owners, descriptions, lender)


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
    return [one for one in cleaned if one.versions or one.locations or one.files]
