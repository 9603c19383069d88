"""`baikal slo`: whether promises are kept, what is wrong, and (--alert) telling the teams of it."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import click

from local_dev.command import Answer, Call, command
from local_dev.completion import complete_selector
from local_dev.console import Console, bad, faint
from local_dev.history import wall_time
from local_dev.selection import selected
from transforms.budget import PromiseStanding
from transforms.fields import percent
from transforms.incidents import Incident


@command("slo")
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...", shell_complete=complete_selector)
@click.option("--alert", is_flag=True, help="Tell each team on Slack what is new and what is over.")
def slo(call: Call, selectors: tuple[str, ...], alert: bool) -> Answer:
    """Show how the promises of tables, views and sources stand over the last 28 days.

    Leaves with 1 when a promise is breached: more due days were missed than may be. With --alert it leaves with 3
    when a message could not be sent, else with 0: for a schedule.
    """
    return _alert(call) if alert else _shown(call, selectors)


def _alert(call: Call) -> Answer:
    from connectors.alerts import announce

    said = announce(call.lake)
    for one in said:
        (call.console.error if one.failure else call.console.show)(str(one))
    document = [{"owner": one.message.owner, "sent": not one.failure, "failure": one.failure} for one in said]
    return Answer(document, 3 if any(one.failure for one in said) else 0)


def _shown(call: Call, selectors: Sequence[str]) -> Answer:
    from connectors.alerts import outlook

    names, found = selected(call.content, selectors), outlook(call.lake)
    standings = [one for one in found.standings if one.name in names]
    incidents = [one for one in found.incidents if not names.isdisjoint((*one.tables, *one.affected))]
    headers = ["name", "promise", "on days", "state", "met", "left", "last missed", "owner"]
    call.console.table(headers, [_row(one) for one in standings])
    if not standings:
        who = f"{', '.join(selectors)} promises nothing" if selectors else "nothing promises anything"
        call.console.show(f'{who}; a promise is slo: {{fresh_by: "09:00", days_met: 99%}} in a header')
    for incident in incidents:
        _tell(call.console, incident, call.lake.target.timezone)
    breached = any(one.state == "breached" for one in standings)
    document = {"promises": [one.document for one in standings], "incidents": [one.document for one in incidents]}
    return Answer(document, 1 if breached else 0)


def _row(one: PromiseStanding) -> list[object]:
    met, last = f"{one.judged - len(one.missed)}/{one.judged}", str(one.missed[-1]) if one.missed else None
    promise = f"{one.objective} {one.promise}"
    return [str(one.name), promise, percent(one.days_met), one.state, met, one.left, last, one.owner]


def _tell(console: Console, incident: Incident, zone: ZoneInfo) -> None:
    console.show()
    console.show(f"{bad(incident.title)} since {wall_time(incident.since, zone)}; owner: {incident.owner}")
    console.show(f"  {incident.what}")
    if incident.affected:
        console.show(f"  affected: {', '.join(map(str, incident.affected))}")
    console.show(f"  {faint('look:')} {incident.look}; docs/operate.md#{incident.kind}")
