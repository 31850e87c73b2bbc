"""Personal access tokens, under their name of today and under the older one."""

import datetime

from checks import require, require_equal
from hub import Hub, every_page

SCOPES = ["repo:admin", "repo:write", "repo:read", "repo:public_read"]
FIELDS = {"uuid", "client_id", "creator_ip", "creator_ua", "created_at", "last_used", "generated_by", "is_active",
          "token", "token_label", "scopes", "expires_at"}


def check(context):
    for path in ("/v2/access-tokens", "/v2/api_tokens"):
        _life(context, path)
    _refusals(context)


def _life(context, path):
    world, checks = context.world, context.checks
    person = world.person("token")
    hub = person.hub

    with checks.check(f"{path}: made, and its secret is shown once"):
        made = hub.post(path, {"token_label": "of CI", "scopes": ["repo:write"]}).expect(201)
        require(FIELDS <= set(made), f"missing: {FIELDS - set(made)}")
        require(made["token"].startswith("dckr_pat_"), made["token"])
        require_equal("scopes", made["scopes"], ["repo:write"])
        require_equal("last_used", made["last_used"], None)
        shown = hub.get(f"{path}/{made['uuid']}").expect(200)
        require_equal("shown", shown, {**made, "token": ""})
    with checks.check(f"{path}: renamed, switched off and on; off, it signs nobody in"):
        changed = hub.patch(f"{path}/{made['uuid']}", {"token_label": "renamed", "is_active": False}).expect(200)
        require_equal("label, active", (changed["token_label"], changed["is_active"]), ("renamed", False))
        login = {"username": person.name, "password": made["token"]}
        world.nobody.post("/v2/users/login", login).refuses(401)
        hub.patch(f"{path}/{made['uuid']}", {"is_active": True}).expect(200)
        token = world.nobody.post("/v2/users/login", login).expect(200)["token"]
        Hub(world.port, token).get("/v2/user").expect(200)
    with checks.check(f"{path}: deleted, and what was exchanged for it is over"):
        hub.delete(f"{path}/{made['uuid']}").expect(204)
        Hub(world.port, token).get("/v2/user").refuses(401)
        world.nobody.post("/v2/users/login", login).refuses(401)
        hub.get(f"{path}/{made['uuid']}").refuses(404)
        hub.delete(f"{path}/{made['uuid']}").refuses(404)
        hub.patch(f"{path}/{made['uuid']}", {"token_label": "x"}).refuses(404)
    with checks.check(f"{path}: pages hold each token once, too large a size is lowered"):
        labels = {f"token {n}" for n in range(5)}
        for label in labels:
            hub.post(path, {"token_label": label, "scopes": ["repo:read"]}).expect(201)
        listed = every_page(hub, path, page_size=2)
        require_equal("labels", {token["token_label"] for token in listed}, labels)
        require(all(token["token"] == "" for token in listed), "a secret is listed")
        page = hub.get(path, page_size=100000).expect(200)
        require_equal("count, active", (page["count"], page["active_count"]), (5, 5))
        hub.get(path, page=2).refuses(404)


def _refusals(context):
    world, checks = context.world, context.checks
    person, other = world.person("owner"), world.person("other")
    path = "/v2/access-tokens"

    with checks.check("tokens: without scopes, everything; every scope is known"):
        require_equal("scopes", person.hub.post(path, {"token_label": "all"}).expect(201)["scopes"], ["repo:admin"])
        for scope in SCOPES:
            person.hub.post(path, {"token_label": scope, "scopes": [scope]}).expect(201)
    with checks.check("tokens: bad input is named and makes nothing"):
        before = person.hub.get(path).expect(200)["count"]
        for body, field in (({}, "token_label"), ({"token_label": ""}, "token_label"),
                            ({"token_label": "x" * 101}, "token_label"), ({"token_label": 1}, "token_label"),
                            ({"token_label": "a", "scopes": ["repo:everything"]}, "scopes"),
                            ({"token_label": "a", "scopes": []}, "scopes"),
                            ({"token_label": "a", "expires_at": "tomorrow"}, "expires_at")):
            person.hub.post(path, body).refuses_field(field)
        require_equal("count", person.hub.get(path).expect(200)["count"], before)
    with checks.check("tokens: an expired one is refused when it is made, a later one is good"):
        now = datetime.datetime.now(datetime.timezone.utc)
        times = [(now + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (-1, 1)]
        person.hub.post(path, {"token_label": "a", "scopes": ["repo:read"], "expires_at": times[0]}).refuses_field("expires_at")
        made = person.hub.post(path, {"token_label": "a", "scopes": ["repo:read"], "expires_at": times[1]}).expect(201)
        require(made["expires_at"].startswith(times[1][:19]), made["expires_at"])
    with checks.check("tokens: those of others are not there"):
        uuid = person.hub.get(path).expect(200)["results"][0]["uuid"]
        missing = other.hub.get(f"{path}/00000000-0000-4000-8000-000000000000").refuses(404)
        require_equal("body", other.hub.get(f"{path}/{uuid}").refuses(404), missing)
        other.hub.patch(f"{path}/{uuid}", {"is_active": False}).refuses(404)
        other.hub.delete(f"{path}/{uuid}").refuses(404)
        require(person.hub.get(f"{path}/{uuid}").expect(200)["is_active"], "changed by somebody else")
    with checks.check("tokens: a token manages no tokens"):
        for scope in SCOPES:
            hub = Hub(world.port, world.login(person.name, person.personal_token(scope)))
            for method, address in (("GET", path), ("POST", path), ("GET", f"{path}/{uuid}"),
                                    ("PATCH", f"{path}/{uuid}"), ("DELETE", f"{path}/{uuid}")):
                hub.request(method, address, {"token_label": "x"} if method in ("POST", "PATCH") else None).refuses(403)
