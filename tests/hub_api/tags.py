"""Tags and images: what a push leaves, listed, filtered, protected and deleted."""

import re

from checks import require, require_equal
from hub import every_page
from registry_client import IMAGE_INDEX, IMAGE_MANIFEST, digest_of
from world import Events, Image, Index, push

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def check(context):
    _shown(context)
    _lists(context)
    _deleted(context)
    _immutable(context)
    _official(context)
    _images(context)
    _delete_images(context)


def _base(name):
    namespace, _, repository = name.partition("/")
    return f"/v2/namespaces/{namespace}/repositories/{repository}"


def _shown(context):
    world, checks = context.world, context.checks
    owner = world.person("tags")
    name = world.repository(owner)
    index = Index(world.name("seed"))
    push(owner.registry(name), name, index, "multi")
    image = world.image(owner, name, "single", content=Image(world.name("seed"), layers=2))

    with checks.check("tag of one image: the types that strict clients check"):
        tag = world.nobody.get(f"{_base(name)}/tags/single").expect(200)
        for field in ("id", "creator", "last_updater", "repository", "full_size"):
            require(type(tag[field]) is int, f"{field}: {tag[field]!r}")
        require_equal("media type, digest, content", (tag["media_type"], tag["digest"], tag["content_type"]),
                      (IMAGE_MANIFEST, image.digest, "image"))
        require_equal("status, v2", (tag["tag_status"], tag["v2"]), ("active", True))
        require_equal("updater", tag["last_updater_username"], owner.name)
        require(TIME.fullmatch(tag["last_updated"]) and TIME.fullmatch(tag["tag_last_pushed"]), str(tag))
        require_equal("last pulled", tag["tag_last_pulled"], None)
        require_equal("platforms", [(i["os"], i["architecture"], i["digest"]) for i in tag["images"]],
                      [("linux", "amd64", image.digest)])
        require_equal("size", tag["images"][0]["size"], image.size)
    with checks.check("tag of an index: a row for each platform"):
        tag = world.nobody.get(f"{_base(name)}/tags/multi").expect(200)
        require_equal("media type, digest", (tag["media_type"], tag["digest"]), (IMAGE_INDEX, index.digest))
        require_equal("platforms", {(i["architecture"], i["digest"]) for i in tag["images"]},
                      {(i.architecture, i.digest) for i in index.images})
    with checks.check("both families and their slashes show the same tag; HEAD has no body"):
        paths = [f"{base}/tags/single{slash}" for base in (_base(name), f"/v2/repositories/{name}") for slash in ("", "/")]
        shown = [world.nobody.get(path).expect(200) for path in paths]
        require(all(one == shown[0] for one in shown), str(shown))
        for path in paths:
            answer = world.nobody.head(path)
            require_equal("HEAD", (answer.status, answer.body), (200, b""))
            require_equal("length", answer.headers["content-length"], world.nobody.get(path).headers["content-length"])
        head, whole = (ask(f"{_base(name)}/tags") for ask in (world.nobody.head, world.nobody.get))
        require_equal("HEAD of the list", (head.status, head.headers["content-length"]), (200, str(len(whole.body))))
        require_equal("HEAD of nothing", world.nobody.head(f"{_base(name)}/tags/nothing").status, 404)
    with checks.check("layers of a tag: instructions in order, empty ones without digest"):
        images = world.nobody.get(f"/v2/repositories/{name}/tags/single/images/").expect(200)
        require(isinstance(images, list) and len(images) == 1, str(images))
        layers = images[0]["layers"]
        require_equal("digests", [layer.get("digest") for layer in layers], [d["digest"] for d in image.layers] + [None])
        require_equal("sizes", [layer["size"] for layer in layers], [d["size"] for d in image.layers] + [0])
        require(all("file" in layer["instruction"] for layer in layers), str(layers))
    with checks.check("a missing tag, and tags of a missing repository, are told in Hub's words"):
        for path in (f"{_base(name)}/tags/nothing", f"{_base(name)}/tags/nothing/images", f"{_base(name)}x/tags",
                     f"{_base(name)}x/tags/single", f"/v2/repositories/{name}/tags/no%20tag"):
            world.nobody.get(path).refuses(404)


