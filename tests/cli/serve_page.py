"""Looks at the page of `adliotlog serve`: serve_page.py URL LOCKED TOKEN FOLDER RANK.

URL: a server; LOCKED: one that wants TOKEN; RANK: of a verdict on nodes 14 and 15 in run 1. Prints a
line a check, "ok NAME" or "not ok NAME: WHY", and writes screenshots into FOLDER.
"""
import json
import pathlib
import sys
import tempfile

from browser import Browser, check, check_contrast, luminance, shoot_sections


def settle(browser):
    """Until the page has drawn what its address says."""
    browser.call("Runtime.evaluate", awaitPromise=True, expression="""new Promise(done => {
        const look = () => document.getElementById('main').hasAttribute('aria-busy')
            ? requestAnimationFrame(look) : done();
        look();
    })""")


def go(browser, url):
    browser.open("about:blank")
    browser.open(url)
    settle(browser)


def follow(browser, expression):
    """Clicks, and waits for what comes of it."""
    browser.call("Runtime.evaluate", awaitPromise=True, expression=f"""new Promise(done => {{
        addEventListener('hashchange', () => setTimeout(done), {{once: true}});
        {expression};
    }})""")
    settle(browser)


def check_quiet(browser, url):
    noise = browser.of("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
    check("the console is silent", not noise, json.dumps(noise)[:300])
    asked = [r["request"]["url"] for r in browser.of("Network.requestWillBeSent")]
    strange = [a for a in asked if not a.startswith(url)]
    check("nothing is asked of anybody else", len(asked) >= 8 and not strange, str(strange))


def check_run(browser):
    check("runs are listed, and one is shown", browser.ask(
        "document.querySelectorAll('nav a').length === 3 &&"
        " document.querySelector('nav a[aria-current=page]').textContent ==="
        " document.querySelector('#run h2').textContent"))
    check("its title names it", browser.ask("document.title.startsWith('adliotlog: run ')"))
    check("its network is drawn, nodes and gateways",
          browser.ask("document.querySelectorAll('#network svg g.node').length") == 16 and
          browser.ask("document.querySelectorAll('#network svg g.gateway').length") == 2)
    check("flows have rows",
          browser.ask("document.querySelectorAll('#flows tbody tr').length") == 8)
    check("nodes have rows, with their gateways", browser.ask(
        "[...document.querySelectorAll('#nodes tbody tr')].map(r => r.cells[1].textContent)"
        ".filter(g => g === '12' || g === '13').length") == 16)
    check("there is nothing about attacks",
          not browser.ask("/attack|hidden/i.test(document.body.textContent)"))


def check_verdicts(browser, rank):
    rows = browser.ask("[...document.querySelectorAll('#verdicts tbody tr')]"
                       ".map(r => [...r.cells].map(c => c.textContent))")
    row = [r for r in rows if r[0] == rank]
    check("the colluders have a verdict", row and row[0][1] == "14" and row[0][3] == "15" and
          row[0][6] == "anomalous", str(rows[:3]))
    suspects = browser.ask("[...document.querySelectorAll('#network .suspect title')]"
                           ".map(t => t.textContent)")
    wanted = {f"suspected: {r[1]} and {r[3]}" for r in rows if r[6] == "anomalous" and int(r[0]) <= 5}
    check("those that set A suspects are joined in the picture",
          set(suspects) == wanted and len(suspects) == len(wanted), f"{suspects} {wanted}")
    follow(browser, "[...document.querySelectorAll('#verdicts tbody tr')].find(r =>"
                    f" r.cells[0].textContent === '{rank}').querySelector('td:last-child a').click()")
    check("a verdict leads to its evidence", browser.ask(
        "document.querySelector('#why h2').textContent").startswith(f"Why rank {rank}: 14, "))
    check("which is brought into view", browser.ask(
        "document.activeElement.id === 'why-title' &&"
        " Math.abs(document.activeElement.getBoundingClientRect().top) < 100"))
    check("with lines of the trace",
          browser.ask("document.querySelector('#why .line').textContent.startsWith('s ')") and
          browser.ask("document.querySelectorAll('#why .line').length") >= 15)
    check("and the gateways", browser.ask("/behind gateway 12.*behind gateway 13/.test("
                                          "document.querySelector('#why').textContent)"))
    check("the address says what is shown", browser.ask("location.hash").endswith(f"why=1/1/{rank}"))


def check_node(browser):
    browser.ask("[...document.querySelectorAll('#network g.node')].find(g =>"
                " g.querySelector('title').textContent.startsWith('node 14,')).focus()")
    check("a node of the picture can have the focus", browser.ask(
        "document.activeElement.getAttribute('aria-label').startsWith('node 14,')"))
    browser.call("Runtime.evaluate", expression="""window.changed = new Promise(done =>
        addEventListener('hashchange', () => setTimeout(done), {once: true}))""")
    browser.press("Enter", 13, "\r")
    browser.call("Runtime.evaluate", awaitPromise=True, expression="window.changed")
    settle(browser)
    check("and tells more", browser.ask("document.querySelector('#node h2').textContent") == "Node 14")
    check("it is marked", browser.ask("document.querySelector('g.node.chosen title').textContent"
                                      ".startsWith('node 14,')"))


def check_keyboard(browser):
    browser.ask("document.activeElement.blur(), window.scrollTo(0, 0)")
    browser.press("Tab", 9)
    check("the first stop is a link past the runs",
          browser.ask("document.activeElement.matches('a.skip') &&"
                      " document.activeElement.getBoundingClientRect().left >= 0"))
    browser.press("Enter", 13, "\r")
    check("which leads to what is shown", browser.ask("document.activeElement.id") == "main")
    check("tables and pictures that scroll can be reached", browser.ask(
        "[...document.querySelectorAll('.wide')].every(w => w.tabIndex === 0 &&"
        " w.getAttribute('role') === 'region' && w.getAttribute('aria-label'))"))


def check_looks(browser, url, rank, folder):
    view = f"{url}#run=1&why=1/1/{rank}&node=14"
    for name, width, height, scheme in (("serve-light", 1280, 900, "light"),
                                        ("serve-dark", 1280, 900, "dark"),
                                        ("serve-phone", 360, 740, "light")):
        browser.size(width, height, mobile=width < 700)
        browser.media(scheme)
        go(browser, view)
        scroll = browser.ask("document.documentElement.scrollWidth")
        check(f"{name}: the page need not be scrolled sideways", scroll <= width, str(scroll))
        check_contrast(browser, name)
        browser.ask("window.scrollTo(0, 0)")
        browser.shoot(folder / f"{name}.png")
        shoot_sections(browser, folder, name)
    browser.media("dark")
    ground = browser.ask("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    check("dark: the ground is dark", luminance(ground[:3]) < 0.05, str(ground))
    browser.media("light")
    browser.size(1280, 900)


def check_policy(browser):
    check("a script from elsewhere does not run", browser.ask(
        "(() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
        " document.body.append(s); return window.bad === undefined; })()"))
    check("nor does an attribute", browser.ask(
        "(() => { const b = document.createElement('button');"
        " b.setAttribute('onclick', 'window.bad = 1'); document.body.append(b); b.click();"
        " return window.bad === undefined; })()"))


def check_wrong(browser, url):
    for part, said in (("run=99", "no run 99"), ("run=x", "'run' must be"),
                       ("run=1&why=1/1/999", "no such verdict"), ("run=1&node=99", None)):
        go(browser, f"{url}#{part}")
        text = browser.ask("document.querySelector('[role=alert]')?.textContent || ''")
        check(f"#{part}: {said or 'the run without it'}", said in text if said else
              browser.ask("document.querySelector('#run') && !document.querySelector('#node')"), text)


def check_token(browser, locked, token):
    go(browser, locked)
    check("a page that needs a token asks for it", browser.ask(
        "!document.querySelector('form').hidden && document.activeElement.matches('form input') &&"
        " document.querySelectorAll('section').length === 0"))
    for text, there in (("wrong" * 4, 0), (token, 1)):
        browser.call("Runtime.evaluate", awaitPromise=True, expression=f"""(() => {{
            document.querySelector('form input').value = '{text}';
            document.querySelector('form button').click();
        }})()""")
        settle(browser)
        check("the right one opens it" if there else "a wrong one does not", browser.ask(
            "document.querySelectorAll('#run').length") == there)
    check("and the question is gone", browser.ask("document.querySelector('form').hidden"))


def look(browser, url, locked, token, folder, rank):
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable")
    browser.size(1280, 900)
    browser.media("light")
    browser.open(f"{url}#run=1")
    settle(browser)
    check_run(browser)
    check_verdicts(browser, rank)
    check_node(browser)
    check_quiet(browser, url)
    go(browser, f"{url}#run=1")
    check_keyboard(browser)
    check_looks(browser, url, rank, folder)
    check_policy(browser)
    check_wrong(browser, url)
    check_token(browser, locked, token)


def main():
    url, locked, token, folder, rank = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile, "127.0.0.1")
        try:
            look(browser, url, locked, token, folder, rank)
        finally:
            browser.close()


main()
