"""Settings of a namespace and what they change; its usage, and the export of its pulls."""

import time

from checks import require, require_equal
from world import Events, Image

COLUMNS = "datehour,user_name,repository,access_token_name,ips,repository_privacy,tag,digest,version_checks,pulls"
FIRST = {"default_repo_visibility": "public", "public_repositories_allowed": True, "require_two_factor": False}


def check(context):
    checks, world = context.checks, context.world
    owner, member, stranger = world.person("nsowner"), world.person("nsmember"), world.person("nsstranger")
    organization = world.organization(owner, "nscompany")
    world.join(organization, member)
    base = f"/api/berth/v1/namespaces/{organization}"
    settings = base + "/settings"

    with checks.check("settings are shown to members, and changed by owners"):
        require_equal("at first", member.hub.get(settings).expect(200), FIRST)
        require_equal("own", member.hub.get(f"/api/berth/v1/namespaces/{member.name}/settings").expect(200), FIRST)
        for method, allowed in (("GET", (stranger,)), ("PATCH", (stranger, member))):
            world.nobody.request(method, settings, {}).refuses(401)
            for person in allowed:
                person.hub.request(method, settings, {}).refuses(403)
        owner.hub.get("/api/berth/v1/namespaces/nosuchcompany/settings").refuses(404)
        owner.hub.patch("/api/berth/v1/namespaces/nosuchcompany/settings", {}).refuses(404)

    with checks.check("a first push makes what the settings say"):
        with Events(world, owner, organization) as written:
            changed = owner.hub.patch(settings, {"default_repo_visibility": "private"}).expect(200)
        written.expect("org.settings.update")
        require_equal("changed", changed, {**FIRST, "default_repo_visibility": "private"})
        with Events(world, owner, organization) as written:
            owner.hub.patch(settings, {"default_repo_visibility": "private"}).expect(200)
        written.expect()
        pushed = f"{organization}/{world.name('pushed')}"
        world.image(owner, pushed, "v1")
        require_equal("private", owner.hub.get(f"/v2/repositories/{pushed}").expect(200)["is_private"], True)

    with checks.check("where nothing may be public, nothing becomes public"):
        owner.hub.patch(settings, {"default_repo_visibility": "public", "public_repositories_allowed": True}).expect(200)
        shut = owner.hub.patch(settings, {"public_repositories_allowed": False}).expect(200)
        require_equal("shut", shut, {**FIRST, "default_repo_visibility": "private",
                                     "public_repositories_allowed": False})
        owner.hub.patch(settings, {"default_repo_visibility": "public"}).refuses_field("default_repo_visibility")
        name = world.name("open")
        owner.hub.post(f"/v2/namespaces/{organization}/repositories",
                       {"name": name, "namespace": organization, "is_private": False}).refuses(403)
        owner.hub.get(f"/v2/repositories/{organization}/{name}").refuses(404)
        owner.hub.post(f"/v2/repositories/{pushed}/privacy", {"is_private": False}).refuses(403)
        owner.hub.patch(settings, {"public_repositories_allowed": True}).expect(200)
        owner.hub.post(f"/v2/repositories/{pushed}/privacy", {"is_private": False}).expect(200)

    with checks.check("bad settings are named"):
        owner.hub.patch(settings, {"default_repo_visibility": "secret"}).refuses_field("default_repo_visibility")
        owner.hub.patch(settings, {"public_repositories_allowed": "no"}).refuses_field("public_repositories_allowed")
        owner.hub.patch(settings, {"require_two_factor": True}).refuses_field("require_two_factor")
        owner.hub.patch(f"/api/berth/v1/namespaces/{owner.name}/settings",
                        {"require_two_factor": True}).refuses_field("require_two_factor")

    with checks.check("where a second factor is required, membership without one opens nothing"):
        hidden = world.repository(owner, namespace=organization, private=True)
        member.hub.get(f"/v2/repositories/{hidden}").expect(200)
        world.execute("INSERT INTO namespace_policy (account_id, require_second_factor) SELECT id, 1 FROM account"
                      f" WHERE name = '{organization}' ON CONFLICT (account_id) DO UPDATE SET require_second_factor = 1")
        member.hub.get(f"/v2/repositories/{hidden}").refuses(404)
        member.hub.get(settings).refuses(403)
        world.execute("UPDATE namespace_policy SET require_second_factor = 0")
        member.hub.get(f"/v2/repositories/{hidden}").expect(200)

    check_usage(context, owner, member, stranger, organization)
    check_export(context, owner, member, stranger, organization)


