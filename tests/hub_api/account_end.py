"""Deleting one's account, turning it into an organization, and the lists of what a user has and has starred."""

from checks import require, require_equal
from hub import Hub, every_page
from world import Events

DELETE, CONVERT = "/api/berth/v1/user/delete", "/api/berth/v1/user/convert"


def check(context):
    _delete(context)
    _convert(context)
    _lists(context)
    _team_lists(context)


def _delete(context):
    world, checks = context.world, context.checks
    owner, person = world.person("owner"), world.person("leaver")
    org = world.organization(owner)
    world.join(org, person)

    with checks.check("delete: needs the password, and no token's word"):
        person.hub.post(DELETE, {}).refuses_field("current_password")
        person.hub.post(DELETE, {"current_password": "wrong"}).refuses_field("current_password")
        world.nobody.post(DELETE, {"current_password": person.password}).refuses(401)
        by_token = Hub(world.port, world.login(person.name, person.personal_token("repo:admin")))
        by_token.post(DELETE, {"current_password": person.password}).refuses(403)
    with checks.check("delete: not while others need the account"):
        owner.hub.post(DELETE, {"current_password": owner.password}).refuses(409)
        repository = world.repository(person)
        person.hub.post(DELETE, {"current_password": person.password}).refuses(409)
        person.hub.delete(f"/v2/repositories/{repository}").expect(202)
        world.admin.hub.post(DELETE, {"current_password": world.admin.password}).refuses(409)
    with checks.check("delete: everything of the account ends, and the organization hears of it"):
        starred = world.repository(owner)
        person.hub.post(f"/v2/repositories/{starred}/stars", {}).expect(200, 201)
        with Events(world, owner, org) as written:
            person.hub.post(DELETE, {"current_password": person.password}).expect(204)
        written.expect("org.member.remove")
        for hub in (person.hub, by_token):
            hub.get("/v2/user").refuses(401)
        world.nobody.post("/v2/users/login", {"username": person.name, "password": person.password}).refuses(401)
        world.nobody.get(f"/v2/users/{person.name}").refuses(404)
        require_equal("stars", owner.hub.get(f"/v2/repositories/{starred}").expect(200)["star_count"], 0)


def _convert(context):
    world, checks = context.world, context.checks
    person, owner, friend = world.person("thing"), world.person("owner"), world.person("friend")
    repository = world.repository(person, private=True)
    world.image(person, repository, "one")
    world.execute(f"UPDATE account SET plan = 'pro' WHERE name = '{person.name}'")
    person.hub.post(f"/v2/repositories/{repository}/collaborators", {"user": friend.name}).expect(200, 201)
    by_token = Hub(world.port, world.login(person.name, person.personal_token("repo:admin")))
    body = {"owner": owner.name, "current_password": person.password}

    with checks.check("convert: bad input is named, and nothing changes"):
        person.hub.post(CONVERT, {"owner": owner.name}).refuses_field("current_password")
        person.hub.post(CONVERT, {**body, "current_password": "wrong"}).refuses_field("current_password")
        for name in ("nosuchuser", person.name, world.organization(owner)):
            person.hub.post(CONVERT, {**body, "owner": name}).refuses_field("owner")
        by_token.post(CONVERT, body).refuses(403)
        world.nobody.post(CONVERT, body).refuses(401)
        require_equal("type", world.nobody.get(f"/v2/users/{person.name}").expect(200)["type"], "User")
    with checks.check("convert: not while one belongs to an organization, nor an administrator"):
        org = world.organization(person)
        person.hub.post(CONVERT, body).refuses(409)
        person.hub.delete(f"/v2/orgs/{org}").expect(204)
        world.admin.hub.post(CONVERT, {"owner": owner.name, "current_password": world.admin.password}).refuses(409)
    with checks.check("convert: the name and the repositories stay, the person goes"):
        organization = person.hub.post(CONVERT, body).expect(200)
        require_equal("organization", (organization["orgname"], organization["type"]), (person.name, "Organization"))
        for hub in (person.hub, by_token):
            hub.get("/v2/user").refuses(401)
        world.nobody.post("/v2/users/login", {"username": person.name, "password": person.password}).refuses(401)
        members = owner.hub.get(f"/v2/orgs/{person.name}/members").expect(200)["results"]
        require_equal("members", [(m["username"], m["role"], m["groups"]) for m in members],
                      [(owner.name, "Owner", ["owners"])])
        require(owner.hub.get(f"/v2/repositories/{repository}").expect(200)["namespace_type"] == "Organization", "type")
        require_equal("tags", owner.hub.get(f"/v2/repositories/{repository}/tags").expect(200)["count"], 1)
        friend.hub.get(f"/v2/repositories/{repository}").refuses(404)
        require_equal("log", [e["action"] for e in world.events(owner, person.name, action="org.create")], ["org.create"])


