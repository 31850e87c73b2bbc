"""What administrators see and change: plans, limits, settings, jobs, garbage, storage, health, the server's audit log."""

import contextlib
import csv
import io
import time

from checks import Failed, require, require_equal
from hub import Hub

BASE = "/api/berth/v1"
ADMIN = BASE + "/admin"
PLAN = {"label": "Guild", "for_organizations": False, "seats": 1, "private_repositories": 3, "private_collaborators": None,
        "teams": None, "access_tokens": 5, "org_access_tokens": None, "parallel_builds": 0, "storage_bytes": 2**40,
        "pull_limit": 42, "pull_window": 3600, "audit_log": True, "scim": False, "image_access": False,
        "registry_access": False, "custom_roles": False}
LIMITS = {"pull_limits_enabled": False, "anonymous_pull_limit": 100, "anonymous_pull_window": 21600,
          "hub_api_requests_per_minute": None, "registry_requests_per_minute": None, "trusted_proxies": []}

# Every operation with a body that would be good; {…} is filled by _doors.
OPERATIONS = [
    ("POST", BASE + "/setup", {}), ("GET", ADMIN + "/orgs", None), ("PATCH", ADMIN + "/orgs/{org}", {"disabled": False}),
    ("PUT", ADMIN + "/repositories/{repository}/badge", {"badge": "none"}),
    ("PUT", ADMIN + "/namespaces/{user}/plan", {"plan": "pro"}), ("GET", ADMIN + "/plans", None),
    ("POST", ADMIN + "/plans", {**PLAN, "name": "never"}), ("GET", ADMIN + "/plans/pro", None),
    ("PUT", ADMIN + "/plans/pro", PLAN), ("DELETE", ADMIN + "/plans/pro", None), ("GET", ADMIN + "/limits", None),
    ("PUT", ADMIN + "/limits", LIMITS), ("GET", ADMIN + "/settings", None),
    ("PATCH", ADMIN + "/settings", {"server_name": "Mine"}), ("GET", ADMIN + "/config", None),
    ("GET", ADMIN + "/jobs", None), ("GET", ADMIN + "/jobs/1", None), ("DELETE", ADMIN + "/jobs/1", None),
    ("POST", ADMIN + "/jobs/1/retry", None), ("GET", ADMIN + "/garbage", None), ("POST", ADMIN + "/garbage/run", None),
    ("GET", ADMIN + "/storage", None), ("GET", ADMIN + "/storage.csv", None), ("GET", ADMIN + "/health", None),
    ("GET", ADMIN + "/info", None), ("GET", ADMIN + "/metrics", None), ("GET", ADMIN + "/audit", None),
    ("POST", ADMIN + "/mail/test", {"to": "a@example.com"}),
]


def check(context):
    _doors(context)
    _organizations(context)
    _badges(context)
    _plans(context)
    _assignments(context)
    _settings(context)
    _limits(context)
    _jobs(context)
    _garbage(context)
    _storage(context)
    _server(context)
    _audit(context)
    _setup(context)


class Written:
    """What a block wrote into the server's audit log, newest last."""

    def __init__(self, world):
        self.hub = world.admin.hub

    def _read(self):
        return self.hub.get(ADMIN + "/audit", limit=200).expect(200)["items"]

    def __enter__(self):
        before = self._read()
        self._mark = before[0] if before else None
        return self

    def __exit__(self, *error):
        if error[0] is None:
            items = self._read()
            end = items.index(self._mark) if self._mark in items else len(items)
            self.new = items[:end][::-1]
        return False

    def expect(self, *actions):
        require_equal("audit log", [entry["action"] for entry in self.new], list(actions))
        require(all(entry["actor"] == "admin" for entry in self.new), f"somebody else: {self.new}")


