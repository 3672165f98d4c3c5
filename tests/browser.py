"""A headless Chromium without a network, spoken to through its DevTools pipe."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--window-size=1280,900", "--remote-debugging-pipe",
    # Whoever asks for another host learns that there is none.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
]  # fmt: skip


class Page:
    """One tab, everything it complained about, and all that it asked for."""

    def __init__(self, commands: int, events: int) -> None:
        self._commands, self._events = commands, events
        self._buffer, self._count = b"", 0
        self._session: str | None = None
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.open_tab()

    def open_tab(self) -> None:
        """Turn to a new tab, which has no complaints yet and a window of the usual size."""
        self._session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.complaints, self.requests = [], []

    def ask(self, method: str, **params: object) -> dict:
        """Send one command, and return its answer; events before it are noted."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                return answer["result"]
        raise AssertionError("the browser has gone")

    def open(self, url: str, shows: str) -> None:
        """Go to a page, and wait until the script ``shows`` says that it is there."""
        self.ask("Page.navigate", url="about:blank")  # else another #fragment loads nothing
        self.ask("Page.navigate", url=url)
        end = time.monotonic() + 20
        while not self.value(f"document.readyState == 'complete' && Boolean({shows})"):
            assert time.monotonic() < end, f"{url} never shows {shows}: {self.complaints}"
            time.sleep(0.05)

    def value(self, script: str) -> object:
        """Return what a script says."""
        return self.ask("Runtime.evaluate", expression=script)["result"].get("value")

    def picture(self, path: Path) -> None:
        """Keep a screenshot."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))

    def _messages(self) -> Iterator[dict]:
        while True:
            while b"\0" not in self._buffer:
                read = os.read(self._events, 1 << 16)
                if not read:
                    return
                self._buffer += read
            line, _, self._buffer = self._buffer.partition(b"\0")
            message = json.loads(line)
            if message.get("sessionId") not in (None, self._session):
                continue  # a word of a tab that was left
            self._note(message.get("method", ""), message.get("params", {}))
            yield message

    def _note(self, method: str, params: dict) -> None:
        loud = {"error", "warning", "assert"}
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in loud:
            self.complaints.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in loud:
            self.complaints.append(str(params["entry"]))
        elif method == "Network.loadingFailed" and not params.get("canceled"):
            self.complaints.append(str(params))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Run a browser with a profile of its own, and end it."""
    commands, events = os.pipe(), os.pipe()
    # The protocol's ends are file descriptors 3 and 4 of the browser.
    script = f'exec "$0" "$@" 3<&{commands[0]} 4>&{events[1]}'
    running = subprocess.Popen(
        ["bash", "-c", script, CHROMIUM, *OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=(commands[0], events[1]), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(commands[0])
    os.close(events[1])
    try:
        yield Page(commands[1], events[0])
    finally:
        os.close(commands[1])  # which ends it
        os.close(events[0])
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
