"""Shared by all tests. The database server is started in `tests/ground.py`, the cast is in `tests/cast.py`."""

import os
import shutil
from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.cast"]

CHROMIUM_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)  # fmt: skip
CHROMIUM_WORDS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A Playwright browser on the machine's own Chromium; tests that need one are skipped where there is none."""
    given = os.environ.get("CHROMIUM")
    found = given if given is not None else next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")
    if not found:
        why = os.environ.get("NO_CHROMIUM_WHY", "")
        pytest.skip("没有找到 Chromium / no Chromium found" + (f": {why}" if why else ""))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        place = None if found == "playwright" else found
        browser = play.chromium.launch(executable_path=place, args=CHROMIUM_WORDS)
        yield browser
        browser.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with browser tests last: Playwright leaves an event loop running in the thread, in which asyncio.run can't
    start one.
    """
    browsing = {item.path for item in items if "chromium" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in browsing)
