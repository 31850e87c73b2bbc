"""Repositories: made, shown, changed, starred, shared and deleted, through both families of paths."""

import struct
import urllib.parse
import zlib

from checks import require, require_equal
from hub import Hub, every_page
from world import Events

MISSING = "/v2/namespaces/{}/repositories/nothinghere"


def check(context):
    _life(context)
    _both_families(context)
    _descriptions(context)
    _malformed(context)
    _input(context)
    _lists(context)
    _privacy(context)
    _archive(context)
    _categories(context)
    _logos(context)
    _stars(context)
    _collaborators(context)
    _teams(context)


def _paths(name):
    namespace, _, repository = name.partition("/")
    return [f"/v2/namespaces/{namespace}/repositories/{repository}", f"/v2/repositories/{name}"]


def _life(context):
    world, checks = context.world, context.checks
    owner = world.person("repo")
    made = {}

    for way, path in (("namespaces", "/v2/namespaces/{ns}/repositories"), ("old", "/v2/repositories"),
                      ("old, with the namespace", "/v2/repositories/{ns}")):
        with checks.check(f"create ({way}): 201 with the repository, and its event"):
            name = world.name("app")
            with Events(world, owner, owner.name) as written:
                answer = owner.hub.post(path.format(ns=owner.name) + "/", {
                    "namespace": owner.name, "name": name, "description": "short", "full_description": "# Long",
                    "registry": "docker", "is_private": False, "user": "x", "build_settings": []})
                made[way] = answer.expect(201)
            written.expect("repo.create")
            require_equal("names", (made[way]["namespace"], made[way]["name"]), (owner.name, name))
            require_equal("texts", (made[way]["description"], made[way]["full_description"]), ("short", "# Long"))
            require_equal("permissions", made[way]["permissions"], {"read": True, "write": True, "admin": True})
            require_equal("counts", (made[way]["star_count"], made[way]["pull_count"]), (0, 0))
            require(made[way]["is_automated"] is False and made[way]["status"] == 1, str(made[way]))
    with checks.check("create: a name that is taken is refused"):
        name = made["old"]["name"]
        for path in ("/v2/repositories", f"/v2/namespaces/{owner.name}/repositories"):
            answer = owner.hub.post(path, {"namespace": owner.name, "name": name})
            require(answer.status in (400, 409), str(answer))
            answer.refuses(answer.status)
    for way, name in ((0, made["old"]["name"]), (1, made["namespaces"]["name"])):
        with checks.check(f"delete ({'namespaces' if way == 0 else 'old'}): 202, then nothing, and its event"):
            path = _paths(f"{owner.name}/{name}")[way]
            with Events(world, owner, owner.name) as written:
                owner.hub.delete(path + "/").expect(202)
            written.expect("repo.delete")
            owner.hub.get(path).refuses(404)
            owner.hub.delete(path).refuses(404)
            owner.hub.patch(path, {"description": "x"}).refuses(404)
    with checks.check("create: a namespace of others is refused, an unknown one is not found"):
        other = world.person("other")
        other.hub.post("/v2/repositories", {"namespace": owner.name, "name": "mine"}).refuses(403)
        other.hub.post(f"/v2/namespaces/{owner.name}/repositories", {"name": "mine"}).refuses(403)
        other.hub.post("/v2/repositories", {"namespace": world.name("unknown"), "name": "mine"}).refuses(404)
        world.nobody.post("/v2/repositories", {"namespace": owner.name, "name": "mine"}).refuses(401)


def _both_families(context):
    world, checks = context.world, context.checks
    owner = world.person("both")
    name = world.repository(owner)
    with checks.check("both families of paths show the same, with and without a slash, and HEAD has no body"):
        shown = [owner.hub.get(path + slash).expect(200) for path in _paths(name) for slash in ("", "/")]
        require(all(one == shown[0] for one in shown), str(shown))
        for path in _paths(name):
            answer = owner.hub.head(path)
            require_equal("HEAD", (answer.status, answer.body), (200, b""))
            require_equal("length", answer.headers["content-length"], owner.hub.get(path).headers["content-length"])
            require_equal("HEAD of nothing", owner.hub.head(path + "x").status, 404)
    with checks.check("a missing repository is told in Hub's words"):
        for viewer in (world.nobody, owner.hub):
            viewer.get(MISSING.format(owner.name)).refuses(404)
            viewer.get(f"/v2/repositories/{world.name('unknown')}/app").refuses(404)


