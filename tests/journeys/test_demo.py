"""The demo as somebody meets it: filled once, a real sign-in, stopped by Ctrl-C, back in seconds with what was kept.

Three of its people are enough: the third is the one who can sign in.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

DEMO = (sys.executable, "-m", "asklepion", "demo", "--people", "3")
SECOND_START_S = 20
"""Four times what the bench asks for: this machine is shared while the suite runs."""


def environment(home: Path) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("ASKLEPION_", "DJANGO_"))}
    return mine | {"ASKLEPION_HOME": str(home)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Start the demo's server and wait until it answers; end it, whatever happens within."""
    server = subprocess.Popen(
        [*DEMO, "--port", str(port)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _answers(server, port)
        yield server
    finally:
        if server.poll() is None:
            server.kill()
        server.communicate()


def _answers(server: subprocess.Popen[str], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, server.communicate()[0]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the demo does not answer")


def stopped(server: subprocess.Popen[str]) -> str:
    """Press Ctrl-C and return what was printed. It ends with 0 and says nothing of how."""
    server.send_signal(signal.SIGINT)
    said, _ = server.communicate(timeout=20)
    assert server.returncode == 0, said
    assert "Traceback" not in said
    return said


@pytest.fixture
def visitor(chromium: Any) -> Iterator[Page]:
    """Return the page of somebody who has never been here."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def sign_in(page: Page, port: int, account: str, password: str) -> None:
    page.goto(f"http://127.0.0.1:{port}/")
    page.get_by_label("Account", exact=True).fill(account)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Go on with a code").click()
    page.get_by_label("Code", exact=True).fill(page.locator(".demo-code").inner_text())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Caseload").wait_for()


@pytest.mark.journey
def test_the_demo_is_filled_signed_into_stopped_and_comes_back_with_what_was_entered(tmp_path: Path, visitor: Page):
    filled = subprocess.run(
        [*DEMO, "--fill-only"], env=environment(tmp_path), capture_output=True, text=True, timeout=180
    )
    assert filled.returncode == 0, filled.stderr
    assert "3 of 3, 100%" in filled.stderr
    assert filled.stdout == ""
    port = free_port()
    with started(tmp_path, port) as server:
        sign_in(visitor, port, "coordinator", "a quiet night harbour")
        assert "Simulated people." in visitor.locator(".ribbon").inner_text()
        assert visitor.locator("table.reflow tbody tr").count() == 3
        visitor.get_by_role("link", name="Open a course").click()
        visitor.get_by_role("radio", name=re.compile("MDMA or placebo")).check()
        visitor.get_by_role("button", name="Open the course").click()
        assert "Course AK-0004 is open." in visitor.locator(".toast").inner_text()
        said = stopped(server)
    for words in (f"http://127.0.0.1:{port}/", "coordinator", "a quiet night harbour", "participant"):
        assert words in said
    began = time.monotonic()
    with started(tmp_path, port) as server:
        assert time.monotonic() - began < SECOND_START_S
        visitor.goto(f"http://127.0.0.1:{port}/courses/AK-0004/")
        assert "A simulated person." in visitor.locator(".lede").inner_text(), "the session and the course were kept"
        stopped(server)
