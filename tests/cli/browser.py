"""A headless Chromium for tests of pages, and what is asked of every page.

Chromium is spoken to over a pipe (--remote-debugging-pipe), which needs no port and no other
package. Checks are printed a line each, "ok NAME" or "not ok NAME: WHY".
"""
import base64
import fcntl
import json
import os
import subprocess

TIMEOUT = 120  # s, for a browser that hangs; nothing is measured by it


class Browser:
    """A headless Chromium with one page; commands are answered in order, events are kept.

    It reaches no machine but the one it may: 127.0.0.1, or none."""

    def __init__(self, profile, may_reach=None):
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()
        # Out of the way of 3 and 4, which Chromium wants.
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (to_browser, from_browser)]

        def connect():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", "--disable-component-update", "--disable-background-networking",
             "--host-resolver-rules=MAP * ~NOTFOUND" +
             (f", EXCLUDE {may_reach}" if may_reach else ""), "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=connect, pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (to_browser, from_browser, *ends):
            os.close(fd)
        self.buffer = b""
        self.last = 0
        self.session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]

    def receive(self):
        while b"\0" not in self.buffer:
            data = os.read(self.into, 1 << 20)
            if not data:
                raise RuntimeError("the browser has gone")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, event):
        seen = 0
        while True:
            for message in self.events[seen:]:
                if message.get("method") == event:
                    return
            seen = len(self.events)
            self.events.append(self.receive())

    def of(self, *methods):
        return [e["params"] for e in self.events if e.get("method") in methods]

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def ask(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def press(self, key, code, text=None):
        parameters = {"key": key, "code": key if key != " " else "Space",
                      "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **parameters,
                  **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def size(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=mobile)

    def media(self, scheme="light", kind="screen"):
        self.call("Emulation.setEmulatedMedia", media=kind,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def shoot(self, path, clip=None):
        parameters = {"captureBeyondViewport": True, "clip": {**clip, "scale": 1}} if clip else {}
        data = self.call("Page.captureScreenshot", **parameters)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        self.session = None
        try:
            self.call("Browser.close")
        except (RuntimeError, OSError):
            pass
        self.process.wait(TIMEOUT)


def check(name, good, why=""):
    text = " ".join(f"{name}: {why}".split())
    print(f"ok {name}" if good else f"not ok {text[:400]}", flush=True)


# ---- contrast --------------------------------------------------------------

# Every element with text of its own, its colour and what lies behind it.
COLOURS = """(() => {
    const found = [];
    const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const c = parse(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] > 0)
                return c.slice(0, 3);
        }
        return [255, 255, 255];
    };
    for (const element of document.querySelectorAll('body *')) {
        if (element.closest('.drawn svg, script, style, title, defs'))
            continue;
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        const style = getComputedStyle(element);
        if (!own || style.display === 'none')
            continue;
        const colour = element.closest('svg') ? style.fill : style.color;
        found.push([element.outerHTML.slice(0, 80), parse(colour).slice(0, 3), behind(element)]);
    }
    return found;
})()"""


def luminance(colour):
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_contrast(browser, scheme):
    texts = browser.ask(COLOURS)
    poor = [(round(contrast(c, b), 2), html) for html, c, b in texts if contrast(c, b) < 4.5]
    check(f"{scheme}: text has a contrast of 4.5 at least",
          len(texts) > 100 and not poor, f"{len(texts)} texts, {len(poor)} poor: {poor[:3]}")


# ---- pictures --------------------------------------------------------------

def shoot_sections(browser, folder, name):
    boxes = browser.ask("[...document.querySelectorAll('header, section')].map(s => {"
                        " const r = s.getBoundingClientRect(); return [s.id || 'head', r.x,"
                        " r.y + scrollY, r.width, r.height]; })")
    for title, x, y, width, height in boxes:
        if width and height:
            browser.shoot(folder / f"{name}-{title}.png",
                          {"x": max(x - 8, 0), "y": y, "width": width + 16,
                           "height": min(height, 4000)})
