"""Makes what checks need: people, organizations, repositories, images. Names never repeat, so areas don't meet."""

import gzip
import io
import itertools
import json
import sqlite3
import subprocess
import tarfile

from checks import require
from hub import Hub
from registry_client import (IMAGE_CONFIG, IMAGE_INDEX, IMAGE_LAYER, IMAGE_MANIFEST, Session, digest_of,
                             fetch_token)


class Person:
    """A user with a verified address; `hub` is signed in with the password."""

    def __init__(self, world, name, password):
        self.world = world
        self.name = name
        self.password = password
        self.email = f"{name}@example.com"
        self.hub = Hub(world.port, world.login(name, password))

    def registry(self, *repositories, actions="pull,push"):
        scopes = [f"repository:{name}:{actions}" for name in repositories]
        return Session(self.world.port, fetch_token(self.world.port, self.name, self.password, scopes))

    def personal_token(self, *scopes, label="a token"):
        """A personal token's secret."""
        return self.hub.post("/v2/access-tokens", {"token_label": label, "scopes": list(scopes)}).expect(201)["token"]


class Image:
    """One platform: configuration, layers, manifest; the same arguments make the same bytes."""

    def __init__(self, seed, architecture="amd64", layers=1, os="linux", config_type=IMAGE_CONFIG):
        tars = [_layer(f"{seed}-{architecture}-{n}") for n in range(layers)]
        packed = [gzip.compress(tar, mtime=0) for tar in tars]
        history = [{"created": "2024-01-02T03:04:05Z", "created_by": f"COPY file{n} /"} for n in range(layers)]
        history.append({"created": "2024-01-02T03:04:05Z", "created_by": 'CMD ["/file0"]', "empty_layer": True})
        self.architecture, self.os = architecture, os
        self.config = json.dumps({
            "created": "2024-01-02T03:04:05Z", "architecture": architecture, "os": os, "config": {"Cmd": ["/file0"]},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in tars]}, "history": history}).encode()
        self.layers = [_descriptor(blob, IMAGE_LAYER) for blob in packed]
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": IMAGE_MANIFEST,
            "config": _descriptor(self.config, config_type), "layers": self.layers}).encode()
        self.digest = digest_of(self.manifest)
        self.config_digest = digest_of(self.config)
        self.blobs = [self.config, *packed]
        self.size = sum(len(blob) for blob in packed)

    def entry(self):
        return {**_descriptor(self.manifest, IMAGE_MANIFEST),
                "platform": {"os": self.os, "architecture": self.architecture}}


class Index:
    def __init__(self, seed, architectures=("amd64", "arm64")):
        self.images = [Image(seed, architecture) for architecture in architectures]
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": IMAGE_INDEX,
            "manifests": [image.entry() for image in self.images]}).encode()
        self.digest = digest_of(self.manifest)


def _layer(text):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo("file")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _descriptor(data, media_type):
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}


def push(session, repository, content, *tags):
    """Pushes an Image or Index under `tags` (by digest alone without any); returns its digest."""
    if isinstance(content, Index):
        for image in content.images:
            push(session, repository, image)
        media_type = IMAGE_INDEX
    else:
        media_type = IMAGE_MANIFEST
        for blob in content.blobs:
            reply = session.push_monolithic(repository, blob, digest_of(blob), single_post=True)
            require(reply.status == 201, f"push of a blob to {repository}: {reply}")
    for reference in tags or (content.digest,):
        reply = session.put_manifest(repository, reference, content.manifest, media_type)
        require(reply.status == 201, f"push of {repository}:{reference}: {reply}")
    return content.digest


class World:
    def __init__(self, server):
        self.server = server
        self.port = server.port
        self._numbers = itertools.count(1)
        self.nobody = Hub(self.port)
        self.admin = Person(self, "admin", server.admin_password())

    def login(self, name, secret):
        """A Hub token for a password, personal token or organization token."""
        return Hub(self.port).post("/v2/users/login", {"username": name, "password": secret}).expect(200)["token"]

    def name(self, stem):
        """A name that nobody has had yet: small letters and digits, at least four."""
        return f"{stem}{next(self._numbers):04d}"

    def person(self, stem="person", **profile):
        name = self.name(stem)
        password = f"{name}'s long password"
        self.admin.hub.post("/api/berth/v1/admin/users", {
            "username": name, "email": f"{name}@example.com", "password": password, **profile}).expect(201)
        return Person(self, name, password)

    def organization(self, owner, stem="company"):
        """The name of a new organization that `owner` owns."""
        name = self.name(stem)
        owner.hub.post("/v2/orgs", {"orgname": name, "company": f"The {name} company"}).expect(201)
        return name

    def join(self, organization, person, role="member", owner=None):
        """Makes `person` a member, as an accepted invitation would."""
        self.execute("INSERT INTO organization_member (organization_id, account_id, role, created_at)"
                     f" SELECT o.id, u.id, '{role}', u.created_at FROM account o, account u"
                     f" WHERE o.name = '{organization}' AND u.name = '{person.name}'")

    def execute(self, statement):
        """Runs SQL of our own on the server's database, for what no request can do."""
        postgres = self.server.environment.get("BERTH_DATABASE")
        if postgres:
            subprocess.run(["psql", "--quiet", "--set", "ON_ERROR_STOP=1", postgres, "--command", statement],
                           check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            return
        database = sqlite3.connect(self.server.data / "berth.db", timeout=10)
        with database:
            database.execute(statement)
        database.close()

    def repository(self, owner, *, namespace=None, stem="repo", private=False, **more):
        """The full name of a new repository in `namespace`, by default `owner`'s own."""
        namespace, name = namespace or owner.name, self.name(stem)
        owner.hub.post(f"/v2/namespaces/{namespace}/repositories",
                       {"name": name, "namespace": namespace, "is_private": private, **more}).expect(201)
        return f"{namespace}/{name}"

    def image(self, owner, repository, *tags, content=None):
        """Pushes a small image; returns what was pushed."""
        content = content or Image(self.name("seed"))
        push(owner.registry(repository), repository, content, *tags)
        return content

    def events(self, viewer, account, **filters):
        """The audit log of `account`, newest first."""
        return viewer.hub.get(f"/v2/auditlogs/{account}", **{"page_size": 100, **filters}).expect(200)["logs"]


class Events:
    """What a block wrote into an account's audit log: `with Events(...) as written:` then written.expect(...)."""

    def __init__(self, world, viewer, account):
        self.read = lambda: world.events(viewer, account)

    def __enter__(self):
        self._before = len(self.read())
        return self

    def __exit__(self, *error):
        if error[0] is None:
            logs = self.read()
            self.new = logs[:len(logs) - self._before]
        return False

    def expect(self, *actions):
        """Exactly these, in any order."""
        written = sorted(entry["action"] for entry in self.new)
        require(written == sorted(actions), f"audit log: {written} was written, expected {sorted(actions)}")
