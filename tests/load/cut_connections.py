"""Connections cut in the middle of uploads and downloads, then resumed from where they were."""

import os
import random
import threading

from harness import MIB, random_image, wait_until
from registry_client import Cut, digest_of, finish_path, location_path, range_end

REPOSITORY = "admin/cut"
SIZE = 4 * MIB


def run(host_with, figures, short):
    transfers = 40 if short else 200
    with host_with([REPOSITORY]) as host:
        image = random_image(REPOSITORY, "latest", [SIZE])
        figures.none("refused while pushing", [r for r in [image.push(host.session())] if r])
        problems, resumed = [], {"upload": 0, "download": 0, "push": 0}
        lock = threading.Lock()
        sockets_before = host.server.open_sockets()

        def client(number):
            rng = random.Random(number)
            session = host.session()
            for kind in ("upload", "download", "push") * (transfers // 20):
                try:
                    problem = {"upload": cut_upload, "download": cut_download,
                               "push": cut_whole_push}[kind](session, image, rng)
                except Cut as cut:
                    problem = str(cut)
                with lock:
                    if problem:
                        problems.append(f"{kind}: {problem}")
                    else:
                        resumed[kind] += 1
            session.close()

        clients = [threading.Thread(target=client, args=(n,)) for n in range(20)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        figures.none("transfers that did not resume", problems)
        wanted = transfers // 20 * 20
        for kind, count in resumed.items():
            figures.check(f"cut and made good: {kind}", count, count == wanted, wanted)
        closed = wait_until(lambda: host.server.open_sockets() <= sockets_before, 10)
        figures.check("connections left open by the server",
                      host.server.open_sockets() - sockets_before, closed is not None, "none")


def end_connection(session, rng):
    """Half of the clients vanish with a reset, half just close."""
    if rng.random() < 0.5:
        session.abort()
    else:
        session.close()


def cut_upload(session, _, rng):
    """PATCH cut in the middle; status; PATCH from there; PUT. Returns a problem, or None."""
    data = os.urandom(SIZE)
    reply = session.start_upload(REPOSITORY)
    if reply.status != 202:
        return f"start: {reply}"
    path = location_path(reply)
    sent = 0
    if rng.random() < 0.5:
        sent = SIZE // 4
        reply = session.patch(path, data[:sent], 0)
        if reply.status != 202:
            return f"first chunk: {reply}"
        path = location_path(reply)
    more = rng.randint(1, SIZE // 2)
    headers = {"Content-Type": "application/octet-stream"}
    if sent or rng.random() < 0.5:
        headers["Content-Range"] = f"{sent}-{SIZE - 1}"
    session.send_part("PATCH", path, data[sent:sent + more], SIZE - sent, headers)
    end_connection(session, rng)
    return resume_upload(session, path, data, sent, sent + more)


def resume_upload(session, path, data, acknowledged, sent):
    reply = None

    def settled():
        # The server may still be working on what it got before the cut.
        nonlocal reply
        reply = session.request("GET", path)
        if reply.status != 204:
            return True
        offset = range_end(reply)
        path_now = location_path(reply) if "location" in reply.headers else path
        reply = session.patch(path_now, data[offset:], offset)
        wrong.extend([f"offset {offset} of {sent} sent"] if offset > sent else [])
        wrong.extend([f"{offset} of {acknowledged} acknowledged"] if offset < acknowledged else [])
        return reply.status == 202

    wrong = []
    if wait_until(settled, 10) is None or wrong or reply.status != 202:
        return f"resume: {wrong} {reply}"
    digest = digest_of(data)
    reply = session.request("PUT", finish_path(reply, digest))
    if reply.status != 201:
        return f"finish: {reply}"
    reply = session.blob(REPOSITORY, digest)
    if digest_of(reply.body) != digest:
        return f"the blob is not what was uploaded: status {reply.status}"
    return None


def cut_download(session, image, rng):
    """GET cut in the middle, then the rest by Range; the whole must have the right digest."""
    digest = max(image.blobs, key=lambda d: len(image.blobs[d]))
    path = f"/v2/{REPOSITORY}/blobs/{digest}"
    status, first = session.read_part(path, rng.randint(1, SIZE - 1))
    end_connection(session, rng)
    if status != 200:
        return f"status {status}"
    reply = session.blob(REPOSITORY, digest, headers={"Range": f"bytes={len(first)}-"})
    if reply.status != 206:
        return f"range: status {reply.status}"
    if reply.headers.get("content-range") != f"bytes {len(first)}-{SIZE - 1}/{SIZE}":
        return f"Content-Range {reply.headers.get('content-range')}"
    return None if digest_of(first + reply.body) == digest else "the parts do not fit together"


def cut_whole_push(session, _, rng):
    """A single PUT cut in the middle must leave no blob; pushed again, it must be there."""
    data = os.urandom(SIZE // 4)
    digest = digest_of(data)
    reply = session.start_upload(REPOSITORY)
    if reply.status != 202:
        return f"start: {reply}"
    session.send_part("PUT", finish_path(reply, digest), data[:rng.randint(0, len(data) - 1)],
                      len(data), {"Content-Type": "application/octet-stream"})
    end_connection(session, rng)
    if session.blob(REPOSITORY, digest, "HEAD").status != 404:
        return "half a blob is there"
    reply = session.push_monolithic(REPOSITORY, data, digest)
    if reply.status != 201:
        return f"second push: {reply}"
    return None if session.blob(REPOSITORY, digest).body == data else "the blob is not right"
