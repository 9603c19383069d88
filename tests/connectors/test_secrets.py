"""Addresses of sources that AWS keeps, and roles by name: on a local AWS, and never in a message."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from running_aws import RunningAws, running_aws
from shop_on_aws import aws_home, open_aws_shop

from connectors.address import address, key
from connectors.aws.session import AwsSession
from connectors.lake import Lake
from connectors.protecting import Protecting
from connectors.reader import Batch
from transforms.aws_target import Aws
from transforms.errors import ContentError, OutsideError

pytestmark = pytest.mark.aws
SECRET = "postgresql://me:s3cr3t@db:5432/shop"
KEY = "k3y-of-people"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAws]:
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        keys = running.client("secretsmanager")
        keys.create_secret(Name="shop/all", SecretString=json.dumps({"db": SECRET, "port": 5432}))
        keys.create_secret(Name="shop/db", SecretString=SECRET)
        keys.create_secret(Name="shop/file", SecretBinary=b"s3cr3t")
        keys.create_secret(Name="shop/key", SecretString=json.dumps({"people": KEY}))
        keys.create_secret(Name="shop/people", SecretString=KEY)
        running.client("ssm").put_parameter(Name="/shop/db", Value=SECRET, Type="SecureString")
        running.client("ssm").put_parameter(Name="/shop/people", Value=KEY, Type="SecureString")
        yield running


@pytest.fixture
def lake(aws: RunningAws, tmp_path: Path) -> Iterator[Lake]:
    lake = open_aws_shop(aws_home(aws, tmp_path, "secrets"))
    yield lake
    lake.close()


def asked(lake: Lake, place: str) -> str:
    [source] = lake.content.sources.values()
    return address(replace(lake, target=replace(lake.target, connections={"shop": place})), source)


@pytest.mark.parametrize("place", ["secretsmanager:shop/all#db", "secretsmanager:shop/db", "ssm:/shop/db"])
def test_an_address_is_read_from_where_the_target_says(lake: Lake, place: str) -> None:
    assert asked(lake, place) == SECRET


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("secretsmanager:shop/none", "cannot read secretsmanager:shop/none: the secret is not there"),
        ("ssm:/shop/none", "cannot read ssm:/shop/none: the parameter is not there"),
        ("secretsmanager:shop/all#pw", "the secret is no JSON object with the key pw"),
        ("secretsmanager:shop/db#pw", "the secret is no JSON object with the key pw"),
        ("secretsmanager:shop/all#port", "what is under the key port is no text"),
        ("secretsmanager:shop/file", "cannot read secretsmanager:shop/file: it holds bytes, and no text"),
    ],
)
def test_what_cannot_be_had_is_said_without_what_the_secret_holds(lake: Lake, place: str, told: str) -> None:
    with pytest.raises(OutsideError) as caught:
        asked(lake, place)
    assert told in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in repr(caught.value.__cause__)


def test_an_address_of_another_kind_of_system_is_not_repeated(aws: RunningAws, lake: Lake) -> None:
    aws.client("ssm").put_parameter(Name="/shop/wrong", Value="mysql://me:s3cr3t@db/shop", Type="String")
    with pytest.raises(ContentError) as caught:
        asked(lake, "ssm:/shop/wrong")
    assert "ssm:/shop/wrong does not hold the address of a PostgreSQL" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_role_is_assumed_by_its_name_in_the_account_of_the_credentials(aws: RunningAws) -> None:
    session = AwsSession(Aws("us-east-1", "lake", endpoint=aws.url, role="team/build"))
    credentials = session._session.get_credentials()
    assert credentials.method == "assume-role"
    assert credentials.get_frozen_credentials().token


@pytest.mark.parametrize("place", ["secretsmanager:shop/key#people", "secretsmanager:shop/people", "ssm:/shop/people"])
def test_a_key_of_a_source_is_read_from_where_the_target_says(aws: RunningAws, lake: Lake, place: str) -> None:
    [source] = lake.content.sources.values()
    held = replace(lake, target=replace(lake.target, secrets={"people_key": place}))
    assert key(held, source, "people_key", 3) == KEY


def test_a_key_that_cannot_be_had_is_said_without_what_is_held(lake: Lake) -> None:
    [source] = lake.content.sources.values()
    held = replace(lake, target=replace(lake.target, secrets={"people_key": "secretsmanager:shop/key#none"}))
    with pytest.raises(OutsideError, match="no JSON object with the key none") as caught:
        key(held, source, "people_key", 3)
    assert KEY not in str(caught.value)
    with pytest.raises(ContentError, match="the target local-aws has no secret other_key; write other_key: OTHER_KEY"):
        key(held, source, "other_key", 3)


def test_a_column_is_hashed_with_a_key_that_aws_keeps(aws: RunningAws, tmp_path: Path) -> None:
    home = aws_home(aws, tmp_path, "hashed", ', secrets: {people_key: "secretsmanager:shop/key#people"}')
    schema = home / "connectors/sources/shop.schema.yaml"
    schema.write_text(schema.read_text().replace("orders:\n", "orders:\n  who: {type: string, hash: people_key}\n"))
    lake = open_aws_shop(home)
    [source] = lake.content.sources.values()
    hashed = Protecting.of(lake, source, source.tables[0])
    batch = Batch(pa.RecordBatch.from_pydict({"who": ["ana"]}))
    lake.close()
    assert hashed.batch(batch).rows["who"].to_pylist() == [hmac.digest(KEY.encode(), b"ana", "sha256").hex()]
