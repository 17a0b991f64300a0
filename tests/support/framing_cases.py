"""What a client may send as HTTP/1.1, byte for byte, and what must come back: one table for the
tests of framing, and the seeds of the fuzzer."""
import re
from dataclasses import dataclass

from support.wire import chunked, request

ID = "X-Request-Id: id-000001"
GET = "GET /healthz HTTP/1.1"
POST = "POST /events HTTP/1.1"
EVENT = b'{"event_name":"follow_click"}'
N = len(EVENT)
# Behind each case: it tells whether the connection was still read.
LAST = request("GET", "/healthz", "X-Request-Id: id-999999", "Connection: close")
SMUGGLED = request("GET", "/healthz", "X-Request-Id: id-666666")


@dataclass(frozen=True)
class Case:
    kind: str
    name: str
    sent: bytes
    statuses: tuple  # of the answers, in order
    ends: bool  # the connection ends with them
    is_refused: bool = False  # by framing, in the last answer

    def __str__(self):
        return f"{self.kind}: {self.name}"


CASES = []


def with_own_ids(data, numbers):
    """The same with the next numbers in its X-Request-Ids."""
    return re.sub(rb"id-\d{6}", lambda _: b"id-%06d" % next(numbers), data)


def refused(kind, name, sent, *statuses):
    """The last of the answers is the refusal."""
    CASES.append(Case(kind, name, sent, statuses or (400,), ends=True, is_refused=True))


def served(kind, name, sent, *statuses, ends=False):
    CASES.append(Case(kind, name, sent, statuses or (200,), ends))


def text(data):
    return data if isinstance(data, bytes) else data.encode("latin-1")


def head(first, *lines, host="Host: x", body=b""):
    """A request of these lines, as they are."""
    return b"\r\n".join(map(text, [first, *([host] if host else []), ID, *lines])) + b"\r\n\r\n" + text(body)


def get(*lines):
    return head(GET, *lines)


def post(*lines, body=EVENT):
    return head(POST, *lines, body=body)


def in_chunks(*parts):
    """A request whose body is these bytes, framing of chunks and all."""
    return post("Transfer-Encoding: chunked", body=b"".join(map(text, parts)))


DATA = b"%x\r\n%s\r\n" % (N, EVENT)
END = b"0\r\n\r\n"

# ---- folded lines (RFC 9112, 5.2) ----

FOLDED = "folded line"
refused(FOLDED, "by a blank", get("X-A: a", " b"))
refused(FOLDED, "by a tab", get("X-A: a", "\tb"))
refused(FOLDED, "of blanks alone", get("X-A: a", "  "))
refused(FOLDED, "as the first header", head(GET, host=" X-A: a\r\nHost: x"))
refused(FOLDED, "instead of the first header", head(GET, host=" Host: x"))
refused(FOLDED, "a length", post("Content-Length:", f" {len(SMUGGLED)}", body=SMUGGLED))
refused(FOLDED, "a length by a tab", post("Content-Length:", f"\t{len(SMUGGLED)}", body=SMUGGLED))
refused(FOLDED, "the second digit of a length", post(f"Content-Length: {N // 10}", f" {N % 10}"))
refused(FOLDED, "a transfer coding", post("Transfer-Encoding:", " chunked", body=chunked(EVENT)))
refused(FOLDED, "a trailer", in_chunks(DATA, "0\r\nX-A: a\r\n b\r\n\r\n"))
refused(FOLDED, "the first trailer", in_chunks(DATA, "0\r\n X-A: a\r\n\r\n"))

# ---- control characters (RFC 9112, 2.2; RFC 9110, 5.5) ----

CONTROLS = {"NUL": "\0", "SOH": "\1", "BS": "\b", "LF": "\n", "VT": "\v", "CR": "\r", "ESC": "\x1b", "US": "\x1f",
            "DEL": "\x7f"}