def _lists(context):
    world, checks = context.world, context.checks
    owner = world.person("tagl")
    name = world.repository(owner)
    session, tags = owner.registry(name), [f"v{n}" for n in range(7)] + ["edge", "latest"]
    content = Image(world.name("seed"))
    for tag in tags:
        push(session, name, content, tag)
    arm = Image(world.name("seed"), "arm64")
    push(session, name, arm, "arm")

    for base in (_base(name), f"/v2/repositories/{name}", f"/api/content/v1/repositories/public/{name}"):
        with checks.check(f"{'/'.join(base.split('/')[1:3])}: pages hold each tag once, newest first"):
            listed = every_page(world.nobody, base + "/tags", page_size=3)
            require_equal("tags", [tag["name"] for tag in listed], ["arm", *reversed(tags)])
            require_equal("too large a page", len(world.nobody.get(base + "/tags", page_size=10000).expect(200)["results"]), 10)
            world.nobody.get(base + "/tags", page=99).refuses(404)
    names = lambda **query: [t["name"] for t in world.nobody.get(f"{_base(name)}/tags", page_size=100, **query).expect(200)["results"]]
    with checks.check("tags: the signs of orderings as clients use them"):
        require_equal("last_updated", names(ordering="last_updated"), ["arm", *reversed(tags)])
        require_equal("-last_updated", names(ordering="-last_updated"), [*tags, "arm"])
        require_equal("-name", names(ordering="-name"), sorted([*tags, "arm"]))
        require_equal("name", names(ordering="name"), sorted([*tags, "arm"])[::-1])
        world.nobody.get(f"{_base(name)}/tags", ordering="digest; DROP").refuses_field("ordering")
    with checks.check("tags: filtered by name, architecture and system"):
        require_equal("name", sorted(names(name="v")), [f"v{n}" for n in range(7)])
        require_equal("a wildcard is none", names(name="%"), [])
        require_equal("architecture", names(architecture="arm64"), ["arm"])
        require_equal("system", names(os="windows"), [])


def _deleted(context):
    world, checks = context.world, context.checks
    owner = world.person("tagd")
    name = world.repository(owner)
    world.image(owner, name, "a", "b", "c", "kept")
    for tag, path in (("a", f"{_base(name)}/tags/a"), ("b", f"/v2/repositories/{name}/tags/b/")):
        with checks.check(f"delete {path.split('/')[2]}: 204, the tag is gone everywhere, with its event"):
            with Events(world, owner, owner.name) as written:
                owner.hub.delete(path).expect(204)
            written.expect("repo.tag.delete")
            owner.hub.get(path).refuses(404)
            owner.hub.delete(path).refuses(404)
            session = owner.registry(name)
            require_equal("pull", session.manifest(name, tag).status, 404)
            require_equal("another tag of the image", session.manifest(name, "kept").status, 200)
    with checks.check("delete: not by others"):
        other = world.person("other")
        world.nobody.delete(f"{_base(name)}/tags/c").refuses(401)
        other.hub.delete(f"{_base(name)}/tags/c").refuses(403)
        world.nobody.get(f"{_base(name)}/tags/c").expect(200)


