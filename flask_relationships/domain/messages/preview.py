"""What would become of a message, without writing or sending any."""

from __future__ import annotations

from typing import Any

from ...context import Context
from ...errors import NotOptedIn, OptedOutByRecipient, Problem, ValidationFailed
from ...hosts.bound import HostRow
from ..profiles import service as profiles
from ..texts import written_time
from . import limits, policy, quiet_hours, whatsapp_window
from .models import MAX_BODY_LENGTH


def preview(ctx: Context, contact: HostRow, values: dict[str, Any], *, user: Any) -> dict[str, Any]:
    """The members of a preview. Raises `ValidationFailed` by the rules of the channel.

    What else would have the message refused is told as what blocks it, under the code of that problem.
    """
    found, now, channel = profiles.find_or_imagine(ctx, contact), ctx.now(), values["channel"]
    number, suppressed = profiles.number_for(found, channel)
    outside = None
    if channel == "whatsapp":
        outside = whatsapp_window.is_closed(ctx, contact.key, number, now)
    blocked = None
    try:
        policy.destination_of(ctx, contact, found, values, outside_window=outside)
        limits.check(ctx, contact.key, user, now)
    except ValidationFailed:
        raise
    except Problem as problem:
        since = {OptedOutByRecipient: suppressed, NotOptedIn: found.profile.consent_changed_at}.get(type(problem))
        blocked = {"channel": channel, "reason": problem.code, "since": written_time(since)}
    cut = policy.segments_of(values)
    return {
        "to_number": number,
        "segments": 1 if cut is None else cut.count,
        "encoding": None if cut is None else cut.encoding,
        "characters_left": MAX_BODY_LENGTH - len(values["body"]) if cut is None else cut.left,
        "outside_whatsapp_window": outside,
        "blocked": blocked,
        "not_before": None if number is None else quiet_hours.end_of(ctx, number, now),
    }