def _lists(context):
    world, checks = context.world, context.checks
    owner, viewer = world.person("owner"), world.person("viewer")
    hidden, shown = world.repository(owner, private=True), world.repository(owner)

    with checks.check("users: names of the repositories that the caller sees, as a bare array"):
        def names(hub):
            listed = hub.get(f"/v2/users/{owner.name}/repositories").expect(200)
            require(all(set(entry) == {"namespace", "name"} for entry in listed), listed)
            return sorted(f"{entry['namespace']}/{entry['name']}" for entry in listed)
        require_equal("own", names(owner.hub), sorted([hidden, shown]))
        require_equal("others", names(viewer.hub), [shown])
        require_equal("nobody", names(world.nobody), [shown])
        world.nobody.get("/v2/users/nosuchuser/repositories").refuses(404)
    with checks.check("users: names in pages, the next one in a Link header"):
        path = f"/v2/users/{owner.name}/repositories"
        whole = owner.hub.get(path).expect(200)
        first = owner.hub.get(path, page_size=1)
        require_equal("first", first.expect(200), whole[:1])
        require_equal("next", first.headers["link"].endswith(f'{path}?page_size=1&page=2>; rel="next"'), True)
        last = owner.hub.get(path, page_size=1, page=2)
        require_equal("last", last.expect(200), whole[1:])
        require("link" not in last.headers, last.headers)
        owner.hub.get(path, page_size=1, page=3).refuses(404)
        owner.hub.get(path, page=0).refuses_field("page")
    with checks.check("users: what one has starred, the latest first, and only what the caller sees"):
        others = [world.repository(viewer) for _ in range(3)]
        for name in [hidden, *others]:
            owner.hub.post(f"/v2/repositories/{name}/stars", {}).expect(200, 201)
        path = f"/v2/users/{owner.name}/repositories/starred"
        listed = [f"{e['namespace']}/{e['name']}" for e in every_page(owner.hub, path, page_size=2)]
        require_equal("own", listed, [*reversed(others), hidden])
        for hub in (viewer.hub, world.nobody):
            listed = [f"{e['namespace']}/{e['name']}" for e in every_page(hub, path)]
            require_equal("others", listed, list(reversed(others)))
        world.nobody.get(path, page=9).refuses(404)
        world.nobody.get(path, page=0).refuses_field("page")
        world.nobody.get("/v2/users/nosuchuser/repositories/starred").refuses(404)


def _team_lists(context):
    world, checks = context.world, context.checks
    owner, member, stranger = world.person("owner"), world.person("member"), world.person("stranger")
    org = world.organization(owner)
    world.join(org, member)
    team = owner.hub.post(f"/v2/orgs/{org}/groups", {"name": "builders"}).expect(201)
    path = f"/v2/orgs/{org}/groups/builders/repositories"

    with checks.check("groups: the repositories that a team has permissions on"):
        names = [world.repository(owner, namespace=org, private=private) for private in (True, False, True)]
        for name, permission in zip(names[:2], ("read", "admin")):
            owner.hub.post(f"/v2/repositories/{name}/groups",
                           {"group_id": team["id"], "permission": permission}).expect(200, 201)
        for hub in (owner.hub, member.hub):
            listed = every_page(hub, path, page_size=1)
            require_equal("listed", sorted((f"{e['namespace']}/{e['name']}", e["permission"]) for e in listed),
                          sorted([(names[0], "read"), (names[1], "admin")]))
        stranger.hub.get(path).refuses(403)
        world.nobody.get(path).refuses(401)
        owner.hub.get(f"/v2/orgs/{org}/groups/nowhere/repositories").refuses(404)
