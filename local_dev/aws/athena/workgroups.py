"""Workgroups: where results go, how much a statement may scan, whether any may run."""

from __future__ import annotations

import time

from local_dev.aws.athena.requests import invalid
from local_dev.aws.athena.store import AthenaStore, Document

PRIMARY = "primary"
_KIND = "workgroup"
_DEFAULTS = {
    "EnforceWorkGroupConfiguration": False,
    "PublishCloudWatchMetricsEnabled": False,
    "RequesterPaysEnabled": False,
    "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
}


class WorkGroups:
    """The operations on workgroups; `primary` is always there."""

    _store: AthenaStore

    def create_work_group(self, given: Document) -> None:
        """One that is made enforces its configuration, unless it is told not to."""
        if given["Name"] == PRIMARY or self._store.thing(_KIND, given["Name"]) is not None:
            raise invalid("WorkGroup is already created")
        configured = {**_DEFAULTS, "EnforceWorkGroupConfiguration": True, **given.get("Configuration", {})}
        self._put(
            {
                "Name": given["Name"],
                "State": "ENABLED",
                "Configuration": configured,
                "Description": given.get("Description", ""),
                "CreationTime": time.time(),
            }
        )

    def get_work_group(self, given: Document) -> Document:
        """One."""
        return {"WorkGroup": self._work_group(given["WorkGroup"])}

    def list_work_groups(self, given: Document) -> Document:
        """All, `primary` first."""
        found = [self._work_group(PRIMARY), *(g for g in self._store.things(_KIND) if g["Name"] != PRIMARY)]
        return {"WorkGroups": [{key: value for key, value in g.items() if key != "Configuration"} for g in found]}

    def update_work_group(self, given: Document) -> None:
        """What is given is changed; Remove.. takes a setting away."""
        group = self._work_group(given["WorkGroup"])
        changes = dict(given.get("ConfigurationUpdates", {}))
        configured = group["Configuration"]
        result = configured.get("ResultConfiguration", {}) | changes.pop("ResultConfigurationUpdates", {})
        configured |= {"ResultConfiguration": _without_removed(result)} | changes
        group |= {key: given[key] for key in ("Description", "State") if key in given}
        self._put({**group, "Configuration": _without_removed(configured)})

    def delete_work_group(self, given: Document) -> None:
        """One that has statements saved in it only if it is told so."""
        name = self._work_group(given["WorkGroup"])["Name"]
        if name == PRIMARY:
            raise invalid("The primary workgroup cannot be deleted.")
        for each in self._store.things("named_query"):
            if each["WorkGroup"] == name:
                self._store.delete_thing("named_query", each["NamedQueryId"])
        self._store.delete_workgroup(name)

    def _work_group(self, name: str) -> Document:
        found = self._store.thing(_KIND, name)
        if found is None and name == PRIMARY:
            return {"Name": PRIMARY, "State": "ENABLED", "Description": "", "Configuration": dict(_DEFAULTS)}
        if found is None:
            raise invalid(f"WorkGroup {name} is not found.")
        return found

    def _put(self, group: Document) -> None:
        self._store.put_thing(_KIND, group["Name"], group)


def _without_removed(configured: Document) -> Document:
    gone = {key.removeprefix("Remove") for key, value in configured.items() if key.startswith("Remove") and value}
    return {key: value for key, value in configured.items() if key not in gone and not key.startswith("Remove")}
