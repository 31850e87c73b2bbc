"""W14 token issue: from personal access tokens, from passwords, and pulls of many users."""

import time

from .. import images
from ..client import Load
from ..http import ACCEPT
from ..rounds import Bench, sample_of
from ..servers import Berth
from . import stores


def tokens(bench: Bench) -> None:
    """Berth only: the peers leave token issue to a server of their own."""
    if "berth" not in bench.servers:
        return
    [server] = stores.instances(bench, "auth", ["berth"])
    server.start()
    images.put_image(server, "hot", "latest")
    path = ("/token?service=berth&scope=repository:" + images.repository("hot") + ":pull")
    _issue(bench, server, path, "from a personal access token", server.access_token("bench"),
           [1, 10, 100], "RS256")
    _issue(bench, server, path, "anonymous", "", [10], "RS256")
    _issue(bench, server, path, "from a password (argon2id)", server.basic(), [1], "")
    _bystanders(bench, server, path)
    _many_tokens(bench, server)
    stores.stop([server])


def _issue(bench: Bench, server: Berth, path: str, title: str, value: str, counts,
           ceiling: str) -> None:
    targets = bench.client.targets([("GET", path, 200, 0)])
    for count in bench.settings.connection_counts(counts):
        row = bench.row("W14", f"token issue {title}", f"{count} connections", "tokens/s",
                        ceiling=ceiling)
        bench.load(row, [server], lambda _, __, count=count: [Load("tokens", {
            "targets": targets, "connections": count, "authorization": value})])


def _bystanders(bench: Bench, server: Berth, path: str) -> None:
    """Password checks cost what argon2id costs; a manifest GET beside them must not."""
    repo = images.repository("hot")
    gets = bench.client.targets([("GET", f"/v2/{repo}/manifests/latest", 200, 0)])
    logins = bench.client.targets([("GET", path, 200, 0)])
    for title, with_logins in (("alone", False), ("beside 4 password sign-ins", True)):
        row = bench.row("W14", f"manifest GET p99 {title}", "open loop, 300 requests/s", "ms",
                        higher_is_better=False)

        def measure(_, __, with_logins=with_logins, row=row):
            loads = [Load("get", {"targets": gets, "connections": 16, "rate": 300, "accept": ACCEPT,
                                  "authorization": server.anonymous([repo])})]
            if with_logins:
                loads.append(Load("logins", {"targets": logins, "connections": 4,
                                             "authorization": server.basic()}))
            report = bench.client.run(server, loads, bench.settings.seconds,
                                      bench.settings.warmup)
            sample = sample_of(report, row.unit, "get")
            sample.value = sample.p99_us / 1000
            return sample
        bench.alternate(row, [server], measure)


def _many_tokens(bench: Bench, server: Berth) -> None:
    """1,000 different tokens in turn: a verified token must be remembered."""
    count = bench.settings.pick(1000, 100)
    repo = images.repository("hot")
    basic = server.access_token("bench-many")
    began = time.monotonic()
    values = ["Bearer " + server.token([repo], ["pull"], basic) for _ in range(count)]
    bench.note(f"W14: {count} tokens fetched in {time.monotonic() - began:.1f} s by a client "
               "that opens a connection for each")
    targets = bench.client.targets(("GET", f"/v2/{repo}/manifests/latest", 200, number)
                                   for number in range(count))
    row = bench.row("W14", f"manifest GET with {count} different tokens in turn",
                    "10 connections", "req/s")
    bench.load(row, [server], lambda _, __: [Load("requests", {
        "targets": targets, "connections": 10, "accept": ACCEPT,
        "authorizations": bench.client.file("".join(v + "\n" for v in values))})])