def _descriptions(context):
    world, checks = context.world, context.checks
    owner = world.person("text")
    name = world.repository(owner)
    texts = ["", "plain", "# Title\r\n\r\ntabs\tand  spaces  \n", "ünïcödé 🚢 \u2028 \u0000?".replace("\u0000", ""),
             "<script>alert(1)</script> & \"quotes\" \\ /", "x" * 25_000]
    for way, path in enumerate(_paths(name)):
        with checks.check(f"{path.split('/')[2]}: descriptions come back byte for byte"):
            for text in texts:
                body = owner.hub.patch(path + "/", {"full_description": text, "description": text[:20]}).expect(200)
                require_equal("full_description", body["full_description"], text)
                require_equal("description", body["description"], text[:20])
                require_equal("shown", owner.hub.get(path).expect(200)["full_description"], text)
    with checks.check("only what is sent changes; one event a change, none when nothing changes"):
        path = _paths(name)[0]
        owner.hub.patch(path, {"description": "one", "full_description": "two"}).expect(200)
        with Events(world, owner, owner.name) as written:
            body = owner.hub.patch(path, {"description": "three"}).expect(200)
        written.expect("repo.update")
        require_equal("texts", (body["description"], body["full_description"]), ("three", "two"))
        with Events(world, owner, owner.name) as written:
            owner.hub.patch(path, {"description": "three"}).expect(200)
            owner.hub.patch(path, {}).expect(200)
        written.expect()


def _malformed(context):
    world, checks = context.world, context.checks
    owner = world.person("malformed")
    with checks.check("an array where an object belongs, and a NUL in any text, are named and change nothing"):
        name = world.repository(owner, description="before")
        for path in _paths(name):
            owner.hub.patch(path, b"[]", {"Content-Type": "application/json"}).refuses_field("body")
            owner.hub.patch(path, {"description": "a\0b"}).refuses_field("description")
            owner.hub.patch(path, {"full_description": "\0"}).refuses_field("full_description")
            owner.hub.patch(path, {"immutable_tags": True, "immutable_tags_rules": ["v", "a\0"]}) \
                .refuses_field("immutable_tags_rules[1]")
            owner.hub.get(path + "/tags?name=%00").refuses_field("name")
            require_equal("description", owner.hub.get(path).expect(200)["description"], "before")
        owner.hub.patch("/v2/user", {"full_name": "\0"}).refuses_field("full_name")
        owner.hub.get(f"/v2/auditlogs/{owner.name}?action=%00").refuses_field("action")
        world.nobody.post("/v2/users/login", {"username": "\0", "password": "x"}).refuses_field("username")


def _input(context):
    world, checks = context.world, context.checks
    owner = world.person("input")
    with checks.check("create: bad input is named and makes nothing"):
        for body, field in (({}, "name"), ({"name": "x"}, "name"), ({"name": "Upper"}, "name"), ({"name": "a..b"}, "name"),
                            ({"name": "-ab"}, "name"), ({"name": "a/b"}, "name"), ({"name": "x" * 256}, "name"),
                            ({"name": 7}, "name"), ({"name": "good", "description": "x" * 101}, "description"),
                            ({"name": "good", "full_description": "x" * 25_001}, "full_description"),
                            ({"name": "good", "is_private": "maybe"}, "is_private"),
                            ({"name": "good", "description": 5}, "description")):
            for path in (f"/v2/namespaces/{owner.name}/repositories", "/v2/repositories"):
                owner.hub.post(path, {"namespace": owner.name, **body}).refuses_field(field)
        require_equal("count", owner.hub.get(f"/v2/repositories/{owner.name}").expect(200)["count"], 0)
    with checks.check("create: names as long and as odd as they may be"):
        for name in ("ab", "x" * (254 - len(owner.name)), "a.b", "a_b", "a-b", "0-1_2.3"):
            owner.hub.post("/v2/repositories", {"namespace": owner.name, "name": name}).expect(201)
        # With its namespace a name has 255 characters at most: the registry's limit.
        owner.hub.post("/v2/repositories", {"namespace": owner.name, "name": "x" * 255}).refuses_field("name")
    with checks.check("update: bad input is named and changes nothing"):
        name = world.repository(owner)
        before = owner.hub.get(_paths(name)[0]).expect(200)
        for body, field in (({"description": "x" * 101}, "description"), ({"full_description": "x" * 25_001}, "full_description"),
                            ({"is_private": "no"}, "is_private"), ({"status": 7}, "status"),
                            ({"immutable_tags_rules": ["("], "immutable_tags": True}, "immutable_tags_rules")):
            for path in _paths(name):
                owner.hub.patch(path, {**body, "description": body.get("description", "changed")}).refuses_field(field)
        require_equal("shown", owner.hub.get(_paths(name)[0]).expect(200), before)