def check_usage(context, owner, member, stranger, organization):
    checks, world = context.checks, context.world
    path = f"/api/berth/v1/namespaces/{organization}/usage"

    with checks.check("usage counts what there is"):
        before = owner.hub.get(path).expect(200)
        require_equal("seats", (before["seats_used"], before["plan"]["for_organizations"]), (2, True))
        require("pull_limit" not in before, "a limit where pulls are not limited")
        world.repository(owner, namespace=organization, private=True)
        world.repository(owner, namespace=organization)
        owner.hub.post(f"/v2/orgs/{organization}/groups", {"name": world.name("crew")}).expect(201)
        owner.hub.post(f"/v2/orgs/{organization}/access-tokens", {
            "label": "ci", "resources": [{"type": "TYPE_REPO", "path": "*/*/public",
                                          "scopes": ["scope-image-pull"]}]}).expect(201)
        after = owner.hub.get(path).expect(200)
        for key, more in (("private_repositories", 1), ("public_repositories", 1), ("teams", 1), ("access_tokens", 1)):
            require_equal(key, after[key], before[key] + more)
        require_equal("storage", after["storage"]["total"], after["storage"]["own"] + after["storage"]["shared"])
        require_equal("pulls", after["pulls_in_window"], 0)
        own = member.hub.get(f"/api/berth/v1/namespaces/{member.name}/usage").expect(200)
        # As long as nobody gave it a plan, nothing that it owns is limited.
        require_equal("private", own["plan"]["private_repositories"], None)
        plan = member.hub.get(f"/api/billing/v4/accounts/{member.hub.get('/v2/user').expect(200)['id']}/hub-plan").expect(200)
        require_equal("hub-plan", (plan["name"], plan["private_repos"]), ("free", 9999))
        settings = member.hub.get(f"/v2/users/{member.name}/registry-settings/").expect(200)
        require_equal("registry-settings", settings["private_repo_limit"], 9999)
        require_equal("a user's", (own["seats_used"], own["teams"], own["plan"]["for_organizations"]), (1, 0, False))

    with checks.check("usage is for owners"):
        world.nobody.get(path).refuses(401)
        member.hub.get(path).refuses(403)
        stranger.hub.get(path).refuses(403)
        owner.hub.get("/api/berth/v1/namespaces/nosuchcompany/usage").refuses(404)


def check_export(context, owner, member, stranger, organization):
    checks, world = context.checks, context.world
    path = f"/api/berth/v1/namespaces/{organization}/usage/pulls.csv"

    with checks.check("pulls are exported by hour"):
        repository = f"{organization}/{world.name('pulled')}"
        image = world.image(owner, repository, "v1", content=Image(world.name("seed")))
        session = owner.registry(repository)
        for reference in ("v1", "v1", image.digest):
            require_equal("pull", session.manifest(repository, reference).status, 200)
        require_equal("check", session.manifest(repository, "v1", "HEAD").status, 200)
        deadline = time.monotonic() + 60
        while True:  # counts are written every few seconds
            answer = owner.hub.get(path)
            answer.expect(200)
            lines = [line.split(",") for line in answer.body.decode().splitlines()]
            sums = {}  # checks and pulls by tag, over all hours
            for line in lines[1:]:
                if line[2] == f'"{repository}"':
                    so_far = sums.get(line[6], (0, 0))
                    sums[line[6]] = (so_far[0] + int(line[8]), so_far[1] + int(line[9]))
            if sums == {'"v1"': (1, 2), '""': (0, 1)}:
                break
            require(time.monotonic() < deadline, f"sums: {sums}")
            time.sleep(0.5)
        require_equal("columns", ",".join(lines[0]), COLUMNS)
        require_equal("name", answer.headers["content-disposition"],
                      f'attachment; filename="{organization}-pulls.csv"')
        require(answer.headers["content-type"].startswith("text/csv"), answer.headers["content-type"])
        before = owner.hub.get(path, to="2020-01-02T00:00:00Z")
        before.expect(200)
        require_equal("before there was anything", before.body.decode().splitlines(), [COLUMNS])

    with checks.check("the export is for owners, and its range is bounded"):
        world.nobody.get(path).refuses(401)
        member.hub.get(path).refuses(403)
        stranger.hub.get(path).refuses(403)
        owner.hub.get("/api/berth/v1/namespaces/nosuchcompany/usage/pulls.csv").refuses(404)
        owner.hub.get(path, **{"from": "yesterday"}).refuses_field("from")
        owner.hub.get(path, to="soon").refuses_field("to")
        owner.hub.get(path, **{"from": "2024-01-02T00:00:00Z", "to": "2024-01-01T00:00:00Z"}).refuses_field("from")
        owner.hub.get(path, **{"from": "2020-01-01T00:00:00Z", "to": "2024-01-01T00:00:00Z"}).refuses_field("from")
