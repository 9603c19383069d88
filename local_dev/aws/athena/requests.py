"""What Athena's operations share: its one error for a request that is wrong, and the sizes of pages."""

from __future__ import annotations

from typing import Any

from local_dev.aws.json_service import AwsError


def invalid(message: str) -> AwsError:
    """Athena's error for nearly everything."""
    return AwsError("InvalidRequestException", message)


def page_size(given: dict[str, Any], most: int) -> int:
    """How many items a page is to have. Raises AwsError for more than there may be."""
    size: int = given.get("MaxResults", most)
    if not 1 <= size <= most:
        raise invalid(f"MaxResults is more than maximum allowed length {most}.")
    return size
