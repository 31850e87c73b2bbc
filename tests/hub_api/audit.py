"""The audit log of an account: which actions it knows, and its filters."""

import contract
from checks import require, require_equal
from hub import Hub


def check(context):
    _catalogue(context)
    _filters(context)


def _catalogue(context):
    world, checks = context.world, context.checks
    owner = world.person("owner")
    with checks.check("audit log: every event of the contract is in its catalogue, by group"):
        promised = {event for operation in contract.operations() for event in operation.events.split(",")
                    if event and not event.startswith("server.")}
        require(len(promised) > 30, f"{len(promised)} events")
        actions = owner.hub.get(f"/v2/auditlogs/{owner.name}/actions").expect(200)["actions"]
        known = {f"{group}.{action['name']}" for group, shown in actions.items() for action in shown["actions"]}
        require_equal("not in the catalogue", promised - known, set())
        require(all(shown["label"] and all(a["label"] and a["description"] for a in shown["actions"])
                    for shown in actions.values()), actions)


def _filters(context):
    world, checks = context.world, context.checks
    owner, member = world.person("owner"), world.person("member")
    org = world.organization(owner)
    path = f"/v2/auditlogs/{org}"
    world.join(org, member)
    repository = world.repository(owner, namespace=org)
    world.image(owner, repository, "v1")
    owner.hub.post(f"/v2/orgs/{org}/groups", {"name": "crew"}).expect(201)
    owner.hub.post(f"/api/berth/v1/orgs/{org}/scim/token").expect(201)
    world.admin.hub.put(f"/api/berth/v1/admin/namespaces/{org}/plan", {"plan": "business"}).expect(200)
    world.admin.hub.put(f"/api/berth/v1/admin/namespaces/{org}/plan", {"plan": "business", "seats": 7}).expect(200)

    def logs(**filters):
        return [entry["action"] for entry in world.events(owner, org, **filters)]
    scim = ["enterprise.sso.connection.scim_token_refresh", "enterprise.sso.connection.scim_toggle"]
    with checks.check("audit log: filtered by action and by each group"):
        everything = logs()
        require_equal("all", {action.split(".")[0] for action in everything}, {"repo", "org", "billing", "enterprise"})
        require_equal("repo", logs(action="repo"), ["repo.tag.push", "repo.create"])
        require_equal("enterprise", logs(action="enterprise"), scim)
        for group in ("repo", "org", "billing", "enterprise", "offload", "oidc", "user", "rep", "repo_", "REPO"):
            require_equal(group, logs(action=group), [a for a in everything if a.split(".")[0] == group])
        for action in ("repo.tag.push", "org.team.create", "enterprise.sso.connection.scim_toggle"):
            require_equal(action, logs(action=action), [action])
        for part in ("repo.", "repo.tag", "tag.push", "%", "."):
            require_equal(part, logs(action=part), [])
        require_equal("a page", logs(action="repo", page=2, page_size=1), ["repo.create"])
    with checks.check("audit log: filters add up"):
        require_equal("name", logs(name=repository), ["repo.tag.push", "repo.create"])
        require_equal("actor", set(logs(actor=owner.name)) & {"billing.plan.upgrade"}, set())
        require_equal("actor and group", logs(actor="admin", action="org"), [])
        require_equal("name and group", logs(name=repository, action="org"), [])
        newest = world.events(owner, org, action="repo")[0]["timestamp"]
        require_equal("from", logs(action="repo", **{"from": newest}), ["repo.tag.push"])
        require_equal("to", logs(action="repo", to=newest), ["repo.create"])
    with checks.check("audit log: who may not, and bad filters are named"):
        for suffix in ("", "/actions"):
            member.hub.get(path + suffix).refuses(403)
            world.nobody.get(path + suffix).refuses(401)
            Hub(world.port, world.login(owner.name, owner.personal_token("repo:write"))).get(path + suffix).refuses(403)
        owner.hub.get(path, **{"from": "yesterday"}).refuses_field("from")
        owner.hub.get(path, to="tomorrow").refuses_field("to")
        owner.hub.get(path, page=0).refuses_field("page")
