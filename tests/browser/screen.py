"""One person's browser window, and what it complains of."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

from examples.crm.sample_data import PASSWORD
from examples.crm.sample_data.names import USERS
from examples.crm.sample_data.people import email_of

WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error(
    `policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""

DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""What has changed is laid out, and what comes into view by that is asked for."""

AXE = Axe().axe_script

FAILED = "Failed to load resource"
"""What Chromium says of every answer of 400 and more: those are expected by the tests that ask for them."""


class Screen:
    """Whoever has logged in once, by the form, is known to all later windows that are given the same ``known``."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        known: dict[str, Any] | None = None,
        level: str = "manager",
        width: int = 1180,
        height: int = 900,
        scheme: Any = "light",
        rtl: bool = False,
        **context: Any,
    ) -> None:
        self.address, self.rtl, self.scripts = address, rtl, context.get("java_script_enabled", True)
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            **{"locale": "en-GB", **context},
        )
        self.context.set_default_timeout(8000)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._asking = 0
        self.page.on("request", lambda _: self._count(1))
        self.page.on("requestfinished", lambda _: self._count(-1))
        self.page.on("requestfailed", lambda _: self._count(-1))
        known = {} if known is None else known
        if level in known:
            self.context.add_cookies(known[level])
        else:
            self.log_in(level)
            known[level] = self.context.cookies()

    def _count(self, more: int) -> None:
        self._asking = max(0, self._asking + more)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(FAILED):
            self.complaints.append(message.text)

    def log_in(self, level: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.get_by_label("E-mail address").fill(email_of(next(name for name, of, _ in USERS if of == level)))
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        self.page.wait_for_url(lambda url: not url.endswith("/login"))

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)
        if self.rtl:
            self.page.evaluate("document.documentElement.dir = 'rtl'")
        self.settle()

    def settle(self) -> None:
        """Until nothing loads any more, also where the page has been there for a while."""
        quiet = 0
        while quiet < 3:
            self.page.wait_for_timeout(50)
            self.page.evaluate(DRAWN if self.scripts else "0")  # a page that is busy may be about to ask
            quiet = 0 if self._asking else quiet + 1

    def part(self, name: str) -> Locator:
        """The section with this heading."""
        return self.page.get_by_role("region", name=name)

    def titles(self, part: str, words: str) -> Locator:
        """The rows of a section that are called so."""
        return self.part(part).locator(".title").filter(has_text=words)

    def said(self, words: str) -> Locator:
        """The line at the foot of the window that says so."""
        return self.page.locator("[role=status] .toast").filter(has_text=words)

    def axe(self) -> list[tuple[str, Any]]:
        """The rules that are violated, all of axe's rules asked, with where.

        What moves is waited for: a colour half way through its transition is nobody's choice.
        """
        self.page.evaluate(
            "Promise.allSettled(document.getAnimations()"
            ".filter(one => one.effect.getComputedTiming().endTime < Infinity).map(one => one.finished))"
        )
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run({ resultTypes: ['violations'] }).then(results => results.violations)")
        return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]

    def is_wider_than_the_window(self) -> bool:
        wider: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth",
        )
        return wider

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers this person, asked behind the interface's back."""
        token = self.page.locator('meta[name="csrf-token"]').get_attribute("content")
        answer = self.context.request.fetch(
            f"{self.address}/api/relationships{path}",
            method=method,
            data=body,
            headers={"X-CSRFToken": token or "", "Referer": self.address},
        )
        return answer.json()

    def close(self) -> None:
        self.context.close()