def _lists(context):
    world, checks = context.world, context.checks
    owner = world.person("lists")
    public = [world.repository(owner, stem="pub") for _ in range(4)]
    private = [world.repository(owner, stem="priv", private=True) for _ in range(2)]
    short = lambda names: sorted(name.split("/")[1] for name in names)

    for path in (f"/v2/namespaces/{owner.name}/repositories", f"/v2/repositories/{owner.name}/"):
        with checks.check(f"{path.split('/')[2]}: pages hold each repository once, private ones for those who may read"):
            names = [entry["name"] for entry in every_page(owner.hub, path, page_size=2)]
            require_equal("the owner's", sorted(names), short(public + private))
            require_equal("somebody's", sorted(e["name"] for e in every_page(world.nobody, path, page_size=3)), short(public))
            stranger = world.person("stranger")
            require_equal("a stranger's", sorted(e["name"] for e in every_page(stranger.hub, path)), short(public))
        with checks.check(f"{path.split('/')[2]}: page sizes are lowered, pages past the end are not there"):
            require_equal("size", len(owner.hub.get(path, page_size=10000).expect(200)["results"]), 6)
            owner.hub.get(path, page=2, page_size=100).refuses(404)
            for bad in ("0", "-1", "x", "", "99999999999999999999"):
                for field in ("page", "page_size"):
                    answer = owner.hub.get(path, **{field: bad})
                    require(answer.status in (200, 400, 404), str(answer))
                    if answer.status == 400:
                        answer.refuses_field(field)
    with checks.check("lists: orderings, of names and of times, and their reverse"):
        path = f"/v2/namespaces/{owner.name}/repositories"
        names = lambda ordering: [e["name"] for e in owner.hub.get(path, ordering=ordering).expect(200)["results"]]
        require_equal("name", names("name"), short(public + private))
        require_equal("-name", names("-name"), short(public + private)[::-1])
        require_equal("last_updated", names("last_updated"), names("-last_updated")[::-1])
        for repository in (private[0], public[1]):
            owner.hub.patch(_paths(repository)[0], {"description": "newer"}).expect(200)
        require_equal("newest", names("last_updated")[:2], [public[1].split("/")[1], private[0].split("/")[1]])
        require_equal("pull_count", sorted(names("pull_count")), short(public + private))
        owner.hub.get(path, ordering="password").refuses_field("ordering")
    with checks.check("lists: filtered by a part of the name"):
        answer = owner.hub.get(f"/v2/namespaces/{owner.name}/repositories", name="priv").expect(200)
        require_equal("names", sorted(e["name"] for e in answer["results"]), short(private))
        require_equal("none", owner.hub.get(f"/v2/namespaces/{owner.name}/repositories", name="%").expect(200)["count"], 0)
    with checks.check("lists: an unknown namespace is not found, an empty one is empty"):
        world.nobody.get(f"/v2/repositories/{world.name('unknown')}").refuses(404)
        empty = world.person("empty")
        require_equal("count", world.nobody.get(f"/v2/repositories/{empty.name}").expect(200)["count"], 0)
    with checks.check("namespaces: oneself and the organizations one may create in"):
        org = world.organization(owner)
        require_equal("namespaces", set(owner.hub.get("/v2/repositories/namespaces", page_size=100).expect(200)["namespaces"]),
                      {owner.name, org})


def _privacy(context):
    world, checks = context.world, context.checks
    owner, other = world.person("priv"), world.person("other")
    name = world.repository(owner)
    with checks.check("privacy: private is out of sight, public is back, each with its event"):
        for private, status in ((True, 404), (False, 200)):
            with Events(world, owner, owner.name) as written:
                body = owner.hub.post(f"/v2/repositories/{name}/privacy/", {"is_private": private}).expect(200)
            written.expect("repo.change_privacy")
            require_equal("is_private", body["is_private"], private)
            for path in _paths(name):
                for viewer in (world.nobody, other.hub):
                    require_equal(path, viewer.get(path).status, status)
                    require_equal(path, viewer.head(path).status, status)
    with checks.check("privacy: a private repository and a missing one are told alike"):
        owner.hub.patch(_paths(name)[0], {"is_private": True}).expect(200)
        for path in _paths(name):
            for viewer in (world.nobody, other.hub):
                hidden, missing = viewer.get(path), viewer.get(path + "x")
                require_equal("status", hidden.status, missing.status)
                require_equal("body", hidden.body.replace(name.split("/")[1].encode(), b"N"),
                              missing.body.replace(name.split("/")[1].encode() + b"x", b"N"))
    with checks.check("privacy: bad input is named"):
        for body in ({}, {"is_private": "yes"}, {"is_private": None}):
            owner.hub.post(f"/v2/repositories/{name}/privacy", body).refuses_field("is_private")


