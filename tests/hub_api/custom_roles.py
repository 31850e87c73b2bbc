"""Custom roles: what they can allow, how they are made and given, and what their members may then do."""

from checks import require, require_equal
from world import Events

FIELDS = {"name", "description", "permissions", "member_count", "created_at", "updated_at"}
PERMISSIONS = ["repo:create", "repo:edit", "repo:delete", "repo:tags", "repo:permissions", "team:manage", "member:view",
               "member:manage", "invite:manage", "settings:edit", "token:manage", "audit:view", "usage:view",
               "customrole:manage"]


def check(context):
    _life(context)
    _permissions(context)
    _rights(context)
    _no_escalation(context)


def _life(context):
    world, checks = context.world, context.checks
    owner, person = world.person("owner"), world.person("member")
    org = world.organization(owner)
    path = f"/api/berth/v1/orgs/{org}/roles"

    with checks.check("roles: what they can allow"):
        listed = person.hub.get("/api/berth/v1/role-permissions").expect(200)
        require_equal("names", [entry["name"] for entry in listed["items"]], PERMISSIONS)
        require(all(entry["label"] and entry["description"] for entry in listed["items"]), listed)
        world.nobody.get("/api/berth/v1/role-permissions").refuses(401)
    with checks.check("roles: made, shown, changed"):
        with Events(world, owner, org) as written:
            made = owner.hub.post(path, {"name": "Release manager", "permissions": ["repo:tags"]}).expect(201)
        written.expect("org.customrole.create")
        require_equal("members", set(made), FIELDS)
        require_equal("made", (made["name"], made["description"], made["permissions"], made["member_count"]),
                      ("Release manager", "", ["repo:tags"], 0))
        require_equal("shown", owner.hub.get(f"{path}/Release%20manager").expect(200), made)
        with Events(world, owner, org) as written:
            changed = owner.hub.patch(f"{path}/Release%20manager",
                                      {"description": "tags", "permissions": ["audit:view", "repo:tags"]}).expect(200)
        written.expect("org.customrole.update")
        require_equal("changed", (changed["description"], changed["permissions"]), ("tags", ["repo:tags", "audit:view"]))
        with Events(world, owner, org) as written:
            owner.hub.patch(f"{path}/Release%20manager", {"description": "tags"}).expect(200)
        written.expect()
    with checks.check("roles: given to a member, and shown wherever a role is"):
        world.join(org, person)
        with Events(world, owner, org) as written:
            member = owner.hub.put(f"/v2/orgs/{org}/members/{person.name}", {"role": "Release manager"}).expect(200)
        written.expect("org.member.role.change")
        require_equal("role", member["role"], "Release manager")
        mine = [o["user_role"] for o in person.hub.get("/v2/user/orgs").expect(200)["results"] if o["orgname"] == org]
        require_equal("own list", mine, ["Release manager"])
        listed = owner.hub.get(f"/v2/orgs/{org}/members", role="Release manager").expect(200)["results"]
        require_equal("filtered", [m["username"] for m in listed], [person.name])
        require_equal("count", owner.hub.get(f"{path}/Release%20manager").expect(200)["member_count"], 1)
        owner.hub.delete(f"{path}/Release%20manager").refuses(409)
        owner.hub.put(f"/v2/orgs/{org}/members/{person.name}", {"role": "member"}).expect(200)
        with Events(world, owner, org) as written:
            owner.hub.delete(f"{path}/Release%20manager").expect(204)
        written.expect("org.customrole.delete")
        for answer in (owner.hub.get(f"{path}/Release%20manager"), owner.hub.delete(f"{path}/Release%20manager"),
                       owner.hub.patch(f"{path}/Release%20manager", {"description": "x"})):
            answer.refuses(404)
    with checks.check("roles: pages"):
        for name in ("c-role", "a-role", "b-role"):
            owner.hub.post(path, {"name": name, "permissions": []}).expect(201)
        first = owner.hub.get(path, limit=2).expect(200)
        rest = owner.hub.get(path, limit=2, cursor=first["next"]).expect(200)
        require_equal("names", [r["name"] for r in first["items"] + rest["items"]], ["a-role", "b-role", "c-role"])
        require_equal("end", rest["next"], None)
        owner.hub.get(path, cursor="%%").refuses_field("cursor")
    with checks.check("roles: bad input is named and makes nothing"):
        before = owner.hub.get(path).expect(200)
        for body, field in (({"permissions": []}, "name"), ({"name": "x", "permissions": []}, "name"),
                            ({"name": "Owner", "permissions": []}, "name"), ({"name": "a/b", "permissions": []}, "name"),
                            ({"name": "y" * 65, "permissions": []}, "name"), ({"name": "good"}, "permissions"),
                            ({"name": "good", "permissions": ["repo:fly"]}, "permissions[0]"),
                            ({"name": "good", "permissions": [], "description": "d" * 501}, "description")):
            owner.hub.post(path, body).refuses_field(field)
        owner.hub.post(path, {"name": "a-role", "permissions": []}).refuses(409)
        owner.hub.patch(f"{path}/a-role", {"permissions": ["repo:fly"]}).refuses_field("permissions[0]")
        require_equal("after", owner.hub.get(path).expect(200), before)


