"""Image and registry access management of organizations, and the quotas of their plans."""

from checks import require, require_equal
from hub import Hub
from world import Events

OPEN = {"restricted_images": {"enabled": False, "allow_official_images": True, "allow_verified_publishers": True}}


def check(context):
    _images(context)
    _registries(context)
    _pulls(context)
    _quotas(context)


def restricted(official, verified):
    return {"restricted_images": {"enabled": True, "allow_official_images": official,
                                  "allow_verified_publishers": verified}}


def _images(context):
    world, checks = context.world, context.checks
    owner, member, stranger = world.person("owner"), world.person("member"), world.person("stranger")
    org = world.organization(owner)
    world.join(org, member)
    path = f"/v2/orgs/{org}/settings"

    with checks.check("image access: off at first, set by owners, read by members"):
        require_equal("at first", member.hub.get(path).expect(200), OPEN)
        with Events(world, owner, org) as written:
            require_equal("set", owner.hub.put(path, restricted(True, False)).expect(200), restricted(True, False))
        written.expect("org.settings.update")
        require_equal("shown", member.hub.get(f"{path}/").expect(200), restricted(True, False))
        with Events(world, owner, org) as written:
            owner.hub.put(path, restricted(True, False)).expect(200)
        written.expect()
    with checks.check("image access: bad input is named and changes nothing"):
        images = "restricted_images"
        for body, field in (({}, images), ({images: {}}, f"{images}.enabled"),
                            ({images: {"enabled": "yes"}}, f"{images}.enabled"),
                            ({images: {"enabled": True, "allow_official_images": True}},
                             f"{images}.allow_verified_publishers")):
            owner.hub.put(path, body).refuses_field(field)
        require_equal("shown", owner.hub.get(path).expect(200), restricted(True, False))
    with checks.check("image access: who may not"):
        member.hub.put(path, OPEN).refuses(403)
        for hub, status in ((stranger.hub, 403), (world.nobody, 401)):
            hub.get(path).refuses(status)
            hub.put(path, OPEN).refuses(status)
        made = owner.hub.post(f"/v2/orgs/{org}/access-tokens", {
            "label": "t", "resources": [{"type": "TYPE_ORG", "path": org, "scopes": ["scope-member-edit"]}]}).expect(201)
        token = Hub(world.port, world.login(org, made["token"]))
        for suffix in ("", "/registry-access-management"):
            token.get(path + suffix).refuses(403)
        owner.hub.get("/v2/orgs/nosuchorg/settings").refuses(404)


def _registries(context):
    world, checks = context.world, context.checks
    owner, member = world.person("owner"), world.person("member")
    org = world.organization(owner)
    world.join(org, member)
    path = f"/v2/orgs/{org}/settings/registry-access-management"
    hub_allowed = [{"id": "DockerHub", "allowed": True}]

    with checks.check("registry access: off at first, set by owners, read by members"):
        require_equal("at first", member.hub.get(path).expect(200),
                      {"enabled": False, "standard_registries": hub_allowed, "custom_registries": []})
        wanted = {"enabled": True, "standard_registries": [{"id": "DockerHub", "allowed": False}],
                  "custom_registries": [{"address": "b.example", "friendly_name": "B", "allowed": True},
                                        {"address": "a.example:5000", "friendly_name": "", "allowed": False}]}
        with Events(world, owner, org) as written:
            require_equal("set", owner.hub.put(path, wanted).expect(200), wanted)
        added, updated, removed = (f"org.registry_access.registry_{word}" for word in ("added", "updated", "removed"))
        written.expect("org.registry_access.enabled", updated, added, added)
        require_equal("shown", member.hub.get(path).expect(200), wanted)
        wanted["enabled"] = False
        wanted["custom_registries"] = [{"address": "b.example", "friendly_name": "Bee", "allowed": True}]
        with Events(world, owner, org) as written:
            require_equal("changed", owner.hub.put(path, wanted).expect(200), wanted)
        written.expect("org.registry_access.disabled", updated, removed)
        with Events(world, owner, org) as written:
            owner.hub.put(path, wanted).expect(200)
        written.expect()
    with checks.check("registry access: bad input is named and changes nothing"):
        def put(standard=None, custom=(), enabled=True):
            return owner.hub.put(path, {"enabled": enabled, "standard_registries": standard or hub_allowed,
                                        "custom_registries": list(custom)})
        registry = {"address": "a.example", "friendly_name": "A", "allowed": True}
        owner.hub.put(path, {"enabled": True}).refuses_field("standard_registries")
        put(enabled="x").refuses_field("enabled")
        put(standard=[{"id": "Quay", "allowed": True}]).refuses_field("standard_registries[0].id")
        put(custom=[{**registry, "address": ""}]).refuses_field("custom_registries[0].address")
        put(custom=[registry, registry]).refuses_field("custom_registries[1].address")
        put(custom=[{**registry, "address": f"r{n}.example"} for n in range(101)]).refuses_field("custom_registries")
        require_equal("shown", owner.hub.get(path).expect(200), wanted)
        member.hub.put(path, wanted).refuses(403)
        world.nobody.get(path).refuses(401)


