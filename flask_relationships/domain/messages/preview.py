"""Preview a message: nothing is stored or sent."""

from __future__ import annotations

from typing import Any

from ...context import Context
from ...errors import NotOptedIn, OptedOutByRecipient, Problem, ValidationFailed
from ...hosts.bound import HostRow
from ..profiles import service as profiles
from ..texts import written_time
from . import limits, policy, quiet_hours, whatsapp_window


def preview(ctx: Context, contact: HostRow, values: dict[str, Any], *, user: Any) -> dict[str, Any]:
    """Return the members of a preview. ``blocked`` has the code of the problem that sending would raise.

    :raises ValidationFailed: a member does not fit the channel.
    """
    found, now, channel = profiles.find_or_imagine(ctx, contact), ctx.now(), values["channel"]
    number, suppressed = profiles.number_for(found, channel)
    outside = whatsapp_window.is_outside(ctx, contact.key, found, channel, now)
    blocked = None
    try:
        policy.destination_of(ctx, contact, found, values, outside_window=outside)
        limits.check(ctx, contact.key, user, now)
    except ValidationFailed:
        raise
    except Problem as problem:
        since = {OptedOutByRecipient: suppressed, NotOptedIn: found.profile.consent_changed_at}.get(type(problem))
        blocked = {"channel": channel, "reason": problem.code, "since": written_time(since)}
    usage = policy.usage_of(values)
    return {
        "to_number": number,
        "segments": usage.segments,
        "encoding": usage.encoding,
        "characters_left": usage.characters_left,
        "outside_whatsapp_window": outside,
        "blocked": blocked,
        "not_before": None if number is None else quiet_hours.end_of(ctx, number, now),
    }
