"""Check that Twilio signed a request, with the configured public address instead of the headers of the request.

A valid signature does not say where the parameters begin and end: see `parameters`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import Any

HEADER = "X-Twilio-Signature"
KEY_HEADER = "X-Twilio-Webhooks-Signature-Settings"
"""Names the shared key of another kind of signature, which is not supported: such a request is refused."""


def is_signed(urls: Iterable[str], form: Any, signature: str | None, tokens: Sequence[str]) -> bool:
    """Return whether one of the account's tokens has signed this form, posted to one of these addresses.

    :param urls: the spellings of the one address that was called.
    :param form: a mapping of lists, as werkzeug's ``MultiDict``.
    :param signature: the value of the header.
    :param tokens: the auth tokens; several while one is replaced by another.
    """
    from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

    if not signature or not signature.isascii():
        return False
    try:
        return any(_fits(RequestValidator(token), url, form, signature) for token in tokens for url in urls)
    except (ValueError, TypeError, IndexError, UnicodeError):  # an address or a text that cannot be signed at all
        return False


def _fits(validator: Any, url: str, form: Any, signature: str) -> bool:
    # Twilio's own code also tries the URL with and without a port, and drops a bare "?" where it does.
    if url.endswith("?"):
        return hmac.compare_digest(validator.compute_signature(url, form), signature)
    return bool(validator.validate(url, form, signature))


def url_spellings(public_url: str, host: str, path_and_query: str) -> list[str]:
    """Return how Twilio may write the address that it called: it signs what its Console says, letter by letter.

    :param public_url: the configured scheme, host and path.
    :param host: the ``Host`` header. It is only used where it differs from the configured host by case.
    :param path_and_query: what was called below the public URL.
    """
    scheme, _, rest = public_url.partition("://")
    configured, slash, path = rest.partition("/")
    hosts = [configured, configured.lower()]
    if host.lower() == configured.lower():
        hosts.append(host)
    urls = [f"{scheme}://{name}{slash}{path}{path_and_query}" for name in dict.fromkeys(hosts)]
    # A bare "?" at the end of the address is signed, but no server passes it to the application.
    return urls if "?" in path_and_query else [*urls, *(f"{url}?" for url in urls)]
