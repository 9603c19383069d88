"""`s3://bucket/key` as the service writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOCATION = re.compile(r"s3[an]?://([^/]+)(?:/(.*))?", re.S)


@dataclass(frozen=True, slots=True)
class Location:
    """An object, or all whose keys begin with the key."""

    bucket: str
    key: str

    @staticmethod
    def parse(text: str) -> Location:
        """Raises ValueError.

        >>> Location.parse("s3://lake/daily/").below("a.csv")
        Location(bucket='lake', key='daily/a.csv')
        """
        found = _LOCATION.fullmatch(text)
        if found is None:
            raise ValueError(f"{text} is not a location in S3")
        return Location(found[1], found[2] or "")

    def below(self, name: str) -> Location:
        """What has this name in the folder."""
        folder = self.key if not self.key or self.key.endswith("/") else f"{self.key}/"
        return Location(self.bucket, folder + name)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"