def eventually(what, condition, seconds=30):
    """Waits for what happens in the background; the first true value of `condition`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.1)
    raise Failed(f"{what}: not within {seconds} s")


@contextlib.contextmanager
def restored(hub, path, method):
    """Leaves settings as they were."""
    before = hub.get(path).expect(200)
    try:
        yield before
    finally:
        hub.request(method, path, before).expect(200)


def survey(world):
    """Has the storage counted now."""
    hub = world.admin.hub
    before = hub.get(ADMIN + "/storage").expect(200)["computed_at"]
    job = eventually("the survey rests", lambda: next(
        (job for job in hub.get(ADMIN + "/jobs", kind="storage_survey").expect(200)["items"] if job["state"] == "ready"),
        None))
    hub.post(f"{ADMIN}/jobs/{job['id']}/retry").expect(202)
    eventually("a new count", lambda: hub.get(ADMIN + "/storage").expect(200)["computed_at"] != before)


def _doors(context):
    world, checks = context.world, context.checks
    person = world.person("plain")
    fill = {"org": world.organization(person), "user": person.name, "repository": world.repository(person)}
    token = world.admin.personal_token("repo:admin")
    with_token = Hub(world.port, world.login("admin", token))
    for method, path, body in OPERATIONS:
        path = path.format(**fill)
        with checks.check(f"{method} {path}: for administrators alone"):
            world.nobody.request(method, path, body).refuses(401)
            person.hub.request(method, path, body).refuses(403)
            with_token.request(method, path, body).refuses(403)


def _organizations(context):
    world, checks = context.world, context.checks
    admin, owner = world.admin.hub, world.person("owner")
    names = sorted(world.organization(owner, "adminorg") for _ in range(3))
    with checks.check("organizations: listed with what they hold, by pages and by words"):
        world.image(owner, world.repository(owner, namespace=names[0]), "v1")
        page = admin.get(ADMIN + "/orgs", query="adminorg", limit=2).expect(200)
        require_equal("names", [item["org"]["orgname"] for item in page["items"]], names[:2])
        require_equal("total", page["total"], 3)
        rest = admin.get(ADMIN + "/orgs", query="adminorg", limit=2, cursor=page["next"]).expect(200)
        require_equal("rest", [item["org"]["orgname"] for item in rest["items"]], names[2:])
        require_equal("next", rest["next"], None)
        first = page["items"][0]
        require_equal("counts", (first["members"], first["repositories"]), (1, 1))
        require(first["storage"] > 0, f"storage: {first}")
        require_equal("plan, badge, disabled", (first["plan"], first["badge"], first["disabled"]),
                      ("business", "none", False))
        require(admin.get(ADMIN + "/orgs", limit=100000).expect(200)["items"], "a large page")
        admin.get(ADMIN + "/orgs", limit="many").refuses_field("limit")
    with checks.check("organizations: disabled and enabled again, once each in the audit log"):
        path = f"{ADMIN}/orgs/{names[1]}"
        with Written(world) as written:
            require(admin.patch(path, {"disabled": True}).expect(200)["disabled"], "not disabled")
            admin.patch(path, {"disabled": True}).expect(200)
            shown = admin.patch(path, {"disabled": False}).expect(200)
        require_equal("disabled", (shown["disabled"], shown["org"]["is_active"]), (False, True))
        written.expect("org.settings.update", "org.settings.update")
        admin.patch(path, {"disabled": "yes"}).refuses_field("disabled")
        admin.patch(f"{ADMIN}/orgs/{owner.name}", {"disabled": True}).refuses(404)
        admin.patch(f"{ADMIN}/orgs/nosuchorg", {"disabled": True}).refuses(404)


def _badges(context):
    world, checks = context.world, context.checks
    admin, owner = world.admin.hub, world.person("badge")
    repository = world.repository(owner, stem="badged")
    namespace, name = repository.split("/")
    path = f"{ADMIN}/repositories/{repository}/badge"

    def shown():
        found = world.nobody.get("/api/search/v4", query=name).expect(200)["results"]
        listed = world.nobody.get(f"/v2/namespaces/{namespace}/repositories/{name}").expect(200)
        return [hit["badge"] for hit in found if hit["name"] == repository], listed["badge"]

    with checks.check("badges: a repository's own shows in search and on its page, over its namespace's"):
        with Written(world) as written:
            require_equal("state", admin.put(path, {"badge": "open_source"}).expect(200),
                          {"name": repository, "badge": "open_source"})
        written.expect("repo.update")
        require_equal("shown", shown(), (["open_source"], "open_source"))
        admin.put(f"{ADMIN}/namespaces/{namespace}/badge", {"badge": "verified_publisher"}).expect(200)
        require_equal("shown", shown(), (["open_source"], "open_source"))
        admin.put(path, {"badge": "none"}).expect(200)
        require_equal("shown", shown(), (["verified_publisher"], "verified_publisher"))
    with checks.check("search: a badge filters, and so many values are refused"):
        for badge, found in (("verified_publisher", [repository]), ("none", []), ("none,verified_publisher", [repository])):
            hits = world.nobody.get("/api/search/v4", query=name, badges=badge).expect(200)["results"]
            require_equal(badge, [hit["name"] for hit in hits if hit["name"] == repository], found)
        many = ",".join(f"v{i}" for i in range(21))
        for field in ("badges", "images", "source", "categories", "architectures", "operating_systems"):
            world.nobody.get("/api/search/v4", **{field: many}).refuses_field(field)
            world.nobody.get("/api/search/v4", **{field: many[:-4]}).expect(200)
        for field in ("source", "image_filter", "category", "architecture", "operating_system"):
            world.nobody.get("/api/content/v1/products/search", **{field: many}).refuses_field(field)
    with checks.check("badges: unknown ones and unknown repositories are refused"):
        for body in ({"badge": "gold"}, {"badge": ""}, {"badge": 1}, {}):
            admin.put(path, body).refuses_field("badge")
        admin.put(f"{ADMIN}/repositories/{namespace}/nothere/badge", {"badge": "none"}).refuses(404)


def _plans(context):
    world, checks = context.world, context.checks
    admin, name = world.admin.hub, f"guild-{world.name('plan')}"
    path = f"{ADMIN}/plans/{name}"
    with checks.check("plans: those of Docker Hub are there, one default a kind"):
        plans = {plan["name"]: plan for plan in admin.get(ADMIN + "/plans").expect(200)["items"]}
        require({"personal", "pro", "team", "business"} <= set(plans), f"{set(plans)}")
        require("anonymous" not in plans, "visitors' is no plan to choose")
        require_equal("defaults", {kind: [p["name"] for p in plans.values()
                                          if p["is_default"] and p["for_organizations"] == kind]
                                   for kind in (True, False)}, {True: ["business"], False: ["personal"]})
        require_equal("pulls of personal", (plans["personal"]["pull_limit"], plans["personal"]["pull_window"]), (200, 21600))
    with checks.check("plans: made, shown, changed, deleted; each in the audit log"):
        with Written(world) as written:
            made = admin.post(ADMIN + "/plans", {**PLAN, "name": name}).expect(201)
            require_equal("made", made, {**PLAN, "name": name, "enabled": True, "is_default": False, "accounts": 0})
            require_equal("shown", admin.get(path).expect(200), made)
            changed = admin.put(path, {**PLAN, "seats": None, "pull_limit": None, "enabled": False}).expect(200)
            require_equal("changed", changed, {**made, "seats": None, "pull_limit": None, "enabled": False})
            admin.delete(path).expect(204)
        written.expect("server.plan.create", "server.plan.update", "server.plan.delete")
        admin.get(path).refuses(404)
        admin.put(path, PLAN).refuses(404)
        admin.delete(path).refuses(404)
        admin.get(ADMIN + "/plans/anonymous").refuses(404)
    with checks.check("plans: bad input is named and makes nothing"):
        for change, field in (({"name": "Big"}, "name"), ({"name": "-a"}, "name"), ({"name": "a--b"}, "name"),
                              ({"name": "x" * 65}, "name"), ({"label": ""}, "label"), ({"label": "x" * 101}, "label"),
                              ({"seats": -1}, "seats"), ({"seats": "1"}, "seats"), ({"seats": 2**31}, "seats"),
                              ({"storage_bytes": -5}, "storage_bytes"), ({"pull_limit": -1}, "pull_limit"),
                              ({"pull_window": 0}, "pull_window"), ({"pull_window": None}, "pull_window"),
                              ({"scim": "no"}, "scim"), ({"enabled": False, "is_default": True}, "enabled")):
            admin.post(ADMIN + "/plans", {**PLAN, "name": "good", **change}).refuses_field(field)
        for left_out in PLAN:
            admin.post(ADMIN + "/plans", {key: value for key, value in {**PLAN, "name": "good"}.items()
                                          if key != left_out}).refuses_field(left_out)
        admin.get(ADMIN + "/plans/good").refuses(404)
    with checks.check("plans: a name is taken once; the default stays one"):
        admin.post(ADMIN + "/plans", {**PLAN, "name": "pro"}).refuses(409)
        admin.delete(ADMIN + "/plans/personal").refuses(409)
        personal = admin.get(ADMIN + "/plans/personal").expect(200)
        admin.put(ADMIN + "/plans/personal", {**personal, "is_default": False}).refuses(409)
        require(admin.get(ADMIN + "/plans/personal").expect(200)["is_default"], "the default is gone")


def _assignments(context):
    world, checks = context.world, context.checks
    admin, person = world.admin.hub, world.person("plan")
    organization = world.organization(person)
    own, path = f"{ADMIN}/namespaces/{person.name}/plan", f"{ADMIN}/namespaces/{organization}/plan"
    with checks.check("plans: assigned, and what changes is in the audit log"):
        with Written(world) as written:
            assigned = admin.put(own, {"plan": "pro"}).expect(200)
            admin.put(path, {"plan": "team", "seats": 3}).expect(200)
            admin.put(path, {"plan": "team", "seats": 5}).expect(200)
            admin.put(path, {"plan": "business", "seats": 4}).expect(200)
        require_equal("assigned", {key: assigned[key] for key in ("namespace", "plan", "seats", "assigned_by")},
                      {"namespace": person.name, "plan": "pro", "seats": 1, "assigned_by": "admin"})
        written.expect("billing.plan.upgrade", "billing.plan.downgrade", "billing.plan.seat_add",
                       "billing.plan.upgrade", "billing.plan.seat_remove")
        require_equal("plan of the user", admin.get(f"{ADMIN}/users/{person.name}").expect(200)["plan"], "pro")
        require(admin.get(ADMIN + "/plans/pro").expect(200)["accounts"] >= 1, "nobody is on it")
    with checks.check("plans: one that somebody has is not deleted"):
        admin.delete(ADMIN + "/plans/pro").refuses(409)
    with checks.check("plans: what does not fit is refused"):
        for target, body, field in ((own, {"plan": "team"}, "plan"), (path, {"plan": "pro"}, "plan"),
                                    (own, {"plan": "gold"}, "plan"), (own, {"plan": "anonymous"}, "plan"), (own, {}, "plan"),
                                    (own, {"plan": "pro", "seats": 2}, "seats"), (path, {"plan": "team", "seats": 0}, "seats"),
                                    (path, {"plan": "team", "seats": 101}, "seats")):
            admin.put(target, body).refuses_field(field)
        admin.put(f"{ADMIN}/namespaces/nobodyatall/plan", {"plan": "pro"}).refuses(404)
        world.join(organization, world.person("second"))
        admin.put(path, {"plan": "team", "seats": 1}).refuses(409)
    with checks.check("plans: one that is switched off is assigned to nobody anew"):
        name = f"closed-{world.name('plan')}"
        admin.post(ADMIN + "/plans", {**PLAN, "name": name, "enabled": False}).expect(201)
        admin.put(own, {"plan": name}).refuses(409)
        admin.delete(f"{ADMIN}/plans/{name}").expect(204)
    with checks.check("plans: the numbers of an assigned one hold"):
        frugal = world.person("frugal")
        admin.put(f"{ADMIN}/namespaces/{frugal.name}/plan", {"plan": "personal"}).expect(200)
        world.repository(frugal, private=True)
        second = world.repository(frugal)
        private = f"/v2/repositories/{second}/privacy"
        frugal.hub.post(private, {"is_private": True}).refuses(403)
        admin.put(f"{ADMIN}/namespaces/{frugal.name}/plan", {"plan": "pro"}).expect(200)
        frugal.hub.post(private, {"is_private": True}).expect(200, 202, 204)


def _settings(context):
    world, checks = context.world, context.checks
    admin, path = world.admin.hub, ADMIN + "/settings"
    with restored(admin, path, "PATCH") as before:
        with checks.check("settings: a change is in force at once and in the audit log"):
            wanted = {"server_name": "Hafen Ä", "sign_up": "closed", "create_organizations": "administrators",
                      "default_repo_visibility": "private", "announcement": "Down on Sunday"}
            with Written(world) as written:
                require_equal("changed", admin.patch(path, wanted).expect(200), wanted)
                require_equal("shown", admin.get(path).expect(200), wanted)
                admin.patch(path, {"sign_up": "closed"}).expect(200)
            written.expect("server.settings.update")
            require_equal("what changed", written.new[0]["data"].get("sign_up"),
                          None if before["sign_up"] == "closed" else "false")
            setup = world.nobody.get(BASE + "/setup").expect(200)
            require_equal("on the sign-in page", (setup["server_name"], setup["sign_up"], setup["announcement"]),
                          ("Hafen Ä", "closed", "Down on Sunday"))
        with checks.check("settings: closed sign-up, organizations by administrators, private by default"):
            world.nobody.post(BASE + "/signup", {"username": world.name("late"), "email": "late@example.com",
                                                 "password": "a long enough one"}).refuses(403)
            person = world.person("member")
            person.hub.post("/v2/orgs", {"orgname": world.name("orgno"), "company": "x"}).refuses(403)
            admin.post("/v2/orgs", {"orgname": world.name("orgyes"), "company": "x"}).expect(201)
            repository = f"{person.name}/pushed"
            world.image(person, repository, "v1")
            require(person.hub.get(f"/v2/namespaces/{person.name}/repositories/pushed").expect(200)["is_private"],
                    "a pushed repository is public")
        with checks.check("settings: opened again"):
            admin.patch(path, {"sign_up": "open", "create_organizations": "everyone",
                               "default_repo_visibility": "public"}).expect(200)
            world.nobody.post(BASE + "/signup", {"username": (name := world.name("newone")), "email": f"{name}@example.com",
                                                 "password": "a long enough one"}).expect(201)
        with checks.check("settings: bad input is named and changes nothing"):
            now = admin.get(path).expect(200)
            for body, field in (({"server_name": ""}, "server_name"), ({"server_name": "x" * 101}, "server_name"),
                                ({"server_name": 5}, "server_name"), ({"sign_up": "maybe"}, "sign_up"),
                                ({"create_organizations": "nobody"}, "create_organizations"),
                                ({"default_repo_visibility": "secret"}, "default_repo_visibility"),
                                ({"announcement": "x" * 1001, "server_name": "taken?"}, "announcement")):
                admin.patch(path, body).refuses_field(field)
            require_equal("settings", admin.get(path).expect(200), now)
    with checks.check("configuration: shown without secrets, with where each value came from"):
        entries = {entry["name"]: entry for entry in admin.get(ADMIN + "/config").expect(200)["items"]}
        require_equal("api-rate-limit", (entries["api-rate-limit"]["value"], entries["api-rate-limit"]["source"]), ("0", "flag"))
        require(entries["smtp-password"]["secret"] and entries["secret-key"]["secret"], "secrets are not marked")
        require(all(entry["description"] for entry in entries.values()), "an option without a description")
        require(entries["listen"]["restart_needed"] and not entries["sign-up"]["restart_needed"], "restart_needed")


def _limits(context):
    world, checks = context.world, context.checks
    admin, path = world.admin.hub, ADMIN + "/limits"
    owner = world.person("pulled")
    repository = world.repository(owner)
    world.image(owner, repository, "v1")

    def pull():
        registry = world.person("puller").registry(repository, actions="pull")
        return registry.manifest(repository, "v1")

    with restored(admin, path, "PUT") as before:
        with checks.check("limits: nothing is limited on a fresh server"):
            require_equal("limits", (before["pull_limits_enabled"], before["anonymous_pull_limit"]), (False, 100))
            require("ratelimit-limit" not in pull().headers, "a limit")
        with checks.check("limits: turned on and off while the server runs"):
            with Written(world) as written:
                on = {**before, "pull_limits_enabled": True, "anonymous_pull_limit": 7, "anonymous_pull_window": 60,
                      "trusted_proxies": ["10.0.0.0/8", "::1"]}
                require_equal("changed", admin.put(path, on).expect(200), on)
                require_equal("shown", admin.get(path).expect(200), on)
            require_equal("audit log", {entry["action"] for entry in written.new},
                          {"server.settings.update", "server.plan.update"})
            require_equal("by plan", pull().headers.get("ratelimit-limit"), "200;w=21600")
            admin.put(path, {**on, "pull_limits_enabled": False}).expect(200)
            require("ratelimit-limit" not in pull().headers, "a limit")
        with checks.check("limits: requests of the Hub API and of the registry by the minute"):
            person = world.person("hasty")
            registry = person.registry(repository, actions="pull")
            admin.put(path, {**before, "hub_api_requests_per_minute": 1000, "registry_requests_per_minute": 2}).expect(200)
            headers = person.hub.get("/v2/user").headers
            require_equal("X-RateLimit-Limit", headers.get("x-ratelimit-limit"), "1000")
            refused = Hub(world.port, "dckr_pat_invented").get("/v2/user")
            refused.refuses(401)
            require_equal("who is refused counts, too", refused.headers.get("x-ratelimit-limit"), "1000")
            # The minute may end in between; five requests are too many in any two of them.
            statuses = [registry.manifest(repository, "v1").status for _ in range(5)]
            require(429 in statuses and statuses[0] == 200, f"{statuses}")
            admin.put(path, before).expect(200)
            require_equal("without a limit", registry.manifest(repository, "v1").status, 200)
        with checks.check("limits: bad input is named and changes nothing"):
            for change, field in (({"pull_limits_enabled": "on"}, "pull_limits_enabled"),
                                  ({"anonymous_pull_limit": -1}, "anonymous_pull_limit"),
                                  ({"anonymous_pull_window": 0}, "anonymous_pull_window"),
                                  ({"hub_api_requests_per_minute": 0}, "hub_api_requests_per_minute"),
                                  ({"registry_requests_per_minute": -3}, "registry_requests_per_minute"),
                                  ({"trusted_proxies": ["10.0.0.0/40"]}, "trusted_proxies"),
                                  ({"trusted_proxies": "10.0.0.1/"}, "trusted_proxies")):
                admin.put(path, {**before, **change}).refuses_field(field)
            for left_out in before:
                admin.put(path, {key: value for key, value in before.items() if key != left_out}).refuses_field(left_out)
            require_equal("limits", admin.get(path).expect(200), before)


def _jobs(context):
    world, checks = context.world, context.checks
    admin = world.admin.hub
    with checks.check("jobs: listed by state and kind, by pages"):
        everything = admin.get(ADMIN + "/jobs", limit=200).expect(200)
        require_equal("states", set(everything["counts"]), {"ready", "running", "dead"})
        kinds = {job["kind"] for job in everything["items"]}
        require({"expired_sessions", "orphan_sweep", "storage_survey"} <= kinds, f"{kinds}")
        page = admin.get(ADMIN + "/jobs", limit=1).expect(200)
        after = admin.get(ADMIN + "/jobs", limit=1, cursor=page["next"]).expect(200)
        require(int(after["items"][0]["id"]) > int(page["items"][0]["id"]), "the second page is not behind the first")
        one = admin.get(ADMIN + "/jobs", kind="expired_sessions").expect(200)["items"]
        require_equal("of one kind", [job["kind"] for job in one], ["expired_sessions"])
        require_equal("one", admin.get(f"{ADMIN}/jobs/{one[0]['id']}").expect(200)["kind"], "expired_sessions")
        require_equal("none", admin.get(ADMIN + "/jobs", kind="nothing").expect(200)["items"], [])
    with checks.check("jobs: the sweep of unknown files has its next turn in a day, and runs when asked to"):
        def sweep():
            return next((job for job in admin.get(ADMIN + "/jobs", kind="orphan_sweep", state="ready").expect(200)["items"]),
                        None)
        job = eventually("it rests", sweep)
        require(job["run_after"] > job["created_at"], f"{job}")
        admin.post(f"{ADMIN}/jobs/{job['id']}/retry").expect(202)
        eventually("it ran", lambda: (sweep() or job)["run_after"] > job["run_after"])
    with checks.check("jobs: run now, discarded; what is periodic stays"):
        job = eventually("it rests", lambda: next(
            (job for job in admin.get(ADMIN + "/jobs", kind="expired_sessions", state="ready").expect(200)["items"]), None))
        with Written(world) as written:
            admin.post(f"{ADMIN}/jobs/{job['id']}/retry").expect(202)
        written.expect("server.job.retry")
        eventually("it ran", lambda: admin.get(f"{ADMIN}/jobs/{job['id']}").expect(200)["run_after"] > job["run_after"])
        admin.delete(f"{ADMIN}/jobs/{job['id']}").refuses(409)
        world.execute("INSERT INTO job (kind, key, state, run_after, created_at, last_error) "
                      "VALUES ('of_another_program', '', 'dead', 1, 1, 'it broke')")
        dead = admin.get(ADMIN + "/jobs", kind="of_another_program", state="dead").expect(200)["items"][0]
        require_equal("dead", (dead["state"], dead["last_error"], dead["leased_until"]), ("dead", "it broke", None))
        with Written(world) as written:
            require_equal("again", admin.post(f"{ADMIN}/jobs/{dead['id']}/retry").expect(202)["state"], "ready")
            admin.delete(f"{ADMIN}/jobs/{dead['id']}").expect(204)
        written.expect("server.job.retry", "server.job.discard")
    with checks.check("jobs: unknown ones and bad filters are refused"):
        for missing in ("999999999", "nine", "-1", "99999999999999999999"):
            admin.get(f"{ADMIN}/jobs/{missing}").refuses(404)
            admin.delete(f"{ADMIN}/jobs/{missing}").refuses(404)
            admin.post(f"{ADMIN}/jobs/{missing}/retry").refuses(404)
        admin.get(ADMIN + "/jobs", state="done").refuses_field("state")
        admin.get(ADMIN + "/jobs", cursor="%%%").refuses_field("cursor")
        admin.get(ADMIN + "/jobs", limit="x").refuses_field("limit")


def _garbage(context):
    world, checks = context.world, context.checks
    admin, owner = world.admin.hub, world.person("waste")
    with checks.check("garbage: what waits is told; a run that is asked for is noted"):
        repository = world.repository(owner)
        content = world.image(owner, repository, "v1")
        owner.hub.delete(f"/v2/repositories/{repository}").expect(202, 204)
        status = admin.get(ADMIN + "/garbage").expect(200)
        require(status["waiting_items"] >= 2 and status["waiting_bytes"] >= content.size, f"{status}")
        require(status["grace_seconds"] > 0, f"{status}")
        with Written(world) as written:
            require(admin.post(ADMIN + "/garbage/run").expect(202)["running"], "it does not run")
        written.expect("server.garbage.run")
        done = eventually("the run ends", lambda: (
            lambda now: now if not now["running"] and now["last_finished_at"] != status["last_finished_at"] else None)(
                admin.get(ADMIN + "/garbage").expect(200)))
        require(done["last_started_at"] <= done["last_finished_at"], f"{done}")


def _storage(context):
    world, checks = context.world, context.checks
    admin, owner, other = world.admin.hub, world.person("store"), world.person("other")
    one, two = world.repository(owner, stem="one"), world.repository(owner, stem="two", private=True)
    content = world.image(owner, one, "v1", "v2")
    world.image(owner, two, "latest", content=content)
    world.image(owner, one, "only")
    survey(world)
    namespace_path = f"{BASE}/namespaces/{owner.name}/storage"
    tags_path = f"{BASE}/repositories/{one}/storage"
    with checks.check("storage: of the server, by namespace"):
        page = admin.get(ADMIN + "/storage", limit=200, sort="name").expect(200)
        names = [item["name"] for item in page["items"]]
        require_equal("order", names, sorted(names))
        mine = next(item for item in page["items"] if item["name"] == owner.name)
        require_equal("counts", (mine["repositories"], mine["tags"], mine["manifests"]), (2, 4, 3))
        require_equal("nothing is shared beyond it", mine["storage"]["shared"], 0)
        require(page["total"]["own"] >= mine["storage"]["own"] > content.size, f"{page['total']} {mine}")
        for item in page["items"]:
            require_equal("sum", item["storage"]["total"], item["storage"]["own"] + item["storage"]["shared"])
    with checks.check("storage: of a namespace, by repository, as far as one may see them"):
        page = owner.hub.get(namespace_path, sort="name").expect(200)
        require_equal("names", [item["name"] for item in page["items"]], [one, two])
        require(page["items"][1]["storage"]["shared"] >= content.size, f"{page['items'][1]}")
        require_equal("total", page["total"], mine["storage"])
        other.hub.get(namespace_path).refuses(403)
        world.nobody.get(namespace_path).refuses(401)
        owner.hub.get(f"{BASE}/namespaces/nosuchspace/storage").refuses(404)
    with checks.check("storage: of a repository, by tag, in each order and by pages"):
        whole = world.nobody.get(tags_path).expect(200)
        shown = {item["name"]: item["storage"] for item in whole["items"]}
        require_equal("own of tags that share", (shown["v1"]["own"], shown["v2"]["own"]), (0, 0))
        require(shown["only"]["own"] > 0 and shown["only"]["shared"] == 0, f"{shown}")
        for order in ("own", "shared", "total", "name"):
            names, cursor = [], ""
            while cursor is not None:
                page = world.nobody.get(tags_path, sort=order, limit=1, cursor=cursor).expect(200)
                names += [item["name"] for item in page["items"]]
                cursor = page["next"]
            require_equal(order, sorted(names), ["only", "v1", "v2"])
        world.nobody.get(tags_path, sort="size").refuses_field("sort")
        world.nobody.get(tags_path, cursor="!").refuses_field("cursor")
        world.nobody.get(f"{BASE}/repositories/{two}/storage").refuses(404)
        other.hub.get(f"{BASE}/repositories/{two}/storage.csv").refuses(404)
    with checks.check("storage: the same as CSV"):
        for hub, path, head, names in (
                (admin, ADMIN + "/storage.csv", "namespace,own_bytes,shared_bytes,total_bytes,repositories,tags,manifests", None),
                (owner.hub, namespace_path + ".csv", "repository,own_bytes,shared_bytes,total_bytes,tags,manifests", [one, two]),
                (world.nobody, tags_path + ".csv", "tag,own_bytes,shared_bytes,total_bytes", ["only", "v1", "v2"])):
            answer = hub.get(path)
            answer.expect(200)
            require(answer.headers["content-type"].startswith("text/csv"), answer.headers["content-type"])
            require("attachment" in answer.headers.get("content-disposition", ""), "no file name")
            rows = list(csv.reader(io.StringIO(answer.body.decode())))
            require_equal("columns", rows[0], head.split(","))
            if names:
                require_equal("rows", [row[0] for row in rows[1:]], names)
        world.nobody.get(namespace_path + ".csv").refuses(401)


def _server(context):
    world, checks = context.world, context.checks
    admin = world.admin.hub
    with checks.check("health: each part says how it is"):
        health = admin.get(ADMIN + "/health").expect(200)
        parts = {part["name"]: part for part in health["checks"]}
        require_equal("parts", set(parts), {"database", "blobs", "disk", "jobs", "workers"})
        require_equal("database, blobs", (parts["database"]["status"], parts["blobs"]["status"]), ("ok", "ok"))
        worst = max((part["status"] for part in parts.values()), key=["ok", "degraded", "failing"].index)
        require_equal("status", health["status"], worst)
        require(all(part["detail"] and part["since"] for part in parts.values()), f"{parts}")
    with checks.check("info: version, stores, counts"):
        info = admin.get(ADMIN + "/info").expect(200)
        require(info["version"] and info["database"] in ("SQLite", "PostgreSQL"), f"{info}")
        require(info["users"] > 1 and info["repositories"] > 1 and info["schema_version"] > 9, f"{info}")
        require(info["tags"] > 1 and info["blobs"] > 1 and info["data_bytes"] > 0, f"counted by the survey: {info}")
        require(info["uptime_seconds"] >= 0 and info["free_bytes"] > 0, f"{info}")
    with checks.check("metrics: rates of the last interval"):
        sample = eventually("requests are seen", lambda: (
            lambda now: now if now["requests_per_second"] > 0 else None)(admin.get(ADMIN + "/metrics").expect(200)))
        require(sample["interval_seconds"] > 0 and sample["memory_bytes"] > 0 and sample["open_connections"] > 0, f"{sample}")
        require(sample["latency_p50_ms"] <= sample["latency_p99_ms"], f"{sample}")
    with checks.check("test mail: without a mail server there is none"):
        admin.post(ADMIN + "/mail/test", {"to": "person@example.com"}).refuses(409)
        for body in ({}, {"to": ""}, {"to": "nobody"}, {"to": "a@b@c"}, {"to": "a b@example.com"}, {"to": 5}):
            admin.post(ADMIN + "/mail/test", body).refuses_field("to")


def _audit(context):
    world, checks = context.world, context.checks
    admin, owner = world.admin.hub, world.person("seen")
    repository = world.repository(owner)
    world.image(owner, repository, "v1")
    with checks.check("audit log of the server: filtered by account, actor, action and group, by pages"):
        mine = admin.get(ADMIN + "/audit", account=owner.name, limit=200).expect(200)["items"]
        require_equal("actions", [entry["action"] for entry in mine], ["repo.tag.push", "repo.create", "user.create"])
        require_equal("by actor", admin.get(ADMIN + "/audit", actor=owner.name).expect(200)["items"], mine[:2])
        require_equal("by action", admin.get(ADMIN + "/audit", actor=owner.name, action="repo.create").expect(200)["items"],
                      mine[1:2])
        require_equal("by group", admin.get(ADMIN + "/audit", account=owner.name, action="repo").expect(200)["items"], mine[:2])
        paged, cursor = [], ""
        while cursor is not None:
            page = admin.get(ADMIN + "/audit", account=owner.name, limit=1, cursor=cursor).expect(200)
            paged, cursor = paged + page["items"], page["next"]
        require_equal("pages", paged, mine)
        since = mine[0]["timestamp"]
        require_equal("from", admin.get(ADMIN + "/audit", **{"account": owner.name, "from": since}).expect(200)["items"], mine[:1])
        require_equal("to", admin.get(ADMIN + "/audit", **{"account": owner.name, "to": since}).expect(200)["items"], mine[1:])
    with checks.check("audit log of the server: bad filters are named"):
        admin.get(ADMIN + "/audit", **{"from": "yesterday"}).refuses_field("from")
        admin.get(ADMIN + "/audit", cursor="x").refuses_field("cursor")


def _setup(context):
    world, checks = context.world, context.checks
    admin = world.admin.hub
    with checks.check("first run: bad input is named and completes nothing"):
        require_equal("complete", world.nobody.get(BASE + "/setup").expect(200)["complete"], False)
        for body, field in (({"server_name": ""}, "server_name"), ({"sign_up": "x"}, "sign_up"),
                            ({"pull_limits": "some"}, "pull_limits"), ({"password": "short"}, "password")):
            admin.post(BASE + "/setup", body).refuses_field(field)
        require_equal("complete", world.nobody.get(BASE + "/setup").expect(200)["complete"], False)
    with restored(admin, ADMIN + "/settings", "PATCH"):
        with checks.check("first run: completed once"):
            with Written(world) as written:
                state = admin.post(BASE + "/setup", {"server_name": "The Harbour", "sign_up": "open",
                                                     "pull_limits": "none"}).expect(200)
            written.expect("server.settings.update")
            require_equal("state", (state["complete"], state["server_name"]), (True, "The Harbour"))
            require(world.nobody.get(BASE + "/setup").expect(200)["complete"], "not complete")
            admin.post(BASE + "/setup", {"server_name": "Again"}).refuses(409)