def _immutable(context):
    world, checks = context.world, context.checks
    owner = world.person("immu")
    name = world.repository(owner)
    first = world.image(owner, name, "v1.0", "dev")
    other = Image(world.name("seed"))

    def move(tag, content):
        session = owner.registry(name)
        for blob in content.blobs:
            session.push_monolithic(name, blob, digest_of(blob))
        return session.put_manifest(name, tag, content.manifest, IMAGE_MANIFEST).status

    for way, (method, path, rules) in enumerate((
            ("PATCH", f"{_base(name)}/immutabletags", [r"v\d.*"]),
            ("PATCH", f"/v2/repositories/{name}/", r"v\d.*,release"))):
        with checks.check(f"immutable tags ({path.split('/')[2]}): neither moved nor deleted; the same image again is fine"):
            with Events(world, owner, owner.name) as written:
                body = owner.hub.request(method, path, {"immutable_tags": True, "immutable_tags_rules": rules}).expect(200)
            written.expect("repo.immutable.tags.updated")
            settings = body["immutable_tags_settings"]
            require_equal("settings", settings, {"enabled": True, "rules": [r"v\d.*"] if way == 0 else [r"v\d.*", "release"]})
            require_equal("moved", move("v1.0", other), 403)
            require_equal("the same again", move("v1.0", first), 201)
            owner.hub.delete(f"{_base(name)}/tags/v1.0").refuses(403)
            require_equal("another tag", move("dev", other), 201)
            require_equal("a new tag", move(f"v{2 + way}.0", other), 201)
    with checks.check("immutable tags: verify names what an expression matches"):
        answer = owner.hub.post(f"{_base(name)}/immutabletags/verify", {"regex": r"v\d\.0"}).expect(200)
        require_equal("tags", sorted(answer["tags"]), ["v1.0", "v2.0", "v3.0"])
        owner.hub.post(f"{_base(name)}/immutabletags/verify", {"regex": "("}).refuses_field("regex")
        owner.hub.post(f"{_base(name)}/immutabletags/verify", {}).refuses_field("regex")
    with checks.check("immutable tags: all of them without rules; off again, everything moves"):
        path = f"{_base(name)}/immutabletags"
        owner.hub.patch(path, {"immutable_tags": True, "immutable_tags_rules": []}).expect(200)
        require_equal("moved", move("dev", first), 403)
        owner.hub.patch(path, {"immutable_tags": False, "immutable_tags_rules": []}).expect(200)
        require_equal("moved", move("dev", first), 201)
        owner.hub.patch(path, {"immutable_tags": True, "immutable_tags_rules": ["["]}).refuses_field("immutable_tags_rules")


def _official(context):
    world, checks = context.world, context.checks
    admin = world.admin
    with checks.check("official images: one segment means library"):
        name = world.repository(admin, namespace="library", stem="official")
        short = name.split("/")[1]
        world.image(admin, name, "v1", "v2")
        listed = every_page(world.nobody, f"/v2/repositories/{short}/tags")
        require_equal("tags", sorted(tag["name"] for tag in listed), ["v1", "v2"])
        require_equal("tag", world.nobody.get(f"/v2/repositories/{short}/tags/v1").expect(200)["name"], "v1")
        images = [world.nobody.get(f"/v2/repositories/{path}/tags/v1/images").expect(200) for path in (short, name)]
        require(images[0] and images[0] == images[1], str(images))
        admin.hub.delete(f"/v2/repositories/{short}/tags/v1/").expect(204)
        world.nobody.get(f"/v2/repositories/library/{short}/tags/v1").refuses(404)


