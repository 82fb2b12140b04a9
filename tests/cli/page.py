"""Looks at a page as its readers do, with Chromium: page.py PAGE FOLDER.

Prints a line a check, "ok NAME" or "not ok NAME: WHY", and writes screenshots into FOLDER.
"""
import base64
import json
import pathlib
import re
import sys
import tempfile

from browser import Browser, check, check_contrast, luminance, shoot_sections


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
