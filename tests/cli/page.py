"""Looks at a page as its readers do, with Chromium: page.py PAGE FOLDER.

Prints a line a check, "ok NAME" or "not ok NAME: WHY", and writes screenshots into FOLDER. Chromium
is spoken to over a pipe (--remote-debugging-pipe), which needs no port and no other package.
"""
import base64
import fcntl
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TIMEOUT = 120  # s, for a browser that hangs; nothing is measured by it


class Browser:
    """A headless Chromium with one page; commands are answered in order, events are kept."""

    def __init__(self, profile):
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
             "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
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


# ---- tables ----------------------------------------------------------------

def column(browser, table, index):
    return browser.ask(f"[...document.querySelectorAll('main table')[{table}].tBodies[0].rows]"
                       f".map(row => row.cells[{index}].textContent.trim())")


NUMBER = re.compile(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?", re.I)


def natural(text):
    """What a person sorts by: the numbers in a text are numbers."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.lower())
            for part in re.split(r"(\d+)", text) if part]


def is_sorted(cells, descending):
    filled = [c for c in cells if c]
    if cells[:len(filled)] != filled:
        return False  # the empty ones come last
    numeric = all(NUMBER.match(c) for c in filled)
    if numeric:
        keys = [float(NUMBER.match(c).group()) for c in filled]
        return keys == sorted(keys, reverse=descending)
    if not all(re.fullmatch(r"[a-z0-9]+", c) for c in filled):
        return True  # the order of punctuation is the browser's
    keys = [natural(c) for c in filled]
    return keys == sorted(keys, reverse=descending)


def check_tables(browser):
    tables = browser.ask("[...document.querySelectorAll('main table')].map(t =>"
                         " [t.caption.textContent, t.tBodies[0].rows.length,"
                         "  t.tHead.rows[0].cells.length, t.querySelectorAll('th button').length])")
    check("there are tables", len(tables) >= 10, str(len(tables)))
    wrong = [t for t in tables if t[3] != (t[2] if t[1] > 1 else 0)]
    check("tables of more than a row have a button in each head", not wrong, str(wrong[:3]))
    failures, n_numeric = [], 0
    for i, (caption, n_row, n_column, _) in enumerate(tables):
        for k in range(n_column if n_row > 1 else 0):
            before = column(browser, i, k)
            for order in ("ascending", "descending"):
                state = browser.ask(
                    f"(() => {{ const t = document.querySelectorAll('main table')[{i}];"
                    f" t.querySelectorAll('th button')[{k}].click();"
                    " return [...t.querySelectorAll('th')].map(h => h.getAttribute('aria-sort'));"
                    "})()")
                after = column(browser, i, k)
                wanted = [order if j == k else None for j in range(n_column)]
                if (state != wanted or sorted(before) != sorted(after) or
                        not is_sorted(after, order == "descending")):
                    failures.append((caption, k, order, after[:4]))
            n_numeric += all(NUMBER.fullmatch(c) for c in before)
    check("every column sorts, up and down, numbers as numbers", n_numeric > 20 and not failures,
          f"{n_numeric} of numbers, {len(failures)} fail: {failures[:3]}")


def check_keyboard(browser):
    browser.ask("document.activeElement.blur(), window.scrollTo(0, 0)")
    browser.press("Tab", 9)
    check("the first stop is a link past the contents",
          browser.ask("document.activeElement.matches('a.skip') &&"
                      " document.activeElement.getBoundingClientRect().left >= 0"))
    browser.press("Enter", 13, "\r")
    check("which leads to the results", browser.ask("document.activeElement.id") == "main")
    browser.press("Tab", 9)
    seen = 0
    while not browser.ask("document.activeElement.matches('th button')") and seen < 20:
        browser.press("Tab", 9)
        seen += 1
    check("the next tabs come to the head of a table", seen < 20)
    check("what has the focus can be seen",
          browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid")
    states = []
    for key in (("Enter", 13, "\r"), (" ", 32, " ")):
        browser.press(*key)
        states.append(browser.ask("document.activeElement.closest('th').getAttribute('aria-sort')"))
    check("Enter and the space bar sort", sorted(states, key=str) == ["ascending", "descending"],
          str(states))
    check("tables and figures that scroll can be reached", browser.ask(
        "[...document.querySelectorAll('.wide')].every(w => w.tabIndex === 0 &&"
        " w.getAttribute('role') === 'region' && w.getAttribute('aria-label'))"))


# ---- the page --------------------------------------------------------------

def shoot_sections(browser, folder, name):
    boxes = browser.ask("[...document.querySelectorAll('header, section')].map(s => {"
                        " const r = s.getBoundingClientRect(); return [s.id || 'head', r.x,"
                        " r.y + scrollY, r.width, r.height]; })")
    for title, x, y, width, height in boxes:
        if width and height:
            browser.shoot(folder / f"{name}-{title}.png",
                          {"x": max(x - 8, 0), "y": y, "width": width + 16,
                           "height": min(height, 4000)})


def check_quiet(browser, url):
    noise = browser.of("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
    check("the console is silent", not noise, json.dumps(noise)[:300])
    asked = [r["request"]["url"] for r in browser.of("Network.requestWillBeSent")]
    check("nothing but the page itself is loaded", asked == [url], str(asked))


def check_phone(browser, folder):
    browser.size(360, 740, mobile=True)
    wide = browser.ask("[document.documentElement.scrollWidth, document.body.scrollWidth,"
                       " innerWidth]")
    check("a phone of 360 px need not scroll sideways", max(wide[:2]) <= 360 and wide[2] == 360,
          str(wide))
    check("but tables do so in their frames", browser.ask(
        "[...document.querySelectorAll('.wide')].some(w => w.scrollWidth > w.clientWidth)"))
    shoot_sections(browser, folder, "phone")


def check_dark(browser, folder):
    browser.media("dark")
    ground = browser.ask("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)"
                         ".map(Number)")
    check("dark: the ground is dark", luminance(ground[:3]) < 0.05, str(ground))
    check_contrast(browser, "dark")
    shoot_sections(browser, folder, "dark")


def check_print(browser, folder):
    browser.media("dark", "print")
    browser.size(700, 1000)
    check("print: white paper, also in the dark", browser.ask(
        "getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)")
    check("print: no controls", browser.ask(
        "[...document.querySelectorAll('nav, .skip, .files')].every(e =>"
        " getComputedStyle(e).display === 'none')"))
    cut = browser.ask("[...document.querySelectorAll('.wide')].filter(w =>"
                      " w.scrollHeight > w.clientHeight + 1 && getComputedStyle(w).overflowY !="
                      " 'visible' || w.scrollWidth > 701).map(w => w.getAttribute('aria-label'))")
    check("print: tables are whole and no wider than the paper", not cut, str(cut))
    shoot_sections(browser, folder, "print")
    data = base64.b64decode(browser.call("Page.printToPDF", printBackground=True,
                                         preferCSSPageSize=True)["data"])
    (folder / "print.pdf").write_bytes(data)
    pages = len(re.findall(rb"/Type\s*/Page\b", data))
    check("print: a PDF of some pages", data.startswith(b"%PDF") and 3 < pages < 200, str(pages))


def check_without_script(browser, url):
    rows = "[...document.querySelectorAll('main table')].map(t => t.textContent.trim())"
    with_script = browser.ask(rows)
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(url)
    check("without script nothing is missing, and no dead button is there",
          browser.ask(rows) == with_script and
          browser.ask("document.querySelectorAll('button').length") == 0)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def check_plots(browser):
    cut = browser.ask("[...document.querySelectorAll('svg text')].filter(t => {"
                      " const own = t.getBoundingClientRect();"
                      " const all = t.ownerSVGElement.getBoundingClientRect();"
                      " return own.width > 0 && (own.left < all.left - 1 || own.right > all.right"
                      " + 1 || own.bottom > all.bottom + 1); }).map(t => t.textContent)")
    check("no words of a drawing are cut off", not cut, str(cut))


def check_policy(browser):
    check("a script from elsewhere does not run", browser.ask(
        "(() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
        " document.body.append(s); return window.bad === undefined; })()"))
    check("nor does an attribute", browser.ask(
        "(() => { const b = document.createElement('button');"
        " b.setAttribute('onclick', 'window.bad = 1'); document.body.append(b); b.click();"
        " return window.bad === undefined; })()"))


def look(browser, page, folder):
    url = page.resolve().as_uri()
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable")
    browser.size(1280, 900)
    browser.media("light")
    browser.open(url)
    check_quiet(browser, url)
    check("one heading for the page, one for each entry of the contents", browser.ask(
        "document.querySelectorAll('h1').length === 1 && [...document.querySelectorAll('nav a')]"
        ".every(a => document.querySelector(a.getAttribute('href') + ' h2').textContent ==="
        " a.textContent)"))
    browser.shoot(folder / "light.png")
    shoot_sections(browser, folder, "light")
    check("a screen of 1280 px need not scroll sideways",
          browser.ask("document.documentElement.scrollWidth") <= 1280)
    check_contrast(browser, "light")
    check_plots(browser)
    check_dark(browser, folder)
    browser.media("light")
    check_phone(browser, folder)
    browser.size(1280, 900)
    check_without_script(browser, url)
    check_print(browser, folder)
    browser.media("light")
    browser.size(1280, 900)
    browser.open(url)
    check_keyboard(browser)
    check_tables(browser)
    check_quiet(browser, url)
    check_policy(browser)


def main():
    page, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            look(browser, page, folder)
        finally:
            browser.close()


main()