for control, char in CONTROLS.items():
    CONTROL = f"control character {control}"
    refused(CONTROL, "in the method", head(f"G{char}ET /healthz HTTP/1.1"))
    refused(CONTROL, "in the target", head(f"GET /healthz?a{char}b HTTP/1.1"))
    refused(CONTROL, "in the version", head(f"GET /healthz HTTP/1.1{char}"))
    refused(CONTROL, "in a name", get(f"X-{char}A: b"))
    refused(CONTROL, "in a value", get(f"X-A: a{char}b"))
    refused(CONTROL, "behind a value", get(f"X-A: a{char}"))
    refused(CONTROL, "in a length", post(f"Content-Length: {N}{char}5"))
    refused(CONTROL, "in an extension", in_chunks(f"{N:x};a{char}b\r\n", EVENT, "\r\n", END))
    refused(CONTROL, "behind a size", in_chunks(f"{N:x}{char}\r\n", EVENT, "\r\n", END))
    refused(CONTROL, "in a trailer", in_chunks(DATA, f"0\r\nX-A: a{char}b\r\n\r\n"))
refused("control character HT", "in the target", head("GET /healthz?a\tb HTTP/1.1"))
refused("control character HT", "in a name", get("X-\tA: b"))
served("control character HT", "in a value", get("X-A: a\tb"))
served("control character HT", "in an extension", in_chunks(f'{N:x};a="\t"\r\n', EVENT, "\r\n", END), 202)
served("bytes over 127", "in a value", get("X-A: \xc5\x9f\xff"))

BARE = "bare line feed"
refused(BARE, "behind the request line", get().replace(b"1.1\r\n", b"1.1\n"))
refused(BARE, "behind a header", get().replace(b"x\r\n", b"x\n"))
refused(BARE, "as the empty line", get().replace(b"\r\n\r\n", b"\r\n\n"))
refused(BARE, "behind every line", get().replace(b"\r\n", b"\n"))
refused(BARE, "before a request", b"\n" + get())
refused(BARE, "behind a size", in_chunks(f"{N:x}\n", EVENT, "\r\n", END))
refused(BARE, "behind an extension", in_chunks(f"{N:x};a=b\n", EVENT, "\r\n", END))
refused(BARE, "behind a chunk", in_chunks(f"{N:x}\r\n", EVENT, "\n", END))
refused(BARE, "behind the last size", in_chunks(DATA, "0\n\r\n"))
refused(BARE, "behind a trailer", in_chunks(DATA, "0\r\nX-A: a\n\r\n"))
refused(BARE, "as the end of trailers", in_chunks(DATA, "0\r\n\n"))

# ---- names of headers (RFC 9112, 5.1) ----

NAMES = "name of a header"
refused(NAMES, "no colon", get("X-A"))
refused(NAMES, "no colon in a trailer", in_chunks(DATA, "0\r\nX-A\r\n\r\n"))
refused(NAMES, "empty", get(": a"))
refused(NAMES, "a colon alone", get(":"))
refused(NAMES, "empty in a trailer", in_chunks(DATA, "0\r\n: a\r\n\r\n"))
refused(NAMES, "blank before the colon", get("X-A : a"))
refused(NAMES, "tab before the colon", get("X-A\t: a"))
refused(NAMES, "blank before the length's colon", post(f"Content-Length : {N}"))
refused(NAMES, "blank before the coding's colon", post("Transfer-Encoding : chunked", body=chunked(EVENT)))
refused(NAMES, "blank before a trailer's colon", in_chunks(DATA, "0\r\nX-A : a\r\n\r\n"))
for char in '(),/;<=>?@[\\]{}" \x80\xff':
    refused(NAMES, f"with {char!a}", get(f"X{char}A: a"))
served(NAMES, "every character of a token", get("!#$%&'*+-.^_`|~09azAZ: a"))
served(NAMES, "in any case", head(POST, f"cOnTeNt-LeNgTh: {N}", host="hOST: x", body=EVENT), 202)
served(NAMES, "an empty value", get("X-A:"))
served(NAMES, "no blank before the value", get("X-A:a"))

# ---- length, coding, host (RFC 9112, 6; 3.2) ----

LENGTH = "length of a body"
for name, value in {"a list": f"{N}, {N}", "a plus": f"+{N}", "a minus": f"-{N}", "hexadecimal": f"{N:#x}",
                    "letters": f"{N}x", "empty": "", "19 digits": f"{N:019d}", "a fraction": f"{N}.0",
                    "beyond 64 bits": f"{(1 << 64) + N}", "a blank inside": f"{N // 10} {N % 10}",
                    "a comma": f"{N},", "an underline": f"{N // 10}_{N % 10}"}.items():
    refused(LENGTH, name, post(f"Content-Length: {value}"))
