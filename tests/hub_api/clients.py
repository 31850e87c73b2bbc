"""Plays what known clients send (recorded/*.json) and checks that the answers hold what each client reads.

A file is one client: who it is, the headers it always sends, and its requests in order. In paths, headers and bodies
`{name}` stands for what is known of the world below, or for what an earlier answer gave (`keep`). `reads` names the
members that the client decodes, with the type that its decoder wants; `[]` stands for every element of an array, of
which there has to be one.
"""

import base64
import json
import pathlib
import re
import urllib.parse

from checks import Failed, require, require_equal
from hub import Hub
from world import Image, Index, push

FOLDER = pathlib.Path(__file__).resolve().parent / "recorded"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

TYPES = {
    "string": lambda v: isinstance(v, str),
    "text": lambda v: isinstance(v, str) and v != "",
    "int": lambda v: type(v) is int,
    "number": lambda v: type(v) in (int, float),
    "bool": lambda v: type(v) is bool,
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
    "null": lambda v: v is None,
    "time": lambda v: isinstance(v, str) and TIME.fullmatch(v) is not None,
    "absent": lambda v: False,
}


def values_at(document, path):
    """Everything that `path` names; missing members raise."""
    found = [document]
    for part in filter(None, path.replace("[]", ".[]").split(".")):
        step = []
        for value in found:
            if part == "[]":
                require(isinstance(value, list) and value, f"{path}: no array with elements: {value!r}"[:300])
                step += value
            else:
                require(isinstance(value, dict), f"{path}: not an object: {value!r}"[:300])
                require(part in value, f"{path}: no {part} in {sorted(value)}")
                step.append(value[part])
        found = step
    return found


def of_type(value, wanted):
    """`wanted`: types with | between, `=JSON` for one value, `~expression` for text that matches it all."""
    if wanted.startswith("="):
        return value == json.loads(wanted[1:])
    if wanted.startswith("~"):
        return isinstance(value, str) and re.fullmatch(wanted[1:], value, re.S) is not None
    return any(TYPES[name](value) for name in wanted.split("|"))


class Player:
    def __init__(self, context, script, world):
        self.context, self.script = context, script
        self.known = dict(world)
        self.hub = Hub(context.server.port, agent=script["agent"])

    def fill(self, value):
        if isinstance(value, str):
            whole = re.fullmatch(r"\{(\w+)\}", value)
            if whole and whole[1] in self.known:
                return self.known[whole[1]]
            return re.sub(r"\{(\w+)\}", lambda m: str(self.known.get(m[1], m[0])), value)
        if isinstance(value, list):
            return [self.fill(one) for one in value]
        if isinstance(value, dict):
            return {key: self.fill(one) for key, one in value.items()}
        return value

    def play(self):
        for request in self.script["requests"]:
            with self.context.checks.check(f"{self.script['client']}: {request['name']}"):
                self.one(request)

    def one(self, request):
        headers = self.fill({**self.script.get("headers", {}), **request.get("headers", {})})
        sign_in = request.get("as", self.script.get("as", "nobody"))
        if sign_in != "nobody" and "Authorization" not in headers:
            headers["Authorization"] = self.fill(sign_in)
        body = self.fill(request.get("body"))
        if "form" in request:
            body = urllib.parse.urlencode(self.fill(request["form"])).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif body is not None and not isinstance(body, str):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        elif body is not None:
            body = body.encode()
        answer = self.hub.request(request["method"], self.fill(request["path"]), body, headers)
        answer.expect(*([request["status"]] if isinstance(request["status"], int) else request["status"]))
        for name, wanted in request.get("headers_read", {}).items():
            value = answer.headers.get(name.lower())
            require(value is not None and of_type(value, self.fill(wanted)), f"{answer}: {name}: {value!r}, expected {wanted}")
        if "body_read" in request:
            require_equal("body", answer.body.decode(), self.fill(request["body_read"]))
        reads, keep = request.get("reads", {}), request.get("keep", {})
        if not reads and not keep:
            return
        document = answer.json()
        for path, wanted in reads.items():
            if wanted == "absent":
                self.absent(document, path)
                continue
            for value in values_at(document, path):
                require(of_type(value, self.fill(wanted)), f"{path}: {value!r}, expected {wanted}: {answer}")
        for name, path in keep.items():
            self.known[name] = values_at(document, path)[0]

    @staticmethod
    def absent(document, path):
        parent, _, last = path.rpartition(".")
        for value in values_at(document, parent):
            if last in value:
                raise Failed(f"{path} is there: {value!r}"[:300])


def make_world(context):
    """What the recordings speak of; each client gets a world of its own."""
    world = context.world
    owner, other = world.person("client"), world.person("mate")
    org = world.organization(owner)
    world.join(org, other)
    world.execute(f"UPDATE account SET plan = 'business' WHERE name IN ('{org}', '{owner.name}')")
    repository = world.repository(owner, description="A repository", full_description="# It")
    shared = world.repository(owner, namespace=org, description="Shared")
    index, image = Index(world.name("seed")), Image(world.name("seed"))
    for name in (repository, shared):
        push(owner.registry(name), name, index, "v1", "latest")
        push(owner.registry(name), name, image, "single")
    official = world.repository(world.admin, namespace="library", stem="official", description="An official image")
    world.image(world.admin, official, "latest", "3.20")
    user = owner.hub.get("/v2/user").expect(200)
    basic = base64.b64encode(f"{owner.name}:{owner.password}".encode()).decode()
    return {
        "user": owner.name, "password": owner.password, "email": owner.email, "user_id": user["id"], "other": other.name,
        "token": owner.hub.token, "basic": basic, "org": org, "repository": repository, "repo": repository.split("/")[1],
        "shared": shared, "shared_repo": shared.split("/")[1], "official": official.split("/")[1],
        "digest": index.digest, "image_digest": image.digest, "pat": owner.personal_token("repo:admin"),
        "read_pat": owner.personal_token("repo:read"), "new": world.name("new"), "newer": world.name("newer"),
        "port": context.server.port, "host": f"127.0.0.1:{context.server.port}"}


def check(context):
    scripts = sorted(FOLDER.glob("*.json"))
    require(len(scripts) >= 9, "the recordings are not there")
    for path in scripts:
        Player(context, json.loads(path.read_text()), make_world(context)).play()
