"""Check the signatures of a mapping's hooks, ``present`` and ``visible``."""

from __future__ import annotations

from inspect import signature
from typing import Any

from ..errors import Mistake

HOOKS = {"present": ("select",), "visible": ("select", "user")}


def takes(function: Any, names: tuple[str, ...]) -> bool:
    """Return whether a function can be called with so many arguments; True if its signature is unknown."""
    if not callable(function):
        return False
    try:
        signature(function).bind(*names)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def hook_mistake(kind: str, name: str, hook: Any) -> Mistake | None:
    """Return the configuration error in `present` or `visible` of a mapping; None if there is none."""
    if hook is None or takes(hook, HOOKS[name]):
        return None
    names = ", ".join(HOOKS[name])
    what = f"cannot be called with ({names})" if callable(hook) else f"is of type {type(hook).__name__}, not a function"
    fix = f"{kind}(..., {name}=lambda {names}: select.where(...)) must return the filtered select."
    return Mistake("hook_signature", f"{kind}.{name} {what}.", fix)
