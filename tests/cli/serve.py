"""Asks a server of `adliotlog serve` as its clients do, and as nobody should.

    serve.py api URL OPENAPI       every path and parameter of the OpenAPI file, answers by its schemas
    serve.py dump URL OPENAPI      prints all answers of the same requests
    serve.py fuzz URL OPENAPI SEED N   N requests made of the OpenAPI file by chance
    serve.py rough URL             malformed requests, cut off ones, pipelines
    serve.py slow URL              clients that send or read a byte now and then (--timeout 1)
    serve.py idle URL N            N connections that say nothing
    serve.py full URL N            more than N connections (--connections N --threads 1)
    serve.py load URL PID STEPS    asks until process PID is gone; the runs must be among STEPS (1,2,...)
    serve.py end URL PID           ends process PID while it is asked by several

Prints a line a check, "ok NAME" or "not ok NAME: WHY". Standard library only.
"""
import http.client
import json
import os
import random
import re
import resource
import select
import signal
import socket
import sys
import threading
import urllib.parse

WAIT = 60  # s, for a server that hangs; nothing is measured by it


def check(name, good, why=""):
    text = " ".join(f"{name}: {why}".split())
    print(f"ok {name}" if good else f"not ok {text[:600]}", flush=True)


class Server:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=WAIT)

    def ask(self, target, method="GET", headers=None, body=None):
        """Status, headers and body. The target goes out as it is, whatever it holds."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=WAIT)
        connection._validate_path = lambda path: None
        connection._encode_request = lambda request: request.encode("utf-8", "surrogateescape")
        try:
            connection.request(method, target, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def raw(self, data, ends=True, enough=None):
        """Sends bytes, and returns what comes back until the server closes, or has said enough."""
        with self.connect() as s:
            got = b""
            try:
                s.sendall(data)
                if ends:
                    s.shutdown(socket.SHUT_WR)
                while not (enough and enough in got) and (piece := s.recv(1 << 16)):
                    got += piece
            except OSError as error:
                if isinstance(error, TimeoutError):
                    raise
            return got


# ---- the OpenAPI file ------------------------------------------------------

class Description:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = json.load(file)

    def follow(self, node):
        while "$ref" in node:
            found = self.root
            for key in node["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            node = found
        return node

    def operations(self):
        """Path, operation and its parameters, all references followed."""
        for path, item in self.root["paths"].items():
            for operation in item.values():
                parameters = [self.follow(p) for p in operation.get("parameters", [])]
                yield path, operation, [(p, self.follow(p["schema"])) for p in parameters]

    def faults(self, value, schema, where="answer"):
        """What in a value is not as its schema says."""
        schema = self.follow(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{where} is null"]
        kinds = {"object": dict, "array": list, "string": str, "integer": int,
                 "number": (int, float)}
        if not isinstance(value, kinds[schema["type"]]) or isinstance(value, bool):
            return [f"{where} is no {schema['type']}: {value!r}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{where} is {value!r}"]
        if "minimum" in schema and value < schema["minimum"]:
            return [f"{where} is {value}"]
        if "maximum" in schema and value > schema["maximum"]:
            return [f"{where} is {value}"]
        if schema["type"] == "array":
            return [f for i, item in enumerate(value)
                    for f in self.faults(item, schema["items"], f"{where}[{i}]")]
        if schema["type"] != "object" or "properties" not in schema:
            return []
        known = schema["properties"]
        found = [f"{where} lacks {key}" for key in schema["required"] if key not in value]
        found += [f"{where} has {key}" for key in value if key not in known]
        return found + [f for key in value if key in known
                        for f in self.faults(value[key], known[key], f"{where}.{key}")]


# Of the store that serve.t makes: values that are there.
THERE = {"run": 1, "node": 14, "src": 14, "dst": 15, "model_id": 1, "pair_set_id": 1, "rank": 1,
         "max_rank": 3, "seed": 1, "events": 2, "limit": 2, "offset": 1, "scenario": "iot16",
         "traffic": "udp", "model": "markov", "pairs": "both", "verdict": "benign"}


def target_of(path, query=None):
    path = re.sub(r"\{(\w+)\}", lambda m: str(THERE[m.group(1)]), path)
    return path + ("?" + urllib.parse.urlencode(query) if query else "")


def requests_of(description):
    """Each path alone, with each of its parameters, and with all of them."""
    for path, operation, parameters in description.operations():
        names = [p["name"] for p, _ in parameters if p["in"] == "query"]
        for query in [[]] + [[n] for n in names] + [names]:
            yield path, operation, target_of(path, {n: THERE[n] for n in query})


def faults_of_answer(description, operation, status, headers, body):
    """What is wrong with an answer, by the description of its operation."""
    answer = operation["responses"].get(str(status))
    if not answer:
        return [f"status {status} is not described"]
    content = description.follow(answer).get("content", {})
    kind = headers.get("Content-Type", "").split(";")[0]
    if not content:
        return ["there is a body"] if body else []
    if kind not in content:
        return [f"type {kind!r} is not described"]
    if kind != "application/json":
        return []
    try:
        value = json.loads(body, parse_constant=lambda text: 1 / 0)
    except (ValueError, ZeroDivisionError) as error:
        return [f"no JSON: {error}"]
    return description.faults(value, content[kind]["schema"])


def bad_values(schema):
    """What a parameter must not be."""
    if schema["type"] == "integer":
        yield from ("", "x", "-1", "1.5", "1e3", " 1", "0x10", "1;", "99999999999999999999")
        yield str(schema["minimum"] - 1)
        if "maximum" in schema:
            yield str(schema["maximum"] + 1)
    elif "enum" in schema:
        yield from ("", "Benign", "benign ", "other")
    else:
        yield from ("", "x" * 201)


def check_api(server, description):
    wrong, n = [], 0
    for path, operation, target in requests_of(description):
        status, headers, body = server.ask(target)
        faults = [] if status == 200 else [f"status {status}"]
        faults += faults_of_answer(description, operation, status, headers, body)
        wrong += [(target, f) for f in faults[:2]]
        n += 1
    check("every path, with and without each parameter, answers by its schema", n > 50 and not wrong,
          f"{n} requests, {wrong[:4]}")
    wrong, n = [], 0
    for path, operation, parameters in description.operations():
        for parameter, schema in parameters:
            name = parameter["name"]
            for value in bad_values(schema):
                if parameter["in"] == "path":
                    bad = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
                    target = target_of(bad)
                    wanted = (400, 404) if value == "" else (400,)
                else:
                    target, wanted = target_of(path, {name: value}), (400,)
                status, headers, body = server.ask(target)
                error = json.loads(body)
                if (status not in wanted or error["status"] != status or
                        (status == 400 and name not in error["error"])):
                    wrong.append((target, status, body))
                n += 1
    check("every parameter refuses what it must not be, by name", n > 200 and not wrong,
          f"{n} requests, {wrong[:3]}")
    check_lists(server, description)
    check_headers(server)


def check_lists(server, description):
    """Pages of a list, put together, are the list."""
    wrong = []
    for path, operation, parameters in description.operations():
        if "offset" not in [p["name"] for p, _ in parameters]:
            continue
        whole = json.loads(server.ask(target_of(path, {"limit": 1000}))[2])
        name = [key for key in whole if key not in ("n", "limit", "offset")][0]
        step = max(1, whole["n"] // 3)
        pieces = []
        for offset in range(0, whole["n"] + step, step):
            piece = json.loads(server.ask(target_of(path, {"limit": step, "offset": offset}))[2])
            pieces += piece[name]
        if whole["n"] == 0 or len(whole[name]) != whole["n"] or pieces != whole[name]:
            wrong.append((path, whole["n"], len(whole[name]), len(pieces)))
    check("pages of a list are the list", not wrong, str(wrong))


def check_headers(server):
    status, headers, body = server.ask("/v1/runs")
    check("an answer has an ETag", re.fullmatch(r'"[0-9a-f]{32}"', headers.get("ETag", "")),
          str(headers))
    again = server.ask("/v1/runs", headers={"If-None-Match": headers["ETag"]})
    check("which need not be answered again", again[0] == 304 and again[2] == b"" and
          again[1]["ETag"] == headers["ETag"], str(again))
    other = server.ask("/v1/runs", headers={"If-None-Match": '"0"'})
    check("but another is", other[0] == 200 and other[2] == body)
    head = server.ask("/v1/runs", "HEAD")
    check("HEAD is GET without a body", head[0] == 200 and head[2] == b"" and
          head[1]["Content-Length"] == str(len(body)) and head[1]["ETag"] == headers["ETag"])
    options = server.ask("/v1/runs", "OPTIONS")
    check("OPTIONS says what may be done",
          options[0] == 204 and options[1]["Allow"] == "GET, HEAD, OPTIONS", str(options))
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"):
        answer = server.ask("/v1/runs", method)
        check(f"{method} is not allowed", answer[0] == 405 and
              answer[1]["Allow"] == "GET, HEAD, OPTIONS" and json.loads(answer[2])["error"],
              str(answer))
    nowhere = [server.ask(target)[0] for target in
               ("/v1", "/v1/", "/v1/runs/", "//v1/runs", "/v1/Runs", "/v1/runs/2/", "/..", "/%2e",
                "/v1/runs/2/network", "/v1/nodes", "/v1/pairs/14", "/serve.c", "/token")]
    check("what is not there is not there", set(nowhere) == {404}, str(nowhere))
    check("the answer to a stranger's name is no",
          server.ask("/v1/runs", headers={"Host": "evil.example"})[0] == 403)
    safe = [h for _, h, _ in (server.ask(t) for t in ("/", "/v1/runs", "/v1/foo", "/metrics"))]
    check("no answer may be taken for what it is not, or be framed",
          all(h["X-Content-Type-Options"] == "nosniff" and "default-src 'none'" in
              h["Content-Security-Policy"] and "frame-ancestors 'none'" in
              h["Content-Security-Policy"] for h in safe))


def dump(server, description):
    for path, operation, target in requests_of(description):
        if path not in ("/metrics", "/v1/openapi.json"):
            status, headers, body = server.ask(target)
            sys.stdout.write(f"{target} {status}\n{body.decode()}")


# ---- by chance -------------------------------------------------------------

PIECES = ["%", "%zz", "%00", "%ff", "%2f", "%27", "'", '"', ";", "--", "/", "//", "..", "?", "&", "=", "+",
          "#", " ", "\\", "{", "}", "[", "]", "\x7f", "é", "\udcff", "0", "-1", "1e9", "null", "NaN",
          "9223372036854775807", "9223372036854775808", "' OR 1=1 --", "1 UNION SELECT sql", "%s%n",
          "<script>", "a" * 300, "A" * 5000, "\t", "\x01"]
METHODS = ["GET"] * 12 + ["HEAD", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "get", "X" * 300, "G\x01T"]
HEADERS = ["Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Type", "Cookie",
           "Expect", "Host", "If-None-Match", "Range", "Upgrade", "X-" + "y" * 100]


def spoil(chance, text):
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        at = chance.randrange(len(text) + 1)
        cut = at + chance.choice((0, 0, 1, 3))
        text = text[:at] + chance.choice(PIECES) + text[cut:]
    return text


def random_value(chance, schema):
    if chance.random() < 0.4:
        return chance.choice(PIECES)
    if schema["type"] == "integer":
        least, most = schema["minimum"], schema.get("maximum", 40)
        return str(chance.choice((least, most, least - 1, most + 1, chance.randint(0, 40))))
    return chance.choice(schema.get("enum", ["iot16", "udp", "both", "markov", "none"]))


def random_request(chance, operations):
    """A request as bytes, and whether it could be as HTTP has it."""
    path, _, parameters = chance.choice(operations)
    values = {p["name"]: random_value(chance, s) for p, s in parameters}
    target = re.sub(r"\{(\w+)\}", lambda m: urllib.parse.quote(values[m.group(1)], safe="",
                                                             errors="surrogateescape"), path)
    query = [(p["name"], values[p["name"]]) for p, _ in parameters if p["in"] == "query"]
    query = [pair for pair in query if chance.random() < 0.5]
    if chance.random() < 0.1:
        query += chance.choices(query + [("foo", "1"), ("", "")], k=2)
    if query:
        target += "?" + urllib.parse.urlencode(query, errors="surrogateescape")
    target = spoil(chance, target) if chance.random() < 0.5 else target
    lines = [f"{chance.choice(METHODS)} {target} HTTP/{chance.choice(('1.1',) * 9 + ('1.0', '2', '9.9'))}"]
    if chance.random() < 0.95:
        lines.append("Host: localhost")
    for _ in range(chance.choice((0, 0, 1, 3, 30))):
        lines.append(f"{chance.choice(HEADERS)}: {spoil(chance, chance.choice(('x', 'Bearer x', '*', 'close')))}")
    body = ""
    if chance.random() < 0.2:
        body = chance.choice(PIECES) * chance.choice((1, 100, 10000))
        lines.append(chance.choice((f"Content-Length: {len(body.encode('utf-8', 'surrogateescape'))}",
                                    "Content-Length: -1", "Content-Length: 99999999999999999999",
                                    "Transfer-Encoding: chunked", "Transfer-Encoding: x")))
    text = "\r\n".join(lines) + "\r\n\r\n" + body
    return text.encode("utf-8", "surrogateescape")


def fuzz(server, description, seed, n):
    chance = random.Random(seed)
    operations = list(description.operations())
    bad, seen = [], {}
    for _ in range(n):
        request = random_request(chance, operations)
        answer = server.raw(request, enough=b"\r\n\r\n")
        status = status_of(answer)
        seen[status] = seen.get(status, 0) + 1
        # 505 is for those who speak another HTTP.
        if status >= 500 and not (status == 505 and b"HTTP/9.9" in request) or (answer and not status):
            bad.append((request[:200], answer[:200]))
    check(f"of {n} requests by chance none has an answer that is none, or of 500 and more", not bad,
          f"seed {seed}: {bad[:2]}")
    check("but many kinds of answers", {200, 400, 404, 405} <= set(seen), str(seen))
    check("and the server goes on", server.ask("/v1/health")[0] == 200)


# ---- rough -----------------------------------------------------------------

def status_of(answer):
    match = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(match.group(1)) if match else 0


def rough(server):
    cases = [
        ("no request", b"", (0,)), ("a line end", b"\r\n", (0, 400)), ("noise", b"\0\1\2\xff" * 100, (0, 400)),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500, (0, 400)),
        ("half a line", b"GET /v1/runs", (0,)), ("half a head", b"GET /v1/runs HTTP/1.1\r\nHost: lo", (0,)),
        ("no host", b"GET /v1/runs HTTP/1.1\r\n\r\n", (400,)),
        ("HTTP/1.0", b"GET /v1/runs HTTP/1.0\r\n\r\n", (200,)),
        ("a whole address", b"GET http://localhost/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
         (200,)),
        ("a path that is none", b"GET v1/runs HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)),
        ("a longer path than may be", b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (414,)),
        ("a path longer than memory", b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
         (0, 414)),
        ("a header longer than memory", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100000 + b"\r\n\r\n",
         (0, 413, 431)),
        ("a thousand headers", b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 10000 + b"\r\n", (0, 413, 431)),
        ("a body", b"GET /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", (413,)),
        ("a body in chunks", b"GET /v1/runs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
         b"5\r\nhello\r\n0\r\n\r\n", (413,)),
        ("a large body", b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n" +
         b"x" * 10000000, (0, 405)),
        ("a body that never comes", b"GET /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n", (413,)),
        ("a length that is none", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", (0, 400, 413)),
        ("two lengths", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
         (0, 400, 413)),
        ("OPTIONS of all", b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", (204,)),
    ]
    for name, data, wanted in cases:
        answer = server.raw(data)
        status = status_of(answer)
        own = status in (400, 404, 405, 413, 414) and b"application/json" in answer
        check(f"{name}: {' or '.join(str(w) if w else 'nothing' for w in wanted)}",
              status in wanted and (status == 0 or not own or b'{"status":' in answer),
              f"{status} {answer[:200]!r}")
    one = b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    check("a hundred requests at once have a hundred answers, in order",
          server.raw(one * 99 + last).count(b'{"status":"ok"') == 100)
    # An answer that is longer than what a socket takes at once, and goes to nobody.
    with server.connect() as s:
        s.sendall(b"GET /v1/pairs/14/15/packets?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        s.recv(10)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # and resets
    check("and the server goes on", server.ask("/v1/health")[0] == 200)


def is_closed(s, seconds):
    """Whether the server closes within that time; what it says first is passed over."""
    readable, _, _ = select.select([s], [], [], seconds)
    try:
        return bool(readable) and s.recv(1 << 16) == b""
    except ConnectionResetError:
        return True


def closes_on(server, data, most=300):
    """Sends a byte at a time, until the server closes."""
    with server.connect() as s:
        for byte in (data * most)[:most]:
            try:
                s.send(bytes([byte]))
            except (BrokenPipeError, ConnectionResetError):
                return True
            if is_closed(s, 0.1):
                return True
    return False


def slow(server):
    check("a client that sends a byte now and then is not waited for",
          closes_on(server, b"GET /v1/runs HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 300))
    check("nor one that sends line ends", closes_on(server, b"\r\n"))
    with server.connect() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            for _ in range(400):
                s.sendall(b"GET /v1/pairs/14/15/packets?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            pass
        read, ended = 0, False
        while read < 300 and not ended:  # a byte each tenth of a second
            select.select([], [], [], 0.1)
            try:
                ended = s.recv(1) == b""
                s.send(b"\r\n")
            except (BrokenPipeError, ConnectionResetError):
                ended = True
            read += 1
    check("nor one that reads a byte now and then", ended)
    check("others are served meanwhile", server.ask("/v1/health")[0] == 200)
    metrics = server.ask("/metrics")[2].decode()
    n = re.search(r"^adliotlog_http_connections_slow_total (\d+)$", metrics, re.M)
    check("and they are counted", int(n.group(1)) >= 2, n.group(0))


# ---- many ------------------------------------------------------------------

def idle(server, n):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, n + 100), hard))
    n = min(n, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 50)
    silent = [server.connect() for _ in range(n)]
    statuses = {server.ask("/v1/runs")[0] for _ in range(20)}
    check(f"with {n} connections that say nothing, others are answered", statuses == {200},
          str(statuses))
    for s in silent:
        s.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answered = 0
    for s in silent:
        answered += status_of(s.recv(1 << 16)) == 200
        s.close()
    check("and so are they, once they ask", answered == n, f"{answered} of {n}")


def full(server, n):
    silent = [server.connect() for _ in range(n)]
    status, headers, body = server.ask("/v1/runs")
    check("one connection more than may be is told to come again",
          status == 503 and headers["Retry-After"] == "1" and json.loads(body)["status"] == 503,
          f"{status} {body!r}")
    for s in silent:
        s.close()
    statuses = []
    while len(statuses) < 1000 and statuses[-1:] != [200]:  # it hears of their end in its time
        statuses.append(server.ask("/v1/runs")[0])
    check("and served when others have gone", statuses[-1] == 200, str(statuses[-3:]))


def load(server, pid, steps):
    """Until the process is gone, and once more."""
    seen, bad, gone = [], [], False
    while True:
        gone = gone or not os.path.exists(f"/proc/{pid}")
        status, _, body = server.ask("/v1/runs?limit=1000")
        if status != 200:
            bad.append((status, body))
            break
        runs = json.loads(body)
        if len(runs["runs"]) != runs["n"] or runs["n"] not in steps:
            bad.append(runs["n"])
        if not seen or seen[-1] != runs["n"]:
            seen.append(runs["n"])
        for run in runs["runs"]:
            nodes = json.loads(server.ask(f"/v1/runs/{run['run_id']}/nodes?limit=1000")[2])
            if nodes["n"] != run["n_node"] or sum(x["n_event"] for x in nodes["nodes"]) != run["n_event"]:
                bad.append((run, nodes["n"]))
        if gone:
            break
    check("whoever asks while others write has whole runs, and no error", not bad, str(bad[:2]))
    check("and the new ones once they are written", seen[-1] == max(steps) and seen == sorted(seen),
          str(seen))


def end(server, pid):
    """Several ask without pause when the server is told to end: what is answered is whole."""
    partial, answered, begun = [], [0] * 4, threading.Barrier(5)

    def go_on(i):
        try:
            with server.connect() as s:
                while True:
                    s.sendall(b"GET /v1/runs?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    got = b""
                    while (length := re.search(rb"Content-Length: (\d+)", got)) is None or \
                            len(got) < got.find(b"\r\n\r\n") + 4 + int(length.group(1)):
                        piece = s.recv(1 << 16)
                        if not piece:
                            if got:
                                partial.append(got[:200])
                            return
                        got += piece
                    answered[i] += 1
                    if answered[i] == 3:
                        begun.wait(WAIT)
        except OSError:
            pass

    threads = [threading.Thread(target=go_on, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    begun.wait(WAIT)
    os.kill(pid, signal.SIGTERM)
    for thread in threads:
        thread.join(WAIT)
    check("all that was begun to be answered is whole", not partial and min(answered) >= 3,
          f"{answered} {partial}")


def main():
    what, server, rest = sys.argv[1], Server(sys.argv[2]), sys.argv[3:]
    if what in ("api", "dump"):
        {"api": check_api, "dump": dump}[what](server, Description(rest[0]))
    elif what == "fuzz":
        fuzz(server, Description(rest[0]), int(rest[1]), int(rest[2]))
    elif what in ("idle", "full", "end"):
        {"idle": idle, "full": full, "end": end}[what](server, int(rest[0]))
    elif what == "load":
        load(server, int(rest[0]), [int(step) for step in rest[1].split(",")])
    else:
        {"rough": rough, "slow": slow}[what](server)


main()