def _images(context):
    world, checks = context.world, context.checks
    owner = world.person("imgs")
    name = world.repository(owner)
    old = world.image(owner, name, "moving", "first")
    new = world.image(owner, name, "moving")
    short = name.split("/")[1]

    with checks.check("images: each with its tags, of today and of before"):
        listed = {image["digest"]: image for image in every_page(owner.hub, f"{_base(name)}/images")}
        require_equal("digests", set(listed), {old.digest, new.digest})
        require_equal("tags of the first", sorted((t["tag"], t["is_current"]) for t in listed[old.digest]["tags"]),
                      [("first", True), ("moving", False)])
        require_equal("tags of the second", [(t["tag"], t["is_current"]) for t in listed[new.digest]["tags"]], [("moving", True)])
        require_equal("names", {(i["namespace"], i["repository"]) for i in listed.values()}, {(owner.name, short)})
        tags = every_page(owner.hub, f"{_base(name)}/images/{old.digest}/tags")
        require_equal("tags alone", sorted((t["tag"], t["is_current"]) for t in tags), [("first", True), ("moving", False)])
    with checks.check("images: filters and the summary"):
        only = lambda **query: {i["digest"] for i in owner.hub.get(f"{_base(name)}/images", **query).expect(200)["results"]}
        require_equal("active", only(status="active"), {old.digest, new.digest})
        require_equal("inactive", only(status="inactive"), set())
        require_equal("tagged", only(currently_tagged="true"), {old.digest, new.digest})
        summary = owner.hub.get(f"{_base(name)}/images-summary").expect(200)
        require_equal("summary", summary["statistics"], {"total": 2, "active": 2, "inactive": 0})
        owner.hub.get(f"{_base(name)}/images", status="lost").refuses_field("status")
        owner.hub.get(f"{_base(name)}/images", ordering="name").refuses_field("ordering")
        owner.hub.get(f"{_base(name)}/images", active_from="yesterday").refuses_field("active_from")
        owner.hub.get(f"{_base(name)}/images/sha256:{'0' * 64}/tags").refuses(404)
    with checks.check("manifests: the cursor walks over each once"):
        seen, key = [], None
        while True:
            page = owner.hub.get(f"{_base(name)}/manifests", page_size=1, **({"last_evaluated_key": key} if key else {})).expect(200)
            seen += [manifest["digest"] for manifest in page["manifests"]]
            key = page["last_evaluated_key"]
            if not key:
                break
            require(len(seen) < 10, "no end")
        require_equal("manifests", sorted(seen), sorted([old.digest, new.digest]))
        owner.hub.get(f"{_base(name)}/manifests", last_evaluated_key="nonsense").refuses_field("last_evaluated_key")


def _delete_images(context):
    world, checks = context.world, context.checks
    owner = world.person("delim")
    name = world.repository(owner)
    short = name.split("/")[1]
    image = world.image(owner, name, "v1", "v2")
    path = f"/v2/namespaces/{owner.name}/delete-images"
    manifests = [{"repository": short, "digest": image.digest}]
    accept = [{"repository": short, "digest": image.digest, "warning": warning, **more}
              for warning, more in (("is_active", {}), ("current_tag", {"tags": ["v1", "v2"]}))]

    with checks.check("delete images: warns of what is in use, and changes nothing"):
        body = owner.hub.post(path, {"manifests": manifests}).refuses(400)
        require_equal("type", body["errinfo"]["type"], "validation")
        warnings = body["errinfo"]["details"]["warnings"]
        require_equal("warnings", {w["warning"] for w in warnings}, {"is_active", "current_tag"})
        require_equal("tags", len(every_page(owner.hub, f"{_base(name)}/tags")), 2)
    with checks.check("delete images: a dry run counts, and changes nothing"):
        body = owner.hub.post(path, {"dry_run": True, "manifests": manifests, "ignore_warnings": accept}).expect(200)
        require_equal("answer", body, {"dry_run": True, "metrics": {
            "manifest_deletes": 1, "manifest_errors": 0, "tag_deletes": 2, "tag_errors": 0}})
        require_equal("tags", len(every_page(owner.hub, f"{_base(name)}/tags")), 2)
    with checks.check("delete images: what is not there is named"):
        body = owner.hub.post(path, {"manifests": [{"repository": short, "digest": "sha256:" + "0" * 64}]}).refuses(400)
        require_equal("errors", [e["error"] for e in body["errinfo"]["details"]["errors"]], ["not_found"])
        owner.hub.post(path, {}).refuses_field("manifests")
    with checks.check("delete images: done, tags and all"):
        body = owner.hub.post(path, {"manifests": manifests, "ignore_warnings": accept}).expect(200)
        require_equal("metrics", body["metrics"]["tag_deletes"], 2)
        require_equal("tags", every_page(owner.hub, f"{_base(name)}/tags"), [])
        require_equal("pull", owner.registry(name).manifest(name, image.digest).status, 404)