def _archive(context):
    world, checks = context.world, context.checks
    owner = world.person("arch")
    name = world.repository(owner)
    world.image(owner, name, "v1")
    with checks.check("archive: read only, still there, and back again"):
        body = owner.hub.patch(_paths(name)[0], {"status": 0}).expect(200)
        require_equal("status", body["status"], 0)
        owner.hub.delete(f"/v2/repositories/{name}/tags/v1").refuses(403)
        session = owner.registry(name)
        require_equal("pull", session.manifest(name, "v1").status, 200)
        require_equal("push", session.start_upload(name).status in (401, 403), True)
        for path in _paths(name):
            owner.hub.patch(path, {"description": "new"}).refuses(403)
            owner.hub.patch(path, {"full_description": "new", "status": 0}).refuses(403)
            owner.hub.patch(path, {"description": "", "status": 0}).expect(200)
        owner.hub.patch(f"/v2/repositories/{name}/categories", [{"slug": "security"}]).refuses(403)
        owner.hub.delete(f"/api/media/repos_logo/v1/{name}").refuses(403)
        require_equal("description", owner.hub.get(_paths(name)[0]).expect(200)["description"], "")
        body = owner.hub.patch(_paths(name)[0], {"status": 1, "description": "back"}).expect(200)
        require_equal("again", (body["status"], body["description"]), (1, "back"))
        owner.hub.delete(f"/v2/repositories/{name}/tags/v1").expect(204)


def _categories(context):
    world, checks = context.world, context.checks
    owner = world.person("categ")
    name = world.repository(owner)
    with checks.check("categories: sixteen, a bare array"):
        known = world.nobody.get("/v2/categories/").expect(200)
        require_equal("number", len(known), 16)
        require(all(set(one) == {"name", "slug"} for one in known), str(known))
    with checks.check("categories: an array sets them, names are ignored, with its event"):
        path = f"/v2/repositories/{name}/categories/"
        with Events(world, owner, owner.name) as written:
            owner.hub.patch(path, [{"slug": known[0]["slug"], "name": "nonsense"}, {"slug": known[1]["slug"]}]).expect(200)
        written.expect("repo.category.updated")
        require_equal("categories", owner.hub.get(_paths(name)[0]).expect(200)["categories"], known[:2])
        owner.hub.patch(path, []).expect(200)
        require_equal("categories", owner.hub.get(_paths(name)[0]).expect(200)["categories"], [])
    with checks.check("categories: four, unknown ones and what is no array are refused"):
        for body in ([{"slug": one["slug"]} for one in known[:4]], [{"slug": "no-such"}], [{}], {"slug": "x"}, ["x"]):
            owner.hub.patch(path, body).refuses(400)
        require_equal("categories", owner.hub.get(_paths(name)[0]).expect(200)["categories"], [])