def pulls(person, repository, reference="one"):
    """Whether `person` gets the manifest."""
    reply = person.registry(repository, actions="pull").manifest(repository, reference)
    require(reply.status in (200, 401), f"{repository}: {reply}")
    return reply.status == 200


def _pulls(context):
    world, checks = context.world, context.checks
    owner, member, stranger = world.person("owner"), world.person("member"), world.person("stranger")
    org, vendor = world.organization(owner), world.organization(stranger)
    world.join(org, member)
    mine, community = world.repository(member), world.repository(stranger)
    inside, verified = world.repository(owner, namespace=org, private=True), world.repository(stranger, namespace=vendor)
    content = {repository: world.image(person, repository, "one") for person, repository in
               ((member, mine), (stranger, community), (owner, inside), (stranger, verified))}
    world.admin.hub.put(f"/api/berth/v1/admin/namespaces/{vendor}/badge", {"badge": "verified_publisher"}).expect(200)
    path = f"/v2/orgs/{org}/settings"

    with checks.check("image access: members pull what their organization trusts, and see every page"):
        def reached(person):
            return [pulls(person, name) for name in (inside, mine, verified, community)]
        require_equal("open", reached(member), [True] * 4)
        owner.hub.put(path, restricted(True, True)).expect(200)
        require_equal("restricted", reached(member), [True, True, True, False])
        owner.hub.put(path, restricted(True, False)).expect(200)
        require_equal("without publishers", reached(member), [True, True, False, False])
        require_equal("of others", reached(stranger), [False, True, True, True])
        member.hub.get(f"/v2/repositories/{community}").expect(200)
        owner.hub.put(path, OPEN).expect(200)
        require_equal("open again", reached(member), [True] * 4)
    with checks.check("image access: what is inside an image stays inside as well"):
        owner.hub.put(path, restricted(True, True)).expect(200)
        layer = content[community].layers[0]["digest"]
        for operation in ("images/one/files", "images/one/file?path=/file", "images/one/largest-files",
                          "images/one/wasted", f"layers/{layer}/files", f"layers/{layer}/file?path=/file",
                          "compare?base=one&target=one"):
            address = f"/api/berth/v1/repositories/{community}/{operation}"
            member.hub.get(address).refuses(403)
            stranger.hub.get(address).expect(200, 202)
    with checks.check("image access: a repository's own badge goes before its namespace's"):
        def badge(repository, word):
            world.admin.hub.put(f"/api/berth/v1/admin/repositories/{repository}/badge", {"badge": word}).expect(200)
        for word, rules, may in (("official", (True, False), True), ("official", (False, True), False),
                                 ("verified_publisher", (False, True), True), ("verified_publisher", (True, False), False),
                                 ("open_source", (True, True), False), ("none", (True, True), False)):
            badge(community, word)
            owner.hub.put(path, restricted(*rules)).expect(200)
            require_equal(f"{word} with {rules}", pulls(member, community), may)
        owner.hub.put(path, restricted(False, True)).expect(200)
        badge(verified, "official")
        require_equal("not by the namespace's", pulls(member, verified), False)
        badge(verified, "none")
        require_equal("by the namespace's", pulls(member, verified), True)


