"""A client of the Hub API that hides nothing: status, headers and body as they came.

One keep-alive connection; belongs to one thread.
"""

import http.client
import json
import socket
import urllib.parse

from checks import Failed, require, require_equal


class Answer:
    def __init__(self, request, status, headers, body):
        self.request = request
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed(f"{self}: no JSON") from None

    def expect(self, *statuses):
        """The decoded body (None where there is none) of an answer that has one of `statuses`."""
        require(self.status in statuses, f"{self}: expected {' or '.join(map(str, statuses))}")
        return self.json() if self.body and "json" in self.headers.get("content-type", "") else None

    def refuses(self, status):
        """An error in Hub's shape: message and detail with the same text, and errinfo. Returns its body."""
        body = self.expect(status)
        require(isinstance(body, dict), f"{self}: an error without a body")
        for key in ("message", "detail"):
            require(isinstance(body.get(key), str) and body[key], f"{self}: no {key}")
        require_equal(f"{self}: detail", body["detail"], body["message"])
        require(isinstance(body.get("errinfo"), dict), f"{self}: no errinfo")
        return body

    def refuses_field(self, *fields):
        """Status 400, and `fields` are named."""
        body = self.refuses(400)
        named = set(body.get("fields", {}))
        require(named and named <= set(fields), f"{self}: names {sorted(named)}, expected {sorted(fields)}")
        return body

    def __str__(self):
        method, path = self.request
        return f"{method} {path}: {self.status} {self.body[:400].decode(errors='replace')}"


class Hub:
    """`token` is sent as `scheme` with every request that does not bring an Authorization of its own."""

    def __init__(self, port, token=None, *, host=None, scheme="Bearer", agent="berth-hub-tests", timeout=30.0):
        self.port = port
        self.host = host or f"127.0.0.1:{port}"
        self.token = token
        self.scheme = scheme
        self.agent = agent
        self.timeout = timeout
        self._connection = None

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def request(self, method, path, body=None, headers=None):
        """`body` is bytes, or what is sent as JSON."""
        # Header names are compared in lower case here, and written as given.
        sent = {"Host": self.host, "User-Agent": self.agent, "Accept": "application/json"}
        if self.token:
            sent["Authorization"] = f"{self.scheme} {self.token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        for attempt in (1, 2):
            try:
                return self._send(method, path, body, sent)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server may close a connection after any answer; a fresh one must work.
                self.close()
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def _send(self, method, path, body, headers):
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if body is None and method in ("POST", "PUT", "PATCH"):
            headers = {**headers, "Content-Length": "0"}
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.will_close:
            self.close()
        return Answer((method, path), answer.status, {k.lower(): v for k, v in answer.getheaders()}, data)

    def get(self, path, /, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.request("GET", path)

    def head(self, path):
        return self.request("HEAD", path)

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, body, headers)

    def put(self, path, body=None, headers=None):
        return self.request("PUT", path, body, headers)

    def patch(self, path, body=None, headers=None):
        return self.request("PATCH", path, body, headers)

    def delete(self, path, body=None, headers=None):
        return self.request("DELETE", path, body, headers)


def every_page(hub, path, /, **query):
    """The results of all pages, by following `next` as clients do; checks `count` and `previous`."""
    results, address, previous = [], path + ("?" + urllib.parse.urlencode(query) if query else ""), None
    while address:
        page = hub.request("GET", address).expect(200)
        if previous is None:
            require_equal(f"previous of {address}", page["previous"], None)
        else:
            require(page["previous"] is not None, f"no previous: {address}")
        results += page["results"]
        require(len(results) <= page["count"], f"{address}: more results than count {page['count']}")
        previous, following = address, page["next"]
        if following:
            parts = urllib.parse.urlsplit(following)
            require_equal("origin of next", f"{parts.scheme}://{parts.netloc}", f"http://{hub.host}")
            following = parts.path + "?" + parts.query
        elif len(results) != page["count"]:
            raise Failed(f"{path}: {len(results)} results over all pages, count {page['count']}")
        address = following
    return results