def _png(width, height):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = (b"\0" + b"\x20\x80\xa0" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def _logos(context):
    world, checks = context.world, context.checks
    owner, other = world.person("logo"), world.person("other")
    name = world.repository(owner)
    path = "/api/media/repos_logo/v1/" + name.replace("/", "%2F")
    png, headers = _png(120, 120), {"Content-Type": "image/png"}
    with checks.check("logo: only with a badge, only by who may edit"):
        owner.hub.post(path + "/upload", png, headers).refuses(403)
        world.admin.hub.put(f"/api/berth/v1/admin/namespaces/{owner.name}/badge", {"badge": "open_source"}).expect(200)
        other.hub.post(path + "/upload", png, headers).refuses(403)
        world.nobody.post(path + "/upload", png, headers).refuses(401)
    with checks.check("logo: what is no PNG of 120 by 120 pixels is refused"):
        for body in (b"", b"GIF89a", _png(119, 120), _png(120, 240)):
            owner.hub.post(path + "/upload", body, headers).refuses(400)
    with checks.check("logo: shown where the repository says, until it is deleted"):
        require_equal("none", owner.hub.get(f"/v2/repositories/{name}").expect(200)["logo_url"], {})
        world.nobody.get(path).refuses(404)
        owner.hub.post(path + "/upload", png, headers).expect(200)
        address = world.nobody.get(f"/v2/repositories/{name}").expect(200)["logo_url"]["large"]
        shown = world.nobody.get(urllib.parse.urlsplit(address).path)
        require_equal("logo", (shown.status, shown.headers["content-type"], shown.body), (200, "image/png", png))
        owner.hub.delete(path).expect(204)
        require_equal("gone", owner.hub.get(f"/v2/repositories/{name}").expect(200)["logo_url"], {})


def _stars(context):
    world, checks = context.world, context.checks
    owner, fan = world.person("star"), world.person("fan")
    name = world.repository(owner)
    path = f"/v2/repositories/{name}"
    with checks.check("stars: one a person, however often it is given"):
        for _ in range(2):
            require(fan.hub.post(path + "/stars/", {}).status in (200, 201), "not starred")
        shown = fan.hub.get(path).expect(200)
        require_equal("fan", (shown["star_count"], shown["has_starred"]), (1, True))
        require_equal("owner", owner.hub.get(path).expect(200)["has_starred"], False)
        fan.hub.delete(path + "/stars/").expect(204)
        shown = fan.hub.get(path).expect(200)
        require_equal("after", (shown["star_count"], shown["has_starred"]), (0, False))
    with checks.check("stars: not without signing in, not for what cannot be seen"):
        world.nobody.post(path + "/stars", {}).refuses(401)
        hidden = world.repository(owner, private=True)
        fan.hub.post(f"/v2/repositories/{hidden}/stars", {}).refuses(404)


def _collaborators(context):
    world, checks = context.world, context.checks
    owner, friend = world.person("coll"), world.person("friend")
    name = world.repository(owner)
    path = f"/v2/repositories/{name}/collaborators"
    with checks.check("collaborators: may push and pull, and nothing else"):
        answer = owner.hub.post(path + "/", {"user": friend.name})
        require(answer.status in (200, 201), str(answer))
        owner.hub.patch(_paths(name)[0], {"is_private": True}).expect(200)
        require_equal("listed", [c["user"] for c in every_page(owner.hub, path)], [friend.name])
        require_equal("permissions", friend.hub.get(_paths(name)[0]).expect(200)["permissions"],
                      {"read": True, "write": True, "admin": False})
        world.image(friend, name, "pushed")
        friend.hub.patch(_paths(name)[0], {"description": "x"}).refuses(403)
        friend.hub.delete(_paths(name)[0]).refuses(403)
        friend.hub.get(path).refuses(403)
    with checks.check("collaborators: taken away, the repository is out of sight"):
        owner.hub.delete(f"{path}/{friend.name}/").expect(204)
        friend.hub.get(_paths(name)[0]).refuses(404)
        owner.hub.delete(f"{path}/{friend.name}").refuses(404)
    with checks.check("collaborators: unknown users are refused, and organizations have none"):
        answer = owner.hub.post(path, {"user": world.name("nobody")})
        require(answer.status in (400, 404), str(answer))
        owner.hub.post(path, {}).refuses_field("user")
        shared = world.repository(owner, namespace=world.organization(owner))
        answer = owner.hub.post(f"/v2/repositories/{shared}/collaborators", {"user": friend.name})
        require(answer.status in (400, 403, 409), str(answer))


def _teams(context):
    world, checks = context.world, context.checks
    owner = world.person("team")
    org = world.organization(owner)
    name = world.repository(owner, namespace=org, private=True)
    team = owner.hub.post(f"/v2/orgs/{org}/groups", {"name": "builders", "description": ""}).expect(201)
    path = f"/v2/repositories/{name}/groups"
    with checks.check("teams: a permission is given, shown, changed and taken away"):
        made = owner.hub.post(path + "/", {"group_id": team["id"], "permission": "read", "groupid": 1, "groupname": "x"})
        entry = {"group_id": team["id"], "group_name": "builders", "permission": "read"}
        require_equal("made", made.expect(200), entry)
        require(entry in every_page(owner.hub, path), "not listed")
        require_equal("shown", owner.hub.get(f"{path}/{team['id']}/").expect(200), entry)
        changed = owner.hub.patch(f"{path}/{team['id']}/", {"permission": "admin"}).expect(200)
        require_equal("changed", changed["permission"], "admin")
        owner.hub.delete(f"{path}/{team['id']}/").expect(204)
        owner.hub.get(f"{path}/{team['id']}").refuses(404)
        owner.hub.patch(f"{path}/{team['id']}", {"permission": "read"}).refuses(404)
    with checks.check("teams: bad input is named, teams of others are not there"):
        owner.hub.post(path, {"permission": "read"}).refuses_field("group_id")
        owner.hub.post(path, {"group_id": team["id"], "permission": "own"}).refuses_field("permission")
        other = world.person("other")
        strange = world.organization(other)
        foreign = other.hub.post(f"/v2/orgs/{strange}/groups", {"name": "builders"}).expect(201)
        answer = owner.hub.post(path, {"group_id": foreign["id"], "permission": "read"})
        require(answer.status in (400, 404), str(answer))
