"""A browser as people have it: Debian's Chromium, driven by Playwright. It reports whatever the
page complains of: a test that doesn't announce it fails."""
import contextlib
import functools
import json
import re
import shutil
import time

from playwright.sync_api import Error, sync_playwright

from support.program import Api

PHONE, DESKTOP, NARROW = (390, 844), (1280, 800), (320, 640)
WITHIN_MS = 15_000
TWICE = "element => { element.click(); element.click(); }"


@contextlib.contextmanager
def chromium(*arguments):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"),
                                             args=["--no-sandbox", *arguments])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def returned(database, api, **settings):
    """The API once more, at the port where one was killed."""
    with Api(database.url, PORT=api.port, **settings) as again:
        yield again


def address(api):
    return f"http://127.0.0.1:{api.port}"


def wait_for_address(page, wanted):
    """As Playwright's wait_for_url; that one now and then misses that a page has come, and waits for another.
    Returns the address, which `page.url` may not know yet."""
    if isinstance(wanted, str):
        glob = re.escape(wanted).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        matches = re.compile(glob).fullmatch
    else:
        matches = wanted if callable(wanted) else wanted.search
    end = time.monotonic() + WITHIN_MS / 1000
    while True:
        try:
            address = page.evaluate("location.href")
            if matches(address):
                return address
        except Error as left:  # the page, meanwhile
            address = str(left)
        assert time.monotonic() < end, f"{address} isn't {wanted}"
        page.wait_for_timeout(20)


class Tab:
    """A window of somebody whose browser keeps nothing from before."""

    def __init__(self, browser, api, size=DESKTOP, user=None, **context):
        viewport = {"width": size[0], "height": size[1]}
        self.api, self.origin = api, address(api)
        self.context = browser.new_context(**{"base_url": address(api), "viewport": viewport} | context)
        self.context.set_default_timeout(WITHIN_MS)
        self.page, self.complaints, self.announced = self.context.new_page(), [], set()
        self.page.wait_for_url = functools.partial(wait_for_address, self.page)
        self.page.on("console", lambda said: said.type in ("error", "warning")
                     and self._complain(f"{said.text} {said.location['url']}"))
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        if user is not None:
            self.log_in(user)

    def _complain(self, text):
        """Chromium itself complains of each refused request; those are the test's to announce."""
        if not any(status in text for status in self.announced):
            self.complaints.append(text)

    def announce(self, *statuses):
        self.announced |= {f"status of {status}" if status else "net::ERR_" for status in statuses}

    def log_in(self, user):
        """From the next page on; no password is typed. A newer token stays."""
        self.context.add_init_script(
            f"localStorage.getItem('pw.token') ?? localStorage.setItem('pw.token', {json.dumps(user.token)})")

    def go(self, path):
        self.page.goto(path)
        return self.page

    def kept(self, key):
        return self.page.evaluate("key => localStorage.getItem(key)", key)

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        self.context.close()
        assert failed or not self.complaints, self.complaints


def lose_answer(page, url, method="POST"):
    """The server does what it is asked next; the connection ends before the answer is there, once."""
    lost = []

    def lose(route):
        if lost or route.request.method != method:
            return route.fallback()
        lost.append(route.fetch())
        return route.abort()

    page.route(url, lose)


def enter(page, email, password):
    """Signs up or logs in, by the form. The served one can't be sent until the application is there."""
    page.fill("input[type=email]", email)
    page.fill("input[type=password]", password)
    page.wait_for_selector("form button[type=submit]:enabled")
    page.press("input[type=password]", "Enter")