def _permissions(context):
    world, checks = context.world, context.checks
    owner, member, stranger = world.person("owner"), world.person("member"), world.person("stranger")
    org = world.organization(owner)
    world.join(org, member)
    path = f"/api/berth/v1/orgs/{org}/roles"
    owner.hub.post(path, {"name": "some", "permissions": []}).expect(201)

    with checks.check("roles: members read, owners write, outsiders neither"):
        member.hub.get(path).expect(200)
        member.hub.get(f"{path}/some").expect(200)
        for hub, status in ((stranger.hub, 403), (world.nobody, 401)):
            hub.get(path).refuses(status)
            hub.get(f"{path}/some").refuses(status)
        for hub, status in ((member.hub, 403), (stranger.hub, 403), (world.nobody, 401)):
            hub.post(path, {"name": "other", "permissions": []}).refuses(status)
            hub.patch(f"{path}/some", {"description": "x"}).refuses(status)
            hub.delete(f"{path}/some").refuses(status)
        owner.hub.get("/api/berth/v1/orgs/nosuchorg/roles").refuses(404)


def holder(context, owner, org, *permissions):
    """A new member of `org` whose role allows `permissions`."""
    world = context.world
    person, role = world.person("holder"), world.name("role")
    owner.hub.post(f"/api/berth/v1/orgs/{org}/roles", {"name": role, "permissions": list(permissions)}).expect(201)
    world.join(org, person)
    owner.hub.put(f"/v2/orgs/{org}/members/{person.name}", {"role": role}).expect(200)
    return person