refused(LENGTH, "twice the same", post(f"Content-Length: {N}", f"Content-Length: {N}"))
refused(LENGTH, "two of them", post("Content-Length: 0", f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED))
refused(LENGTH, "and chunks", post(f"Content-Length: {len(END)}", "Transfer-Encoding: chunked", body=END))
refused(LENGTH, "behind chunks", post("Transfer-Encoding: chunked", f"Content-Length: {len(END)}", body=END))
served(LENGTH, "18 digits", post(f"Content-Length: {N:018d}"), 202)
served(LENGTH, "of a GET", head(GET, f"Content-Length: {len(SMUGGLED)}", body=SMUGGLED))
served(LENGTH, "nothing", head(GET, "Content-Length: 0"))

CODING = "transfer coding"
for coding in ("gzip, chunked", "chunked, gzip", "identity", "xchunked", "chunkedx", "chunked, chunked", "", "chunked,",
               ",chunked", "chunked;q=1", "chun ked", '"chunked"', "\x0bchunked"):
    refused(CODING, f"{coding!a}", post(f"Transfer-Encoding: {coding}", body=chunked(EVENT)))
refused(CODING, "twice", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=chunked(EVENT)))
refused(CODING, "twice, differently", post("Transfer-Encoding: identity", "Transfer-Encoding: chunked",
                                           body=chunked(EVENT)))
served(CODING, "in any case", post("Transfer-Encoding: ChunKed", body=chunked(EVENT)), 202)

HOST = "host"
refused(HOST, "two", get("Host: y"))
refused(HOST, "the same twice", get("Host: x"))
refused(HOST, "none", head(GET, host=None))
refused(HOST, "none beside a whole address", head("GET http://x/healthz HTTP/1.1", host=None))
refused(HOST, "two in HTTP/1.0", head("GET /healthz HTTP/1.0", "Host: y"))
served(HOST, "empty", head(GET, host="Host:"))
served(HOST, "none in HTTP/1.0", head("GET /healthz HTTP/1.0", host=None), ends=True)

# ---- blanks around values (RFC 9110, 5.5) ----

BLANKS = "blanks around a value"
for name, around in {"a blank": " {} ", "tabs": "\t\t{}\t", "both": " \t {}\t \t"}.items():
    served(BLANKS, f"{name}, length", post(f"Content-Length:{around.format(N)}"), 202)
    served(BLANKS, f"{name}, coding", post(f"Transfer-Encoding:{around.format('chunked')}", body=chunked(EVENT)), 202)
    served(BLANKS, f"{name}, id", get().replace(ID.encode(), b"X-Request-Id:" + around.format("id-000001").encode()))
    served(BLANKS, f"{name}, connection", get(f"Connection:{around.format('close')}"), ends=True)
    served(BLANKS, f"{name}, trailer", in_chunks(DATA, f"0\r\nX-A:{around.format('a')}\r\n\r\n"), 202)

# ---- targets (RFC 9112, 3.2) ----

TARGET = "target"
for target, status in {
        "http://any.host/healthz?x": 200, "https://any.host/healthz": 200, "HTTP://ANY.HOST:8080/healthz": 200,
        "http://[::1]/healthz": 200, "http://any.host": 404, "http://any.host?x": 404, "http://any.host/": 404,
        "http://any.host/rooms": 401, "http://any.host/healthz/http://x": 404, "/healthz?http://x/y": 200,
        "//healthz": 404, "/healthz?": 200, "/healthz/": 404, "/*": 404,
        # a letter means the same percent-encoded (RFC 3986, 6.2.2.2); a slash doesn't
        "/%68ealthz": 200, "/health%7A": 200, "/health%7a?x": 200, "/%68%65%61%6c%74%68%7a": 200, "/room%73": 401,
        "http://any.host/%68ealthz": 200, "/%2Fhealthz": 404, "/%2fhealthz": 404, "%2Fhealthz": 400,
        "/auth%2Flogin": 404, "/%2568ealthz": 404, "/healthz%": 404, "/healthz%2": 404, "/%6healthz": 404,
        "/healthz%00": 404, "/healthz%20": 404,
        "*": 400, "healthz": 400, "any.host:80": 400, "any.host": 400, "?x": 400, "": 400, "http:/healthz": 400,
        ":": 400, "*/healthz": 400}.items():
    (refused if status == 400 else served)(TARGET, target or "empty", head(f"GET {target} HTTP/1.1"), status)
