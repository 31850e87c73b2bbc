"""The server's limit of open files is reached: it stays up, wastes no time, and recovers by itself."""

import socket
import time

from harness import random_image, wait_until
from registry_client import Cut

REPOSITORY = "admin/files"
LIMIT = 200
SECONDS = 3
MOST_CPU = 0.5  # of a core, while connections wait that cannot be accepted


def run(host_with, figures, short):
    with host_with([REPOSITORY], prefix=["prlimit", f"--nofile={LIMIT}:{LIMIT}"]) as host:
        session = host.session()
        # So many blobs, just read, that files kept open for the next reader alone reach the limit.
        image = random_image(REPOSITORY, "latest", [1000] * LIMIT)
        figures.none("refused while pushing", [r for r in [image.push(session)] if r])
        figures.none("wrong while there are files left", image.problems(session))
        flood = [connect(host.server.port) for _ in range(2 * LIMIT)]
        time.sleep(0.5)
        print(f"       ({len(flood)} connections offered, {host.server.open_files()} of {LIMIT} "
              "files open)")
        cpu = host.server.cpu_seconds()
        time.sleep(SECONDS)
        used = (host.server.cpu_seconds() - cpu) / SECONDS
        figures.check("processor used meanwhile", f"{used:.2f} of a core", used < MOST_CPU,
                      f"under {MOST_CPU}")
        figures.none("wrong answers on the connection from before",
                     answers(session, image))
        figures.check("server", "up" if host.server.running() else "gone", host.server.running(),
                      "up")
        for connection in flood:
            connection.close()
        recovered = wait_until(lambda: works(host), 10)
        figures.check("push and pull work again",
                      "never" if recovered is None else f"after {recovered:.2f} s",
                      recovered is not None, "within 10 s")
        figures.none("images that are not whole afterwards", image.problems(host.session()))


def connect(port):
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex(("127.0.0.1", port))
    return connection


def answers(session, image):
    """A pull while no descriptor is left may be refused, clearly and for the moment; nothing else."""
    found = []
    try:
        for reply in [session.manifest(REPOSITORY, image.tag),
                      *[session.blob(REPOSITORY, d) for d in image.blobs]]:
            if reply.status not in (200, 500, 503):
                found.append(str(reply))
    except Cut as cut:
        found.append(str(cut))
    return found


def works(host):
    session = host.session(timeout=3)
    image = random_image(REPOSITORY, "later", [5000])
    try:
        return image.push(session) is None and not image.problems(session)
    except Cut:
        return False
    finally:
        session.close()
