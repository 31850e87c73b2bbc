"""Mixed load for long: pulls, pushes, tag switches, deletes, listings and garbage collection.

Memory must stay flat, and no answer may be wrong. The blobs written in that time are deleted again, so
that the disk holds a bounded amount too.
"""

import json
import os
import random
import statistics
import threading
import time

from harness import MIB, random_image, wait_until
from registry_client import Cut

REPOSITORIES = [f"admin/mixed{n}" for n in range(4)]
PULL_RATE = 400
# Growth from the second quarter to the last one that counts as flat.
FLAT_SHARE = 1.10
FLAT_BYTES = 8 * MIB
# What is stored when the pushers have stopped and the collector has caught up: a few images.
MOST_LEFT_MIB = 64
MOST_CATCH_UP = 60  # seconds


class Pusher(threading.Thread):
    """Pushes, pulls back, switches tags, lists and deletes, at a moderate pace, in one repository."""

    def __init__(self, host, repository, end, number):
        super().__init__(daemon=True)
        self.host = host
        self.repository = repository
        self.end = end
        self.rng = random.Random(number)
        self.prefix = f"p{number}-"
        self.session = host.session()
        self.problems = []
        self.cycles = 0
        self.longest = 0.0

    def run(self):
        try:
            while time.monotonic() < self.end:
                begin = time.monotonic()
                self.cycle()
                self.cycles += 1
                self.longest = max(self.longest, time.monotonic() - begin)
                time.sleep(0.05)
        except Cut as cut:
            self.problems.append(str(cut))
        self.session.close()

    def expect(self, reply, status, what):
        if reply.status != status:
            self.problems.append(f"{what}: {reply}")

    def cycle(self):
        tag = self.prefix + str(self.rng.randint(0, 5))
        image = random_image(self.repository, tag,
                             [self.rng.randint(1 << 10, 256 << 10), self.rng.choice([0, MIB]) + 9])
        refused = image.push(self.session)
        if refused:
            self.problems.append(f"push: {refused}")
            return
        self.problems.extend(image.problems(self.session))
        image.tag = self.prefix + "latest"
        self.expect(image_tagged(self.session, image), 201, "switch of a tag")
        self.check_lists(tag)
        self.expect(self.session.manifest(self.repository, tag, "DELETE"), 202, "delete of a tag")
        self.expect(self.session.manifest(self.repository, tag), 404, "read of a deleted tag")

    def check_lists(self, tag):
        reply = self.session.request("GET", f"/v2/{self.repository}/tags/list?n=100")
        self.expect(reply, 200, "tags list")
        if reply.status == 200 and tag not in json.loads(reply.body)["tags"]:
            self.problems.append(f"tag {tag} is not listed")


def image_tagged(session, image):
    return session.put_manifest(image.repository, image.tag, image.manifest,
                                "application/vnd.oci.image.manifest.v1+json")


def run(host_with, figures, short):
    seconds = figures.seconds or (45 if short else 1800)
    options = ["--gc-grace", "5s", "--gc-interval", "1s", "--gc-untagged"]
    with host_with(REPOSITORIES, options) as host:
        pulled = [random_image(r, "pulled", [16 << 10, MIB]) for r in REPOSITORIES]
        figures.none("refused while pushing",
                     [r for r in (i.push(host.session()) for i in pulled) if r])
        end = time.monotonic() + seconds
        targets = [line for image in pulled for line in image.targets()]
        pulls = host.load(targets, ["--connections", 32, "--rate", PULL_RATE,
                                    "--seconds", seconds])
        pushers = [Pusher(host, REPOSITORIES[n % len(REPOSITORIES)], end, n) for n in range(6)]
        for pusher in pushers:
            pusher.start()
        samples = watch(host.server, end)
        for pusher in pushers:
            pusher.join()
        report(figures, pulls.result(), pushers, samples, seconds)
        waited = wait_until(lambda: stored_mib(host.server) <= MOST_LEFT_MIB, MOST_CATCH_UP, step=1)
        after = f"{stored_mib(host.server):.0f} MiB" + (f" after {waited:.0f} s" if waited is not None else "")
        figures.check("stored once the garbage is gone", after, waited is not None,
                      f"at most {MOST_LEFT_MIB} MiB within {MOST_CATCH_UP} s")
        figures.none("images that are not whole afterwards",
                     [p for i in pulled for p in i.problems(host.session())])


def stored_mib(server):
    total = 0
    for folder, _, names in os.walk(server.data / "blobs"):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_size
            except FileNotFoundError:  # collected meanwhile
                pass
    return total / MIB


def watch(server, end):
    samples = []
    while time.monotonic() < end and server.running():
        samples.append((server.anonymous_bytes(), server.open_sockets()))
        time.sleep(0.5)
    return samples


def report(figures, pulls, pushers, samples, seconds):
    cycles = sum(p.cycles for p in pushers)
    print(f"       ({seconds} s: {pulls['requests']['count']} pulls, p99 "
          f"{pulls['requests']['p99'] / 1000:.1f} ms; {cycles} push cycles, longest "
          f"{max(p.longest for p in pushers):.2f} s)")
    figures.none("errors of pulls", pulls["texts"])
    figures.none("errors of pushes, switches, deletes and lists",
                 [p for pusher in pushers for p in pusher.problems])
    figures.check("pulls served", pulls["requests"]["count"],
                  pulls["requests"]["count"] >= 0.95 * PULL_RATE * seconds,
                  f"at least 95 % of {PULL_RATE} a second")
    figures.check("push cycles", cycles, cycles >= seconds, f"at least {seconds}")
    quarter = len(samples) // 4
    for name, column, slack, scale, unit in (("anonymous memory", 0, FLAT_BYTES, MIB, " MiB"),
                                             ("open connections", 1, 10, 1, "")):
        early = statistics.median(s[column] for s in samples[quarter:2 * quarter])
        late = statistics.median(s[column] for s in samples[-quarter:])
        figures.check(f"{name} in the last quarter",
                      f"{late / scale:.1f}{unit}, after {early / scale:.1f}{unit} in the second",
                      late <= FLAT_SHARE * early + slack, "flat")