refused(TARGET, "CONNECT", head("CONNECT any.host:443 HTTP/1.1"))
refused(TARGET, "POST *", head("POST * HTTP/1.1", "Content-Length: 0"))
served(TARGET, "OPTIONS *", head("OPTIONS * HTTP/1.1"), 204)
served(TARGET, "HEAD of a coded path", head("HEAD /%68ealthz HTTP/1.1"))
served(TARGET, "another method of a coded path", head("DELETE /%68ealthz HTTP/1.1"), 405)
served(TARGET, "an unknown method of a coded path", head("BREW /%68ealthz HTTP/1.1"), 405)
served(TARGET, "a body for a coded path", head("POST /%65vents HTTP/1.1", f"Content-Length: {N}", body=EVENT), 202)

# ---- request line (RFC 9112, 3; RFC 9110, 2.5) ----

VERSION = "version"
for version in ("HTTP/1.2", "HTTP/1.9", "http/1.1", "HTTP/01.1", "HTTP/1.1x", "HTTP/1.10", "HTTP/1", "HTTP/1.",
                "HTTP/1,1", "HTTP/+1.1", "HTTP/1.1 ", "HTTPS/1.1", "HTTP/ 1.1", "HTTP/0.9", "HTTP/2.0", "HTTP/3.0",
                "1.1", "X"):
    refused(VERSION, f"{version!a}", head(f"GET /healthz {version}"))