def _quotas(context):
    world, checks = context.world, context.checks
    owner = world.person("owner")
    org = world.organization(owner)

    with checks.check("plans: teams, tokens and access management end where the plan does"):
        def team():
            return owner.hub.post(f"/v2/orgs/{org}/groups", {"name": world.name("team")})

        def token():
            return owner.hub.post(f"/v2/orgs/{org}/access-tokens", {"label": "t", "resources": []})

        team().expect(201)
        token().expect(201)
        world.execute(f"UPDATE account SET plan = 'pro' WHERE name = '{org}'")
        def present():
            return (owner.hub.get(f"/v2/orgs/{org}/groups").expect(200)["count"],
                    owner.hub.get(f"/v2/orgs/{org}/access-tokens").expect(200)["total"],
                    owner.hub.get(f"/v2/orgs/{org}/settings").expect(200))
        before = present()
        team().refuses(403)
        token().refuses(403)
        owner.hub.put(f"/v2/orgs/{org}/settings", restricted(True, True)).refuses(403)
        require_equal("after", present(), before)
        world.execute(f"UPDATE account SET plan = 'business' WHERE name = '{org}'")
        team().expect(201)
        token().expect(201)
        owner.hub.put(f"/v2/orgs/{org}/settings", restricted(True, True)).expect(200)

    with checks.check("plans: what a plan has not is refused by its name, and what is there can be taken away"):
        member = world.person("member")
        world.join(org, member)
        roles, registries = f"/api/berth/v1/orgs/{org}/roles", f"/v2/orgs/{org}/settings/registry-access-management"
        rules = {"enabled": True, "standard_registries": [{"id": "DockerHub", "allowed": True}], "custom_registries": []}
        owner.hub.post(roles, {"name": "tagger", "permissions": ["repo:tags"]}).expect(201)
        owner.hub.put(registries, rules).expect(200)
        owner.hub.put(registries, {**rules, "enabled": False}).expect(200)
        world.execute(f"UPDATE account SET plan = 'team' WHERE name = '{org}'")

        def lacks(answer, what):
            require_equal("message", answer.refuses(403)["message"], f"the plan Team has no {what}")
        lacks(owner.hub.put(registries, rules), "registry access management")
        require_equal("still off", owner.hub.get(registries).expect(200)["enabled"], False)
        lacks(owner.hub.post(roles, {"name": "other", "permissions": ["repo:tags"]}), "custom roles")
        lacks(owner.hub.patch(f"{roles}/tagger", {"description": "x"}), "custom roles")
        lacks(owner.hub.put(f"/v2/orgs/{org}/members/{member.name}", {"role": "tagger"}), "custom roles")
        lacks(owner.hub.post("/v2/invites/bulk", {"org": org, "role": "tagger", "invitees": ["new@example.com"]}),
              "custom roles")
        lacks(owner.hub.post(f"/api/berth/v1/orgs/{org}/scim/token"), "SCIM")
        require_equal("roles", [role["name"] for role in owner.hub.get(roles).expect(200)["items"]], ["tagger"])
        owner.hub.delete(f"{roles}/tagger").expect(204)
        owner.hub.get(f"/v2/auditlogs/{org}").expect(200)
        world.execute(f"UPDATE account SET plan = 'pro' WHERE name = '{org}'")
        for path in (f"/v2/auditlogs/{org}", f"/v2/auditlogs/{org}/actions"):
            require_equal("message", owner.hub.get(path).refuses(403)["message"], "the plan Pro has no audit log")
