"""The hooks of a mapping, ``present`` and ``visible``, checked before anybody calls them."""

from __future__ import annotations

from inspect import signature
from typing import Any

from ..errors import Mistake

HOOKS = {"present": ("select",), "visible": ("select", "user")}


def takes(function: Any, names: tuple[str, ...]) -> bool:
    """Whether a function can be called with so many arguments. What cannot tell is believed."""
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
    """What is wrong with `present` or `visible` of a mapping, before anybody calls it."""
    if hook is None or takes(hook, HOOKS[name]):
        return None
    names = ", ".join(HOOKS[name])
    what = f"cannot be called with ({names})" if callable(hook) else f"is of type {type(hook).__name__}, not a function"
    fix = f"{kind}(..., {name}=lambda {names}: select.where(...)) narrows the select it is given and returns it."
    return Mistake("hook_signature", f"{kind}.{name} {what}.", fix)