def _rights(context):
    world, checks = context.world, context.checks
    owner = world.person("owner")
    org = world.organization(owner)
    repository = world.repository(owner, namespace=org, private=True)
    world.image(owner, repository, "one", "two", "three")
    shown = f"/v2/namespaces/{org}/repositories/{repository.split('/')[1]}"
    plain = holder(context, owner, org)

    # Permission, and a request that only it lets through.
    requests = {
        "repo:create": lambda hub: hub.post("/v2/repositories", {"namespace": org, "name": world.name("made")}),
        "repo:edit": lambda hub: hub.patch(shown, {"description": world.name("text")}),
        "repo:tags": lambda hub: hub.post(f"{shown}/immutabletags/verify", {"regex": "o"}),
        "repo:permissions": lambda hub: hub.get(f"/v2/repositories/{repository}/groups"),
        "team:manage": lambda hub: hub.post(f"/v2/orgs/{org}/groups", {"name": world.name("team")}),
        "member:view": lambda hub: hub.get(f"/v2/orgs/{org}/members/export"),
        "member:manage": lambda hub: hub.put(f"/v2/orgs/{org}/members/{plain.name}", {"role": "member"}),
        "invite:manage": lambda hub: hub.get(f"/v2/orgs/{org}/invites"),
        "settings:edit": lambda hub: hub.patch(f"/v2/orgs/{org}", {"location": world.name("town")}),
        "token:manage": lambda hub: hub.get(f"/v2/orgs/{org}/access-tokens"),
        "audit:view": lambda hub: hub.get(f"/v2/auditlogs/{org}"),
        "usage:view": lambda hub: hub.get(f"/api/berth/v1/namespaces/{org}/usage/pulls.csv"),
        "customrole:manage": lambda hub: hub.post(f"/api/berth/v1/orgs/{org}/roles",
                                                  {"name": world.name("mine"), "permissions": []}),
    }
    for permission, request in requests.items():
        with checks.check(f"roles: {permission} lets in, and nothing else does"):
            others = [name for name in PERMISSIONS if name != permission]
            request(plain.hub).refuses(403)
            request(holder(context, owner, org, *others).hub).refuses(403)
            request(holder(context, owner, org, permission).hub).expect(200, 201)
    with checks.check("roles: repo:tags deletes tags, repo:delete the repository"):
        tagger = holder(context, owner, org, "repo:tags")
        plain.hub.delete(f"{shown}/tags/one").refuses(403)
        tagger.hub.delete(f"{shown}/tags/one").expect(204)
        tagger.hub.delete(shown).refuses(403)
        holder(context, owner, org, "repo:delete").hub.delete(shown).expect(202)
    with checks.check("roles: an organization is deleted by its owners alone"):
        holder(context, owner, org, *PERMISSIONS).hub.delete(f"/v2/orgs/{org}").refuses(403)


def _no_escalation(context):
    world, checks = context.world, context.checks
    owner = world.person("owner")
    org = world.organization(owner)
    everything = holder(context, owner, org, *PERMISSIONS)
    managers = holder(context, owner, org, "member:manage", "invite:manage", "team:manage", "token:manage",
                      "customrole:manage")
    target = world.person("target")
    world.join(org, target)
    member = f"/v2/orgs/{org}/members/{target.name}"

    with checks.check("roles: nobody gives or takes more than he may do himself"):
        for hub in (everything.hub, managers.hub):
            hub.put(member, {"role": "owner"}).refuses(403)
            hub.put(f"/v2/orgs/{org}/members/{owner.name}", {"role": "member"}).refuses(403)
            hub.delete(f"/v2/orgs/{org}/members/{owner.name}").refuses(403)
            hub.post(f"/v2/orgs/{org}/groups/owners/members", {"member": target.name}).refuses(403)
            hub.delete(f"/v2/orgs/{org}/groups/owners/members/{owner.name}").refuses(403)
            hub.post("/v2/invites/bulk", {"org": org, "invitees": ["x@example.com"], "role": "owner"}).refuses(403)
            hub.post("/v2/invites/bulk", {"org": org, "invitees": ["x@example.com"], "team": "owners"}).refuses(403)
        everything.hub.put(member, {"role": "editor"}).expect(200)
        managers.hub.put(member, {"role": "member"}).refuses(403)
        managers.hub.delete(member).refuses(403)
        managers.hub.post(f"/api/berth/v1/orgs/{org}/roles", {"name": "big", "permissions": ["repo:delete"]}).refuses(403)
        managers.hub.post(f"/api/berth/v1/orgs/{org}/roles", {"name": "own", "permissions": ["team:manage"]}).expect(201)
    with checks.check("roles: a token is allowed no more than whoever makes it"):
        tokens = holder(context, owner, org, "token:manage")
        body = {"label": "t", "resources": [{"type": "TYPE_ORG", "path": org, "scopes": ["scope-member-edit"]}]}
        tokens.hub.post(f"/v2/orgs/{org}/access-tokens", body).refuses(403)
        managers.hub.post(f"/v2/orgs/{org}/access-tokens", body).expect(201)
