"""What is a secret by its name is refused at its line, with the line to write and without its value."""

from __future__ import annotations

import pytest

from connectors.content import READER_WORDS
from transforms.secret_words import is_secret
from transforms.source_file import read_source
from transforms.yaml_file import read_yaml

HEAD = "kind: rest\nowner: ads\ndescription: An API.\nconnection: shop\n"
TABLE = "tables:\n  t: {mode: snapshot, path: /v1/t}\n"
SCHEMA = "t: {id: bigint}\n"

SECRET = """
Authorization Proxy-Authorization Cookie X-Api-Key X-API-KEY apikey apiKey APIKey api_key api-key access_token
accessToken token X-Auth-Token private-token client_secret clientSecret client-secret secret password user_password
passwd pwd app_key Application-Key secret_key subscription-key Ocp-Apim-Subscription-Key X-Amz-Security-Token
session_token refresh_token authtoken x-functions-key signature X-Hub-Signature sig jwt bearer session sessionid
session_id JSESSIONID consumer_key account_key user_key userKey shared_key
"""
NO_SECRET = """
page_token pageToken pagetoken next_token nextPageToken continuation-token syncToken start_token tokenize tokens
max_tokens token_type keyword key sort_key keys partition_key hockey monkey secretary secret_count cookies_before
cursor_token cursorToken after_token beforeToken since_token starting_token ending_token offset_token bookmark_token
password_changed_after session_type possession signature_count sig_fig account_key_id user_id account
author authorized grant_type Accept X-Request-Id user id compass_point day
"""


def faults(text: str) -> list[str]:
    document = read_yaml(HEAD + text, "shop.yaml")
    return [str(one) for one in read_source("shop", document, read_yaml(SCHEMA, "shop.schema.yaml"), READER_WORDS)[1]]


@pytest.mark.parametrize("name", SECRET.split())
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", NO_SECRET.split())
def test_names_of_what_is_no_secret(name: str) -> None:
    assert not is_secret(name)


SAID = "is a secret, and no secret is in this file; its name stands here, and its value in what the target has under"


@pytest.mark.parametrize(
    ("text", "line", "name", "write"),
    [
        (
            'headers:\n  Accept: text\n  Authorization: "Bearer sk-4711"\n' + TABLE,
            7,
            "Authorization",
            'api_key: {header: Authorization, prefix: "Bearer ", secret: shop_key} at the top, '
            "and remove Authorization:",
        ),
        (
            'headers: {Authorization: "Basic sk-4711"}\n' + TABLE,
            5,
            "Authorization",
            "api_key: {user: .., secret: shop_key} at the top, and remove Authorization:",
        ),
        (
            "headers: {x-api-key: sk-4711}\n" + TABLE,
            5,
            "x-api-key",
            "api_key: {header: x-api-key, secret: shop_key} at the top, and remove x-api-key:",
        ),
        (
            TABLE.replace("/v1/t", "/v1/t, parameters: {api_key: sk-4711, page: 1}"),
            6,
            "api_key",
            "api_key: {parameter: api_key, secret: shop_key} at the top, and remove api_key:",
        ),
        (
            TABLE.replace("/v1/t", "/v1/t, method: post, parameters: {q: [{token: 4711}]}"),
            6,
            "token",
            "api_key: {parameter: token, secret: shop_key} at the top, and remove token:",
        ),
        (
            TABLE.replace("/v1/t", '"/v1/t?size=9&api_key=sk-4711"'),
            6,
            "api_key",
            "api_key: {parameter: api_key, secret: shop_key}, and take api_key out of path:",
        ),
        (
            "oauth2:\n  token: /token\n  id: shop_id\n  secret: shop_secret\n  parameters: {client_secret: sk-4711}\n"
            + TABLE,
            9,
            "client_secret",
            "secret: shop_secret under oauth2:, and remove client_secret:",
        ),
        (
            "oauth2: {token: /token, id: a, secret: b, parameters: {refresh_token: sk-4711}}\n" + TABLE,
            5,
            "refresh_token",
            "refresh: shop_refresh under oauth2:, and remove refresh_token:",
        ),
        (
            "oauth2: {token: '/token?client_secret=sk-4711', id: a, secret: b}\n" + TABLE,
            5,
            "client_secret",
            "secret: shop_secret under oauth2:, and take client_secret out of token:",
        ),
        (
            TABLE.replace("/v1/t", "/v1/t, report: {path: /r, status: /s, done: OK, parameters: {password: sk-4711}}"),
            6,
            "password",
            "api_key: {parameter: password, secret: shop_key} at the top, and remove password:",
        ),
    ],
)
def test_a_secret_is_refused_with_the_line_to_write(text: str, line: int, name: str, write: str) -> None:
    told = [one for one in faults(text) if SAID in one]
    assert told == [f"shop.yaml:{line}: {name} {SAID} secrets:; write {write}"]
    assert "4711" not in "".join(faults(text))


@pytest.mark.parametrize("value", ['""', "null", '"{since}"', '"{since} {until}"', "true"])
def test_what_is_plainly_no_secret_may_have_such_a_name(value: str) -> None:
    text = TABLE.replace("/v1/t", f"/v1/t, cursor: id, since: q, parameters: {{token: {value}}}")
    assert [one for one in faults(text) if SAID in one] == []


def test_headers_and_parameters_without_secrets_stand() -> None:
    text = "headers: {Accept: text, Notion-Version: '2022'}\n" + TABLE.replace(
        "/v1/t", "/v1/t?page_token=, parameters: {page_token: start, keyword: tea, key: orders, ids: [1]}"
    )
    assert faults(text) == []
