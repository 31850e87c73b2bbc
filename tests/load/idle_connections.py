"""10,000 open connections: what they cost, and whether all of them still work."""

import resource
import time

from harness import MIB, random_image

REPOSITORY = "admin/idle"
IDLE_TARGET = "GET /healthz 200"
CONNECTIONS = 10_000
# What the design promises for this many idle keep-alive connections.
MOST_MEMORY = 200 * MIB


def run(host_with, figures, short):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with host_with([REPOSITORY]) as host:
        session = host.session()
        image = random_image(REPOSITORY, "latest", [64 << 10])
        figures.none("refused while pushing", [r for r in [image.push(session)] if r])
        before = host.server.rss_bytes()
        idle = host.load([IDLE_TARGET], ["--connections", CONNECTIONS, "--order", "own",
                                                "--hold", "--seconds", 60])
        opened = idle.result()
        figures.check("connections open at once", opened["open"],
                      opened["open"] == CONNECTIONS and opened["errors"] == 0, CONNECTIONS)
        time.sleep(2 if short else 20)
        used = host.server.rss_bytes()
        figures.at_most("server memory with them", used / MIB, MOST_MEMORY / MIB, " MiB")
        print(f"       ({before / MIB:.1f} MiB before, "
              f"{(used - before) / CONNECTIONS:.0f} bytes a connection)")
        pulls = host.load(image.targets(), ["--connections", 8, "--seconds", 2]).result()
        figures.none("errors of 8 clients that pull beside them", pulls["texts"])
        print(f"       ({pulls['requests']['count'] / pulls['seconds']:.0f} requests/s, "
              f"p99 {pulls['requests']['p99'] / 1000:.2f} ms)")
        again = idle.again()
        figures.check("idle connections that still answer", again["requests"]["count"],
                      again["requests"]["count"] == CONNECTIONS, CONNECTIONS)