refused(VERSION, "none", head("GET /healthz"))
refused(VERSION, "none, and no header", b"GET /healthz\r\n\r\n")
refused(VERSION, "the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

REQUEST_LINE = "request line"
for name, line in {
        "blank in front": " " + GET, "tab in front": "\t" + GET, "two blanks": "GET  /healthz HTTP/1.1",
        "two blanks behind the target": "GET /healthz  HTTP/1.1", "tabs": "GET\t/healthz\tHTTP/1.1",
        "blank in the target": "GET /healthz x HTTP/1.1", "no method": "/healthz HTTP/1.1",
        "empty method": " /healthz HTTP/1.1", "a method that is no token": "GE(T /healthz HTTP/1.1",
        "a method with a byte over 127": "G\xc9T /healthz HTTP/1.1", "a colon": "GET: /healthz HTTP/1.1",
        "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}.items():
    refused(REQUEST_LINE, name, head(line))
served(REQUEST_LINE, "an empty line before it", b"\r\n" + get())
served(REQUEST_LINE, "an empty line between two", get() + b"\r\n" + get(), 200, 200)
served(REQUEST_LINE, "a method in small letters", head("get /healthz HTTP/1.1"), 405)

# ---- connections (RFC 9112, 9) ----

OLD = "GET /healthz HTTP/1.0"
OLD_POST = "POST /events HTTP/1.0"
CONNECTION = "connection"
served(CONNECTION, "HTTP/1.0 ends", head(OLD), ends=True)
for value in ("keep-alive", "Keep-Alive", "x, KEEP-ALIVE"):
    served(CONNECTION, f"HTTP/1.0 with {value}", head(OLD, f"Connection: {value}"))
served(CONNECTION, "HTTP/1.0 with keep-alive and close", head(OLD, "Connection: keep-alive, close"), ends=True)
served(CONNECTION, "HTTP/1.0 with words that are no list", head(OLD, "Connection: x keep-alive"), ends=True)
served(CONNECTION, "HTTP/1.0 with a body", head(OLD_POST, f"Content-Length: {N}", body=EVENT), 202, ends=True)
served(CONNECTION, "HTTP/1.0 with a body and keep-alive",
       head(OLD_POST, f"Content-Length: {N}", "Connection: keep-alive", body=EVENT), 202)
served(CONNECTION, "HTTP/1.0 gets no go-ahead",
       head(OLD_POST, f"Content-Length: {N}", "Expect: 100-continue", body=EVENT), 202, ends=True)
refused(CONNECTION, "HTTP/1.0 in chunks", head(OLD_POST, "Transfer-Encoding: chunked", body=chunked(EVENT)))
refused(CONNECTION, "HTTP/1.0 in chunks with keep-alive",
        head(OLD_POST, "Transfer-Encoding: chunked", "Connection: keep-alive", body=chunked(EVENT)))
for value in ("close", "Close", "x, close", "close, x", "keep-alive,\tclose"):
    served(CONNECTION, f"{value!a}", get(f"Connection: {value}"), ends=True)
served(CONNECTION, "two lines, close in the second", get("Connection: x", "Connection: close"), ends=True)
served(CONNECTION, "keep-alive", get("Connection: keep-alive"))
served(CONNECTION, "closer", get("Connection: closer"))
served(CONNECTION, "HEAD", head("HEAD /healthz HTTP/1.1"))
served(CONNECTION, "HEAD of what isn't there", head("HEAD /nowhere HTTP/1.1"), 404)
served(CONNECTION, "three requests at once", get() + post(f"Content-Length: {N}") + get(), 200, 202, 200)

# ---- chunks (RFC 9112, 7.1) ----

CHUNKS = "chunks"
B31 = EVENT[:-1] + b"  }"  # 31 bytes: a size with a letter
served(CHUNKS, "small letters", in_chunks("1f\r\n", B31, "\r\n", END), 202)
served(CHUNKS, "capital letters", in_chunks("1F\r\n", B31, "\r\n", END), 202)
served(CHUNKS, "leading zeros", in_chunks(f"{N:016x}\r\n", EVENT, "\r\n", END), 202)
served(CHUNKS, "zeros at the end", in_chunks(DATA, "0000\r\n\r\n"), 202)
served(CHUNKS, "a byte each", in_chunks(chunked(*[EVENT[n:n + 1] for n in range(N)])), 202)
for extension in (";a", ";a=b", ';a=b;c="d"', " ;a=b", "\t; a = b", ';a="b;c"', ";" + "a" * 500):
    served(CHUNKS, f"extension {extension[:10]!a}", in_chunks(f"{N:x}{extension}\r\n", EVENT, "\r\n", END), 202)
served(CHUNKS, "extension of the last", in_chunks(DATA, "0;a=b\r\n\r\n"), 202)
served(CHUNKS, "a trailer", in_chunks(DATA, "0\r\nX-A: a\r\n\r\n"), 202)
served(CHUNKS, "trailers that say nothing", in_chunks(DATA, "0\r\nContent-Length: 5\r\nConnection: close\r\n"
                                                      "Transfer-Encoding: gzip\r\nX-Request-Id: x\r\n\r\n"), 202)
served(CHUNKS, "of nothing", head(GET, "Transfer-Encoding: chunked", body=END))
served(CHUNKS, "a request behind them", in_chunks(DATA, END) + get(), 202, 200)
refused(CHUNKS, "the last size twice", in_chunks(DATA, "0\r\n0\r\n\r\n"))
refused(CHUNKS, "the end twice", in_chunks(DATA, END, END), 202, 400)
for size in ("", "g", "-1", "+1", "0x1d", " 1d", "\t1d", "1d 1d", "1d ", "1d\t", f"{N:017x}", "8000000000000000",
             "f" * 16, "f" * 17, "1d,", "1d:a", ";a=b", "0x0", "\xb9"):
    refused(CHUNKS, f"size {size!a}", in_chunks(f"{size}\r\n", EVENT, "\r\n", END))
refused(CHUNKS, "more than the size", in_chunks(f"{N - 1:x}\r\n", EVENT, "\r\n", END))
refused(CHUNKS, "less than the size", in_chunks(f"{N + 1:x}\r\n", EVENT, "\r\n", END))
refused(CHUNKS, "no end of a chunk", in_chunks(f"{N:x}\r\n", EVENT, END))
refused(CHUNKS, "a request instead of trailers", in_chunks(DATA, "0\r\n", SMUGGLED))

# ---- more than the server takes ----

LIMIT = "limit"
refused(LIMIT, "long target", head(f"GET /{'a' * 200_000} HTTP/1.1"), 414)
refused(LIMIT, "long query", head(f"GET /healthz?{'a' * 200_000} HTTP/1.1"), 414)
refused(LIMIT, "long header", get("X-Long: " + "x" * 200_000), 431)
refused(LIMIT, "long name", get("x" * 200_000 + ": a"), 431)
refused(LIMIT, "many headers", get(*[f"X-{n}: a" for n in range(1000)]), 431)
refused(LIMIT, "announced body", post(f"Content-Length: {1 << 20}"), 413)
refused(LIMIT, "announced body of 18 digits", post("Content-Length: " + "9" * 18), 413)
refused(LIMIT, "body in chunks", in_chunks(*[b"1000\r\n%s\r\n" % (b" " * 4096)] * 40, DATA, END), 413)
refused(LIMIT, "size of a chunk", in_chunks("7fffffffffffffff\r\n", EVENT), 413)
