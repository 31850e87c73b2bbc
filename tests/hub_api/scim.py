"""SCIM 2.0 as Okta and Microsoft Entra ID speak it, and the connection that an owner makes for them."""

import json
import re
from urllib.parse import quote

from checks import require, require_equal
from hub import Hub
from mails import newest_mail
from world import Events

ROOT = "/v2/scim/2.0"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
DOCKER = "urn:ietf:params:scim:schemas:extension:docker:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LINK_TOKEN = re.compile(r"[?&]token=([A-Za-z0-9_-]+)")
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class Provider:
    """An identity provider with an organization's token."""

    def __init__(self, world, token):
        self.hub = Hub(world.port, token)

    def ask(self, method, path, body=None, token=None):
        headers = {"Accept": "application/scim+json"}
        if body is not None:
            headers["Content-Type"] = "application/scim+json"
            body = json.dumps(body).encode() if not isinstance(body, bytes) else body
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.hub.request(method, ROOT + path, body, headers)

    def gives(self, status, method, path, body=None):
        answer = self.ask(method, path, body)
        require_equal(f"{answer}: status", answer.status, status)
        if status == 204:
            require_equal(f"{answer}: body", answer.body, b"")
            return None
        require_equal(f"{answer}: media type", answer.headers.get("content-type"), "application/scim+json")
        return answer.json()

    def refuses(self, status, method, path, body=None, scim_type=None, token=None):
        answer = self.ask(method, path, body, token)
        require_equal(f"{answer}: status", answer.status, status)
        require_equal(f"{answer}: media type", answer.headers.get("content-type"), "application/scim+json")
        error = answer.json()
        require_equal(f"{answer}: schemas", error["schemas"], [ERROR])
        require_equal(f"{answer}: status in the body", error["status"], str(status))
        require(error["detail"], f"{answer}: no detail")
        if scim_type:
            require_equal(f"{answer}: scimType", error.get("scimType"), scim_type)

    def patch(self, path, *operations):
        return self.gives(200, "PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def find(self, kind, text):
        return self.gives(200, "GET", f"/{kind}?filter={quote(text)}")


def check(context):
    checks, world = context.checks, context.world
    owner = world.person("scimowner")
    organization = world.organization(owner, "scimcompany")
    connection = f"/api/berth/v1/orgs/{organization}/scim"

    with checks.check("an owner turns SCIM on, replaces its token, and turns it off"):
        state = owner.hub.get(connection).expect(200)
        require_equal("state", (state["enabled"], state["token_created_at"], state["users"]), (False, None, 0))
        require(state["base_url"].endswith(ROOT), state["base_url"])
        with Events(world, owner, organization) as written:
            first = owner.hub.post(connection + "/token").expect(201)["token"]
        written.expect("enterprise.sso.connection.scim_toggle", "enterprise.sso.connection.scim_token_refresh")
        with Events(world, owner, organization) as written:
            token = owner.hub.post(connection + "/token").expect(201)["token"]
        written.expect("enterprise.sso.connection.scim_token_refresh")
        require(token.startswith("dckr_scim_") and token != first, "no token of its own kind")
        Provider(world, token).refuses(401, "GET", "/Users", token=first)
        Provider(world, token).gives(200, "GET", "/Users")
        require(owner.hub.get(connection).expect(200)["token_last_used_at"], "use was not noted")

    provider = Provider(world, owner.hub.post(connection + "/token").expect(201)["token"])

    with checks.check("nobody else manages the connection, and no other token opens SCIM"):
        member, stranger = world.person("scimmember"), world.person("scimstranger")
        world.join(organization, member)
        for method, path in (("GET", connection), ("DELETE", connection), ("POST", connection + "/token")):
            world.nobody.request(method, path).refuses(401)
            member.hub.request(method, path).refuses(403)
            stranger.hub.request(method, path).refuses(403)
            owner.hub.request(method, path.replace(organization, "nosuchcompany")).refuses(404)
        for path in ("/Users", "/Groups", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig"):
            for wrong in ("", "x", owner.hub.token):
                provider.refuses(401, "GET", path, token=wrong)

    with checks.check("the service says what it is"):
        config = provider.gives(200, "GET", "/ServiceProviderConfig")
        require_equal("abilities", [config[name]["supported"] for name in ("patch", "bulk", "filter", "sort", "etag")],
                      [True, False, True, True, False])
        types = provider.gives(200, "GET", "/ResourceTypes")
        require_equal("types", [one["id"] for one in types["Resources"]], ["User", "Group"])
        require_equal("one type", provider.gives(200, "GET", "/ResourceTypes/User"), types["Resources"][0])
        schemas = provider.gives(200, "GET", "/Schemas")
        require_equal("schemas", [one["id"] for one in schemas["Resources"]], [USER, GROUP, DOCKER])
        require_equal("one schema", provider.gives(200, "GET", f"/Schemas/{GROUP}"), schemas["Resources"][1])
        provider.refuses(404, "GET", "/Schemas/urn:none")
        provider.refuses(404, "GET", "/ResourceTypes/Device")

    check_okta(context, provider, owner, organization)
    check_entra(context, provider, owner, organization)
    check_lists(context, provider)
    check_deactivation(context, provider, owner, organization)
    check_return(context, provider, owner, organization)
    check_rate(context, provider)

    with checks.check("turned off, the token is worth nothing and people stay"):
        members = owner.hub.get(f"/v2/orgs/{organization}/members").expect(200)["count"]
        with Events(world, owner, organization) as written:
            owner.hub.delete(connection).expect(204)
        written.expect("enterprise.sso.connection.scim_toggle")
        with Events(world, owner, organization) as written:
            owner.hub.delete(connection).expect(204)
        written.expect()
        provider.refuses(401, "GET", "/Users")
        require_equal("members", owner.hub.get(f"/v2/orgs/{organization}/members").expect(200)["count"], members)


def check_okta(context, provider, owner, organization):
    checks, world = context.checks, context.world
    name = world.name("okta")
    body = {"schemas": [USER], "userName": f"{name}@okta.local", "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": True, "value": f"{name}@okta.local", "type": "work"}], "displayName": "Test User",
            "locale": "en-US", "externalId": f"00u{name}", "groups": [], "password": "1mz050nq", "active": True}

    with checks.check("Okta: a user is looked for, made, changed and switched off"):
        require_equal("before", provider.find("Users", f'userName eq "{name}@okta.local"')["totalResults"], 0)
        with Events(world, owner, organization) as written:
            answer = provider.ask("POST", "/Users", body)
        written.expect("org.member.add")
        require_equal("status", answer.status, 201)
        user = answer.json()
        require_equal("location", answer.headers["location"], user["meta"]["location"])
        for key in ("userName", "name", "emails", "displayName", "externalId", "active"):
            require_equal(key, {**user[key], "formatted": None} if key == "name" else user[key],
                          {**body[key], "formatted": None} if key == "name" else body[key])
        require_equal("role", user[DOCKER]["dockerRole"], "member")
        provider.refuses(409, "POST", "/Users", body, "uniqueness")
        found = provider.find("Users", f'userName eq "{name.upper()}@okta.local"')
        require_equal("found", [one["id"] for one in found["Resources"]], [user["id"]])
        path = "/Users/" + user["id"]
        require_equal("shown", provider.gives(200, "GET", path), user)
        replaced = provider.gives(200, "PUT", path, {**user, "name": {"givenName": "New", "familyName": "Name"}})
        require_equal("name", replaced["name"]["givenName"], "New")
        with Events(world, owner, organization) as written:
            off = provider.patch(path, {"op": "replace", "value": {"active": False}})
        written.expect("org.member.remove")
        require_equal("active", off["active"], False)
        with Events(world, owner, organization) as written:
            on = provider.gives(200, "PUT", path, {**off, "active": True, DOCKER: {"dockerRole": "editor"}})
        written.expect("org.member.add")
        require_equal("role", on[DOCKER]["dockerRole"], "editor")
        with Events(world, owner, organization) as written:
            provider.patch(path, {"op": "replace", "path": f"{DOCKER}:dockerRole", "value": "member"})
        written.expect("org.member.role.change")

    with checks.check("Okta: groups are pushed, renamed and filled"):
        with Events(world, owner, organization) as written:
            group = provider.gives(201, "POST", "/Groups", {"schemas": [GROUP], "displayName": f"Crew {name}",
                                                            "members": []})
        written.expect("org.team.create")
        path = "/Groups/" + group["id"]
        provider.refuses(409, "POST", "/Groups", {"schemas": [GROUP], "displayName": f"crew {name}"}, "uniqueness")
        with Events(world, owner, organization) as written:
            renamed = provider.patch(path, {"op": "replace", "value": {"id": group["id"],
                                                                       "displayName": f"Makers {name}"}})
        written.expect("org.team.update")
        require_equal("name", renamed["displayName"], f"Makers {name}")
        member = {"value": user["id"], "display": user["userName"]}
        with Events(world, owner, organization) as written:
            filled = provider.patch(path, {"op": "add", "path": "members", "value": [member]})
        written.expect("org.team.member.add")
        require_equal("members", [one["value"] for one in filled["members"]], [user["id"]])
        names = [team["name"] for team in owner.hub.get(f"/v2/orgs/{organization}/groups").expect(200)["results"]]
        require(f"makers-{name}" in names, f"no team in {names}")
        with Events(world, owner, organization) as written:
            emptied = provider.patch(path, {"op": "remove", "path": f'members[value eq "{user["id"]}"]'})
        written.expect("org.team.member.remove")
        require_equal("members", emptied["members"], [])
        provider.refuses(400, "PATCH", path, {"Operations": [{"op": "add", "path": "members",
                                                              "value": [{"value": "nobody"}]}]}, "invalidValue")
        require_equal("replaced", len(provider.gives(200, "PUT", path, {
            "schemas": [GROUP], "displayName": f"Makers {name}", "members": [member]})["members"]), 1)
        with Events(world, owner, organization) as written:
            provider.gives(204, "DELETE", path)
        written.expect("org.team.delete")
        provider.refuses(404, "GET", path)
        provider.refuses(404, "DELETE", path)

    with checks.check("Okta: a deleted user is gone and can be made again"):
        with Events(world, owner, organization) as written:
            provider.gives(204, "DELETE", "/Users/" + user["id"])
        written.expect("org.member.remove")
        provider.refuses(404, "GET", "/Users/" + user["id"])
        require_equal("the same person", provider.gives(201, "POST", "/Users", body)["id"], user["id"])


