"""What Athena's operations share: its one error for a request that is wrong, and pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from local_dev.aws.json_service import AwsError

T = TypeVar("T")


def invalid(message: str, athena_code: str = "INVALID_INPUT") -> AwsError:
    """Athena's error for nearly everything, with its own code beside."""
    return AwsError("InvalidRequestException", message, more={"AthenaErrorCode": athena_code})


def page_size(given: dict[str, Any], most: int) -> int:
    """How many items a page is to have. Raises AwsError for more than there may be."""
    size: int = given.get("MaxResults", most)
    if not 1 <= size <= most:
        raise invalid(f"MaxResults is more than maximum allowed length {most}.")
    return size


def page_of(
    items: Sequence[T], given: dict[str, Any], most: int, key: Callable[[T], str]
) -> tuple[list[T], dict[str, str]]:
    """The page that begins behind NextToken, the key of the last item before; and the NextToken of the next page."""
    keys, token = list(map(key, items)), given.get("NextToken")
    start = keys.index(token) + 1 if token in keys else 0
    end = start + page_size(given, most)
    return list(items[start:end]), {"NextToken": keys[end - 1]} if end < len(items) else {}
