"""What must be refused: pulls without rights, expired and forged tokens, other people's uploads.

Some of it only a client without manners asks for; there the requests are written by hand.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import pathlib

from docker_client import daemon
from checks import Failed, require, require_equal
from harness import digest_of, refused, tool
from images import MANIFEST, Image
from registry_client import Session, fetch_token, finish_path, location_path

SECRET = "alice/secret"
NOTHING = "alice/there-is-no-such-repository"
SKEW = "+2h"
FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def check(context):
    image = Image("secret")
    port = context.server.port

    def token(account, *scopes):
        return fetch_token(port, account.name, account.password, scopes)

    alice = Session(port, token(context.alice, f"repository:{SECRET}:pull,push,delete"))
    bob = Session(port, token(context.bob, f"repository:{SECRET}:pull,push,delete",
                              "repository:bob/own:pull,push"))
    nobody = Session(port)
    for digest, data in image.blobs.items():
        if digest != image.digest:
            require_equal("push", alice.push_monolithic(SECRET, data, digest).status, 201)
    require_equal("push", alice.put_manifest(SECRET, "v1", image.manifest, MANIFEST).status, 201)
    require_equal("pull", alice.manifest(SECRET, "v1").status, 200)

    _pulls_without_rights(context, alice, bob, nobody, image)
    _uploads_of_others(context, alice, bob)
    _forged_tokens(context, alice)
    _docker_pulls(context, alice.token)
    _expired_token(context, alice.token, image)
    _uploads_of_a_second_pusher(context, token)  # last: bob may pull from now on


def _pulls_without_rights(context, alice, bob, nobody, image):
    layer = image.layers[0]["digest"]
    for who, session in (("another user", bob), ("nobody", nobody)):
        with context.checks.check(f"refused: {who} reads a private manifest by tag"):
            _same_as_missing(session.manifest(SECRET, "v1"), session.manifest(NOTHING, "v1"))
        with context.checks.check(f"refused: {who} reads a private manifest by digest"):
            _same_as_missing(session.manifest(SECRET, image.digest), session.manifest(NOTHING, image.digest))
        with context.checks.check(f"refused: {who} reads a private blob"):
            _same_as_missing(session.blob(SECRET, layer), session.blob(NOTHING, layer))
        with context.checks.check(f"refused: {who} lists a private repository's tags"):
            _same_as_missing(session.request("GET", f"/v2/{SECRET}/tags/list"),
                             session.request("GET", f"/v2/{NOTHING}/tags/list"))
        with context.checks.check(f"refused: {who} lists a private manifest's referrers"):
            _same_as_missing(session.request("GET", f"/v2/{SECRET}/referrers/{image.digest}"),
                             session.request("GET", f"/v2/{NOTHING}/referrers/{image.digest}"))
        with context.checks.check(f"refused: {who} pushes into another's namespace"):
            _is_refusal(session.start_upload(SECRET))
            _is_refusal(session.put_manifest(SECRET, "v2", image.manifest, MANIFEST))
            require_equal("the tag", alice.manifest(SECRET, "v2").status, 404)
        with context.checks.check(f"refused: {who} deletes a private tag, manifest and blob"):
            for path in ("manifests/v1", f"manifests/{image.digest}", f"blobs/{layer}"):
                _is_refusal(session.request("DELETE", f"/v2/{SECRET}/{path}"))
            require_equal("the tag", alice.manifest(SECRET, "v1").status, 200)
    with context.checks.check("refused: another user mounts a private blob"):
        reply = bob.mount("bob/own", layer, SECRET)
        require_equal("the mount of what may not be read is a miss, the start of an upload", reply.status, 202)
        require_equal("cancel", bob.request("DELETE", location_path(reply)).status, 204)
        reply = bob.request("POST", f"/v2/bob/own/blobs/uploads/?mount={layer}")
        require_equal("the anonymous mount likewise", reply.status, 202)
        require_equal("cancel", bob.request("DELETE", location_path(reply)).status, 204)
        require_equal("the blob", bob.blob("bob/own", layer).status, 404)


def _uploads_of_others(context, alice, bob):
    upload = location_path(alice.start_upload(SECRET))
    identity = upload.split("?")[0].rsplit("/", 1)[1]
    for where, path in (("in alice's repository", upload),
                        ("in a repository of one's own", f"/v2/bob/own/blobs/uploads/{identity}")):
        _tries_upload(context, bob, path, f"another user's upload id {where}")
    with context.checks.check("refused: and the upload is still its owner's, untouched"):
        _finishes(alice, upload, b"what alice uploads")


def _uploads_of_a_second_pusher(context, token):
    """Who may push to the same repository still has no part in the uploads of others (CVE-2026-32589)."""
    _let_push(context, context.alice, SECRET, context.bob)
    alice, bob = (Session(context.server.port, token(account, f"repository:{SECRET}:pull,push"))
                  for account in (context.alice, context.bob))
    with context.checks.check("a collaborator pushes to the private repository"):
        _finishes(bob, location_path(bob.start_upload(SECRET)), b"what bob uploads")
    upload = location_path(alice.start_upload(SECRET))
    _tries_upload(context, bob, upload, "another pusher's upload id in the same repository")
    with context.checks.check("refused: and the second pusher has changed nothing of it"):
        _finishes(alice, upload, b"what alice uploads beside bob")


def _tries_upload(context, session, path, what):
    for method, body in (("GET", None), ("PATCH", b"foreign"), ("PUT", b"foreign"), ("DELETE", None)):
        with context.checks.check(f"refused: {method} of {what}"):
            target = path
            if method == "PUT":
                target += ("&" if "?" in path else "?") + "digest=" + digest_of(b"foreign")
            _is_refusal(session.request(method, target, body, {"Content-Type": "application/octet-stream"}))


def _finishes(session, upload, data):
    reply = session.request("PATCH", upload, data, {"Content-Type": "application/octet-stream"})
    require_equal("PATCH", reply.status, 202)
    require_equal("PUT", session.request("PUT", finish_path(reply, digest_of(data))).status, 201)
    require_equal("the blob", session.blob(SECRET, digest_of(data)).body, data)


def _let_push(context, owner, repository, collaborator):
    """Says so through the Hub API, as its owner would."""
    port, type_ = context.server.port, {"Content-Type": "application/json"}
    login = json.dumps({"username": owner.name, "password": owner.password}).encode()
    reply = Session(port).request("POST", "/v2/users/login", login, type_)
    require_equal("sign in", reply.status, 200)
    hub = Session(port, json.loads(reply.body)["token"])
    body = json.dumps({"user": collaborator.name}).encode()
    reply = hub.request("POST", f"/v2/repositories/{repository}/collaborators", body, type_)
    require_equal("the new collaborator", reply.status, 201)


def _docker_pulls(context, token):
    reference = f"{context.host}/{SECRET}:v1"
    with daemon(context, "docker-refused") as docker:
        if not docker:
            return
        with context.checks.check("refused: docker pull of a private image, not signed in"):
            refused(*docker.command("pull", reference), env=docker.environment)
        with context.checks.check("refused: docker pull of a private image as another user"):
            docker.run("login", "-u", "bob", "--password-stdin", context.host, stdin=context.bob.password)
            refused(*docker.command("pull", reference), env=docker.environment)
        with context.checks.check("docker pull with the owner's token passes, so the refusals mean something"):
            _use_token(docker, context.host, token)
            docker.run("pull", reference)
            docker.run("image", "rm", "-f", reference)
        with context.checks.check("refused: docker pull with an expired token"):
            with _in_the_future(context):
                refused(*docker.command("pull", reference), env=docker.environment)


def _use_token(docker, host, token):
    """docker hands a `registrytoken` to its daemon, which sends it as it is."""
    folder = docker.work / "config"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"registrytoken": token}}}))


@contextlib.contextmanager
def _in_the_future(context):
    """The server runs with its clock two hours ahead inside the block: tokens of before have expired."""
    if not FAKETIME:
        raise Failed("the package faketime is not installed")
    server = context.server
    normal = server.environment
    server.stop()
    # Timers count the steady clock, which stays as it is. Without the wrapper `faketime` the process
    # that is started is the server itself, so that signals reach it.
    server.environment = {**normal, "LD_PRELOAD": str(FAKETIME), "FAKETIME": SKEW,
                          "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    try:
        server.start()
        yield
    finally:
        server.stop()
        server.environment = normal
        server.start()


def _expired_token(context, token, image):
    session = Session(context.server.port, token)
    with context.checks.check("a fresh token passes, so the next refusals mean something"):
        require_equal("status", session.manifest(SECRET, "v1").status, 200)
    with context.checks.check("refused: an expired token, with a challenge for a new one"):
        with _in_the_future(context):
            session.close()
            for reply in (session.manifest(SECRET, "v1"), session.blob(SECRET, image.layers[0]["digest"]),
                          session.start_upload(SECRET)):
                require_equal("status", reply.status, 401)
                require("bearer" in reply.headers.get("www-authenticate", "").lower(), "no challenge")
            if tool("skopeo"):
                refused(tool("skopeo"), "inspect", "--tls-verify=false", "--registry-token", token,
                        f"docker://{context.host}/{SECRET}:v1")
    with context.checks.check("the token passes again with the right clock"):
        session.close()
        require_equal("status", session.manifest(SECRET, "v1").status, 200)


def _decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _forged_tokens(context, alice):
    head, claims, signature = alice.token.split(".")
    header = json.loads(_decode(head))
    other = json.loads(_decode(claims))
    other["access"] = [{"type": "repository", "name": SECRET, "actions": ["pull", "push", "delete", "*"]}]
    flipped = bytearray(_decode(signature))
    flipped[7] ^= 1
    none = _encode(json.dumps({**header, "alg": "none"}).encode())
    symmetric = _encode(json.dumps({**header, "alg": "HS256"}).encode())
    mac = hmac.new(header.get("kid", "").encode(), f"{symmetric}.{claims}".encode(), hashlib.sha256)
    forged = {
        "whose claims were changed": f"{head}.{_encode(json.dumps(other).encode())}.{signature}",
        "whose signature was changed": f"{head}.{claims}.{_encode(bytes(flipped))}",
        "without a signature": f"{head}.{claims}.",
        "of algorithm none": f"{none}.{claims}.",
        "of a symmetric algorithm": f"{symmetric}.{claims}.{_encode(mac.digest())}",
        "that is no token": "x" * 40,
    }
    for name, token in forged.items():
        with context.checks.check(f"refused: a token {name}"):
            reply = Session(context.server.port, token).manifest(SECRET, "v1")
            require_equal("status", reply.status, 401)


def _is_refusal(reply):
    require(reply.status in (401, 403, 404), f"answered {reply}")


def _same_as_missing(reply, missing):
    """A private thing answers as one that does not exist, or its name would leak."""
    _is_refusal(reply)
    require_equal("status beside that of a missing repository", reply.status, missing.status)
    require_equal("code beside that of a missing repository", reply.error_code(), missing.error_code())
