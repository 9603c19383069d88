"""How often a call to AWS is repeated: botocore's own rules of what and when, without its bound on all calls together.

That bound spares a service that is down; of a run over many tables it makes the calls fail that AWS only slows down.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import EndpointConnectionError
from botocore.retries.standard import (
    ExponentialBackoff,
    RetryEventAdapter,
    RetryHandler,
    RetryPolicy,
    StandardRetryConditions,
)

ATTEMPTS = 12
"""Of each call."""
PAUSE_S = 20
"""To which the pauses between them grow."""
LOCAL_ATTEMPTS = 3
"""To reach an AWS on this machine: where nobody answers, nobody will."""

LOCAL_PAUSE_S = 0.1
"""Between calls to an AWS on this machine, which nobody shares."""


def be_patient(client: Any, *, local: bool) -> None:
    """Changes how a client in botocore's standard mode retries."""
    service = client.meta.service_model.service_id.hyphenize()
    backoff = ExponentialBackoff(max_backoff=LOCAL_PAUSE_S if local else PAUSE_S)
    policy = RetryPolicy(StandardRetryConditions(max_attempts=ATTEMPTS), backoff)
    handler = RetryHandler(policy, RetryEventAdapter(), _Quota(local))
    event, known = f"needs-retry.{service}", f"retry-config-{service}"
    client.meta.events.unregister(event, unique_id=known)
    client.meta.events.register(event, handler.needs_retry, unique_id=known)


class _Quota:
    """What botocore asks before a retry."""

    def __init__(self, local: bool) -> None:
        self._local = local

    def acquire_retry_quota(self, context: Any) -> bool:
        """Whether this call may be tried again."""
        unreachable = isinstance(context.caught_exception, EndpointConnectionError)
        return not (self._local and unreachable and context.attempt_number >= LOCAL_ATTEMPTS)