def check_entra(context, provider, owner, organization):
    checks, world = context.checks, context.world
    name = world.name("entra")
    body = {"schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "externalId": f"0a21f0f2-{name}", "userName": f"Test_User_{name}@testuser.com", "active": True,
            "emails": [{"primary": True, "type": "work", "value": f"Test_User_{name}@testuser.com"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "bob"}, "roles": []}

    with checks.check("Entra: a user is made, patched by paths, switched off and on by text"):
        user = provider.gives(201, "POST", "/Users", body)
        path = "/Users/" + user["id"]
        found = provider.find("Users", f'externalId eq "0a21f0f2-{name}"')
        require_equal("found", [one["id"] for one in found["Resources"]], [user["id"]])
        changed = provider.patch(
            path, {"op": "Replace", "path": 'emails[type eq "work"].value', "value": f"updated{name}@microsoft.com"},
            {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
            {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
             "value": "IT"})
        require_equal("address", changed["emails"][0]["value"], f"updated{name}@microsoft.com")
        require_equal("name", changed["name"]["familyName"], "updatedFamilyName")
        require_equal("userName", provider.patch(path, {"op": "Replace", "path": "userName",
                                                        "value": f"renamed{name}@testuser.com"})["userName"],
                      f"renamed{name}@testuser.com")
        require_equal("off", provider.patch(path, {"op": "Replace", "path": "active", "value": "False"})["active"],
                      False)
        require_equal("on", provider.patch(path, {"op": "Add", "value": {"active": "True"}})["active"], True)

    with checks.check("Entra: groups without members in the answer, members added and removed by arrays"):
        group = provider.gives(201, "POST", "/Groups", {
            "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": f"8aa1a0c0-{name}", "displayName": f"Entra {name}", "meta": {"resourceType": "Group"}})
        path = "/Groups/" + group["id"]
        filled = provider.patch(path, {"op": "Add", "path": "members",
                                       "value": [{"$ref": None, "value": user["id"]}]})
        require_equal("members", len(filled["members"]), 1)
        shown = provider.gives(200, "GET", path + "?excludedAttributes=members")
        require("members" not in shown and shown["displayName"] == f"Entra {name}", str(shown))
        asked = quote(f'id eq "{group["id"]}" and members eq "{user["id"]}"')
        listed = provider.gives(200, "GET", f"/Groups?attributes=id&filter={asked}")
        require_equal("listed", [sorted(one) for one in listed["Resources"]], [["id", "schemas"]])
        emptied = provider.patch(path, {"op": "Remove", "path": "members",
                                        "value": [{"$ref": None, "value": user["id"]}]})
        require_equal("members", emptied["members"], [])
        provider.gives(204, "DELETE", path)


def check_lists(context, provider):
    checks = context.checks

    with checks.check("lists page, sort and filter"):
        whole = provider.gives(200, "GET", "/Users?sortBy=userName&sortOrder=descending")
        names = [one["userName"] for one in whole["Resources"]]
        require_equal("sorted", names, sorted(names, key=str.lower, reverse=True))
        require_equal("total", whole["totalResults"], len(names))
        paged = []
        for start in range(1, len(names) + 1):
            page = provider.gives(200, "GET", f"/Users?sortBy=userName&sortOrder=descending&startIndex={start}&count=1")
            require_equal("page", (page["startIndex"], page["itemsPerPage"], page["totalResults"]),
                          (start, 1, len(names)))
            paged.append(page["Resources"][0]["userName"])
        require_equal("paged", paged, names)
        require_equal("past the end", provider.gives(200, "GET", "/Users?startIndex=1000")["Resources"], [])
        require_equal("only counted", provider.gives(200, "GET", "/Users?count=0")["itemsPerPage"], 0)
        require_equal("clamped", provider.gives(200, "GET", "/Users?count=100000&startIndex=-5")["startIndex"], 1)
        found = provider.find("Users", 'active eq true and not (userName co "okta")')
        require(0 < found["totalResults"] < len(names), str(found["totalResults"]))
        narrow = provider.gives(200, "GET", "/Users?attributes=userName,emails.value&count=1")["Resources"][0]
        require(set(narrow) <= {"schemas", "id", "userName", "emails"}, str(narrow))

    with checks.check("bad requests get SCIM's errors and change nothing"):
        provider.refuses(400, "GET", "/Users?filter=userName%20is%20%22x%22", scim_type="invalidFilter")
        provider.refuses(400, "GET", "/Users?filter=shoeSize%20eq%2042", scim_type="invalidFilter")
        provider.refuses(400, "GET", "/Groups?filter=(", scim_type="invalidFilter")
        provider.refuses(400, "GET", "/Users?sortBy=shoeSize", scim_type="invalidPath")
        provider.refuses(400, "GET", "/Users?sortOrder=sideways", scim_type="invalidValue")
        provider.refuses(400, "GET", "/Users?startIndex=one", scim_type="invalidValue")
        before = provider.gives(200, "GET", "/Users")["totalResults"]
        provider.refuses(400, "POST", "/Users", b"{", "invalidSyntax")
        provider.refuses(400, "POST", "/Users", b"[]", "invalidSyntax")
        provider.refuses(400, "POST", "/Users", {"schemas": [USER]}, "invalidValue")
        provider.refuses(400, "POST", "/Users", {"userName": "no address"}, "invalidValue")
        provider.refuses(400, "POST", "/Users", {"userName": "a@b.example", "active": "perhaps"}, "invalidValue")
        provider.refuses(400, "POST", "/Users", {"userName": "a@b.example", DOCKER: {"dockerOrg": "other"}},
                         "invalidValue")
        provider.refuses(400, "POST", "/Groups", {"schemas": [GROUP]}, "invalidValue")
        require_equal("users", provider.gives(200, "GET", "/Users")["totalResults"], before)
        for kind in ("Users", "Groups"):
            path = f"/{kind}/00000000-0000-4000-8000-000000000000"
            provider.refuses(404, "GET", path)
            provider.refuses(404, "PUT", path, {"userName": "a@b.example", "displayName": "x"})
            provider.refuses(404, "PATCH", path, {"Operations": []})
            provider.refuses(404, "DELETE", path)
        user = "/Users/" + provider.gives(200, "GET", "/Users?count=1")["Resources"][0]["id"]
        for operation, kind in (({"op": "move"}, "invalidSyntax"), ({"op": "remove"}, "noTarget"),
                                ({"op": "add", "path": "shoeSize", "value": 1}, "invalidPath"),
                                ({"op": "replace", "path": "id", "value": "x"}, "mutability")):
            provider.refuses(400, "PATCH", user, {"Operations": [operation]}, kind)

    with checks.check("the last owner can't be taken away"):
        owners = provider.find("Users", f'{DOCKER}:dockerRole eq "owner"')["Resources"]
        require_equal("owners", len(owners), 1)
        path = "/Users/" + owners[0]["id"]
        provider.refuses(409, "PATCH", path, {"Operations": [{"op": "replace", "value": {"active": False}}]})
        provider.refuses(409, "DELETE", path)
        team = provider.find("Groups", 'displayName eq "owners"')["Resources"][0]
        provider.refuses(409, "DELETE", "/Groups/" + team["id"])


def check_deactivation(context, provider, owner, organization):
    checks, world = context.checks, context.world

    with checks.check("a managed account that is switched off has no session and no token left"):
        name = world.name("leaver")
        user = provider.gives(201, "POST", "/Users", {"schemas": [USER], "userName": f"{name}@corp.example"})
        path = "/Users/" + user["id"]
        # The person chooses a password as the mail says; an administrator can read the mail here.
        link = world.admin.hub.post(f"/api/berth/v1/admin/users/{name}/password-link").expect(201)
        token = LINK_TOKEN.search(json.dumps(link)).group(1)
        world.nobody.post("/api/berth/v1/password/reset/confirm",
                          {"token": token, "new_password": "a long password"}).expect(204)
        hub = Hub(world.port, world.login(name, "a long password"))
        hub.get("/v2/user").expect(200)
        secret = hub.post("/v2/access-tokens", {"token_label": "ci", "scopes": ["repo:read"]}).expect(201)["token"]
        repository = world.repository(owner, namespace=organization, private=True)
        hub.get(f"/v2/repositories/{repository}").expect(200)
        provider.patch(path, {"op": "Replace", "path": "active", "value": False})
        hub.get("/v2/user").refuses(401)
        hub.get(f"/v2/repositories/{repository}").refuses(401)
        for wrong in (secret, "a long password"):
            world.nobody.post("/v2/users/login", {"username": name, "password": wrong}).refuses(401)
        provider.patch(path, {"op": "Replace", "path": "active", "value": True})
        hub.get("/v2/user").refuses(401)
        Hub(world.port, world.login(name, secret)).get(f"/v2/repositories/{repository}").expect(200)

    with checks.check("an account made by the identity provider only reads until its address is proved"):
        name = world.name("newhand")
        address = f"{name}@corp.example"
        provider.gives(201, "POST", "/Users", {"schemas": [USER], "userName": address, DOCKER: {"dockerRole": "editor"}})
        admin = world.admin.hub
        shown = lambda: admin.get(f"/api/berth/v1/admin/users/{name}").expect(200)["email_verified"]
        by_hand = admin.post(f"/api/berth/v1/admin/users/{name}/password-link").expect(201)
        choose = lambda text: world.nobody.post("/api/berth/v1/password/reset/confirm", {
            "token": LINK_TOKEN.search(text).group(1), "new_password": "a long password"}).expect(204)
        choose(json.dumps(by_hand))
        require_equal("after the administrator's link", shown(), False)
        make = lambda: Hub(world.port, world.login(name, "a long password")).post(
            f"/v2/namespaces/{organization}/repositories", {"name": world.name("made"), "namespace": organization})
        make().refuses(403)
        world.nobody.post("/api/berth/v1/password/reset", {"email": address}).expect(202)
        choose(newest_mail(admin, address))
        require_equal("after the mailed link", shown(), True)
        make().expect(201)

    with checks.check("somebody with an account of their own joins and leaves, and keeps it"):
        person = world.person("joiner")
        user = provider.gives(201, "POST", "/Users", {"schemas": [USER], "userName": person.email})
        repository = world.repository(owner, namespace=organization, private=True)
        person.hub.get(f"/v2/repositories/{repository}").expect(200)
        provider.gives(204, "DELETE", "/Users/" + user["id"])
        person.hub.get(f"/v2/repositories/{repository}").refuses(404)
        person.hub.get("/v2/user").expect(200)


def check_return(context, provider, owner, organization):
    checks, world = context.checks, context.world
    off, on = ({"op": "replace", "value": {"active": active}} for active in (False, True))

    def made(stem):
        name = world.name(stem)
        user = provider.gives(201, "POST", "/Users", {"schemas": [USER], "userName": f"{name}@corp.example"})
        return name, "/Users/" + user["id"]

    with checks.check("a member comes back with the custom role and the teams that were there"):
        name, path = made("returner")
        crew = provider.gives(201, "POST", "/Groups", {"displayName": f"Crew of {name}",
                                                       "members": [{"value": path.rsplit("/", 1)[1]}]})
        owner.hub.post(f"/api/berth/v1/orgs/{organization}/roles",
                       {"name": f"tagger of {name}", "permissions": ["repo:tags"]}).expect(201)
        owner.hub.put(f"/v2/orgs/{organization}/members/{name}", {"role": f"tagger of {name}"}).expect(200)
        provider.patch(path, off)
        with Events(world, owner, organization) as written:
            back = provider.patch(path, on)
        written.expect("org.member.add", "org.team.member.add")
        require_equal("teams", [group["value"] for group in back["groups"]], [crew["id"]])
        members = owner.hub.get(f"/v2/orgs/{organization}/members", search=name).expect(200)["results"]
        require_equal("role", [(m["username"], m["role"]) for m in members], [(name, f"tagger of {name}")])

    with checks.check("an account that the server's administrator switched off is not switched on by SCIM"):
        name, path = made("barred")
        admin = f"/api/berth/v1/admin/users/{name}"
        world.admin.hub.patch(admin, {"disabled": True}).expect(200)
        provider.patch(path, off)
        provider.refuses(403, "PATCH", path, {"Operations": [on]})
        require_equal("state", world.admin.hub.get(admin).expect(200)["state"], "disabled")
        require_equal("active", provider.gives(200, "GET", path)["active"], False)
        world.admin.hub.patch(admin, {"disabled": False}).expect(200)
        require_equal("allowed again", provider.patch(path, on)["active"], True)


def check_rate(context, provider):
    checks, world = context.checks, context.world
    path = "/api/berth/v1/admin/limits"

    def counted(*tokens):
        """How many requests each answer says are left; all of one minute."""
        while True:
            answers = [provider.ask("GET", "/ServiceProviderConfig", token=token) for token in tokens]
            if len({answer.headers["x-ratelimit-reset"] for answer in answers}) == 1:
                return [int(answer.headers["x-ratelimit-remaining"]) for answer in answers]

    with checks.check("requests count by the token, and by the address where there is none of ours"):
        before = world.admin.hub.get(path).expect(200)
        try:
            world.admin.hub.put(path, {**before, "hub_api_requests_per_minute": 100_000}).expect(200)
            first, invented, second, another, third = counted(None, "dckr_scim_invented", None, "dckr_scim_other", None)
            require_equal("by the token", (second, third), (first - 1, first - 2))
            require_equal("by the address", another, invented - 1)
        finally:
            world.admin.hub.put(path, before).expect(200)
