"""Inside an image: files of its layers and of the merged file system, previews, largest files, waste, comparison."""

import gzip
import io
import json
import tarfile
import time
import urllib.parse
import zlib

from checks import Failed, require, require_equal
from registry_client import IMAGE_CONFIG, IMAGE_LAYER, IMAGE_MANIFEST, digest_of
from world import Index, push

FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
ABSENT = "sha256:" + "5" * 64
PROGRESS = {"state", "layers_done", "layers_total", "bytes_done", "bytes_total", "reason", "retry_after"}
ENTRY = {"path", "type", "size", "mode", "uid", "gid", "modified_at", "link_target", "change", "layer"}


class Layers:
    """An image of given layers; each is the bytes of a blob, or a descriptor of one that is not pushed."""

    def __init__(self, layers, config=None, media_type=IMAGE_LAYER, config_type=IMAGE_CONFIG):
        self.config = json.dumps({"architecture": "amd64", "os": "linux", "config": config or {},
                                  "rootfs": {"type": "layers", "diff_ids": []}}).encode()
        self.blobs = [self.config, *(layer for layer in layers if isinstance(layer, bytes))]
        self.layers = [layer if isinstance(layer, dict) else
                       {"mediaType": media_type, "digest": digest_of(layer), "size": len(layer)} for layer in layers]
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "layers": self.layers,
            "config": {"mediaType": config_type, "digest": digest_of(self.config), "size": len(self.config)}}).encode()
        self.digest = digest_of(self.manifest)
        self.size = sum(layer["size"] for layer in self.layers)


def layer(*entries, pack=True):
    """A layer of (name, content) files, (name, None) folders and (name, "symlink" or "hardlink", target)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content, *target in entries:
            info = tarfile.TarInfo(name)
            info.mtime, info.uid = 1_700_000_000, 7
            if target:
                info.type = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE}[content]
                info.linkname, content = target[0], b""
            elif content is None:
                info.type, info.mode, content = tarfile.DIRTYPE, 0o755, b""
            else:
                content = content.encode() if isinstance(content, str) else content
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0) if pack else buffer.getvalue()


def bomb():
    """Half a gigabyte of zeros, made piece by piece."""
    info = tarfile.TarInfo("zeros")
    info.size = 512 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packer.compress(info.tobuf())]
    for _ in range(512):
        pieces.append(packer.compress(bytes(1 << 20)))
    return b"".join([*pieces, packer.compress(bytes(1024)), packer.flush()])


def dpkg(**versions):
    return "".join(f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n"
                   for name, version in versions.items())


BASE = layer(("etc", None), ("etc/os-release", "ID=test\n"), ("usr/lib/libz.so", b"\x7fELF\0\0"), ("lib", "symlink", "usr/lib"),
             ("opt/data", "x" * 5000), ("opt/keep", "k"), ("var/lib/dpkg/status", dpkg(libc6="2.36", gone="1")))
APP = layer(("etc", None), ("etc/motd", "hello\n"), ("opt/.wh.data", ""), ("app/run.sh", "#!/bin/sh\nexec true\n"),
            ("app/again", "hardlink", "app/run.sh"), ("lib/plugin", "p"), ("big", b"B" * 70_000),
            ("var/lib/dpkg/status", dpkg(libc6="2.37", new="1")))
LAST = layer(("big", b"b" * 90_000), ("etc/motd", "bye\n"), pack=False)


def check(context):
    owner = context.world.person("layers")
    name = context.world.repository(owner, stem="inside")
    image = Layers([BASE, APP, LAST], {"Cmd": ["/app/run.sh"], "Env": ["A=1", "B=2"], "Labels": {"v": "1"}})
    push(owner.registry(name), name, image, "v1")
    _progress(context, name, image)
    _files(context, name, image)
    _previews(context, name, image)
    _insights(context, name, image)
    _single_layers(context, owner, name, image)
    _comparison(context, owner, name, image)
    _refused(context, owner)
    _artifacts(context, owner)
    _indexes(context, owner)
    _rights(context, owner)


def _of(name):
    return f"/api/berth/v1/repositories/{name}"


def _once_read(hub, address, /, **query):
    """The answer when the layers have been read; a layer that can't be is a failure."""
    end = time.monotonic() + 60
    while True:
        answer = hub.get(address, **query)
        if answer.status != 202:
            return answer
        progress = answer.json()
        require(set(progress) == PROGRESS and progress["state"] in ("waiting", "running"), str(answer))
        require(0 <= progress["bytes_done"] <= progress["bytes_total"], str(answer))
        require(answer.headers.get("retry-after") == str(progress["retry_after"]), str(answer.headers))
        require(time.monotonic() < end, f"{answer}: still not read")
        time.sleep(0.1)


def _failure(hub, address, /, **query):
    """The reason why layers can't be read, once that is known."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        progress = hub.get(address, **query).expect(202)
        if progress["state"] == "failed":
            return progress["reason"]
        time.sleep(0.1)
    raise Failed(f"{address} does not fail")


def _signs(items):
    return [f"{item['change'][0]} {item['path']}" for item in items]


def _progress(context, name, image):
    world, checks = context.world, context.checks
    with checks.check("files: 202 while the layers are read for the first time, then 200"):
        body = _once_read(world.nobody, f"{_of(name)}/images/v1/files").expect(200)
        require_equal("path, next", (body["path"], body["next"]), ("/", None))
    with checks.check("files: by digest the same as by tag, and at once"):
        by_tag = world.nobody.get(f"{_of(name)}/images/v1/files").expect(200)
        require_equal("lists", world.nobody.get(f"{_of(name)}/images/{image.digest}/files").expect(200), by_tag)


def _files(context, name, image):
    world, checks = context.world, context.checks
    base, app, last = (one["digest"] for one in image.layers)
    path = f"{_of(name)}/images/v1/files"

    def listing(folder, **query):
        return world.nobody.get(path, path=folder, **query).expect(200)

    with checks.check("files: the root, marked against the bottom layer"):
        items = listing("/")["items"]
        require(all(ENTRY <= set(item) for item in items), str(items))
        require_equal("marks", _signs(items), ["a /app", "a /big", "c /etc", "u /lib", "c /opt", "c /usr", "c /var"])
        require_equal("types", [item["type"] for item in items],
                      ["directory", "file", "directory", "symlink", "directory", "directory", "directory"])
        require_equal("link", items[3]["link_target"], "usr/lib")
        require_equal("big", (items[1]["size"], items[1]["layer"], items[1]["uid"], items[1]["modified_at"]),
                      (90_000, last, 7, "2023-11-14T22:13:20.000000Z"))
        require_equal("children", (items[0]["children"], "children" in items[1]), (2, False))
    with checks.check("files: what a later layer deleted stays, with the layer that did it"):
        items = listing("/opt")["items"]
        require_equal("marks", _signs(items), ["d /opt/data", "u /opt/keep"])
        require_equal("layer", items[0]["layer"], app)
    with checks.check("files: a symbolic link to a folder is followed, also when a layer wrote through it"):
        body = listing("/lib")
        require_equal("path", body["path"], "/usr/lib")
        require_equal("marks", _signs(body["items"]), ["u /usr/lib/libz.so", "a /usr/lib/plugin"])
        require_equal("layer", body["items"][0]["layer"], base)
    with checks.check("files: hard links have the size and name of what they link to"):
        again = listing("/app")["items"][0]
        require_equal("entry", (again["type"], again["size"], again["link_target"]), ("hardlink", 20, "/app/run.sh"))
    with checks.check("files: pages by cursor"):
        seen, cursor = [], ""
        while cursor is not None:
            page = listing("/", limit=2, **({"cursor": cursor} if cursor else {}))
            require(len(page["items"]) <= 2, str(page))
            seen += page["items"]
            cursor = page["next"]
        require_equal("all pages", seen, listing("/")["items"])
        require(len(listing("/", limit=100_000)["items"]) == 7, "a limit that is too large is lowered")
    with checks.check("files: bad input and what is missing"):
        world.nobody.get(path, path="/nothing").refuses(404)
        world.nobody.get(path, path="/etc/motd").refuses_field("path")
        world.nobody.get(path, path="/" + "x" * 20_000).refuses(404)
        world.nobody.get(path, cursor="!").refuses_field("cursor")
        world.nobody.get(path, limit="many").refuses_field("limit")
        world.nobody.get(path, platform="plan9/mips").refuses(404)
        world.nobody.get(f"{_of(name)}/images/nothing/files").refuses(404)
        world.nobody.get(f"{_of(name)}/images/{ABSENT}/files").refuses(404)
        require_equal("..", listing("/etc/../opt")["path"], "/opt")


def _previews(context, name, image):
    world, checks = context.world, context.checks
    path = f"{_of(name)}/images/v1/file"
    with checks.check("file: its text, from the layer that wrote it last"):
        require_equal("motd", world.nobody.get(path, path="/etc/motd").expect(200), {
            "path": "/etc/motd", "size": 4, "layer": image.layers[2]["digest"], "binary": False, "truncated": False,
            "text": "bye\n", "mime_type": "text/plain"})
    with checks.check("file: links are followed"):
        require_equal("through a folder", world.nobody.get(path, path="/lib/plugin").expect(200)["text"], "p")
        linked = world.nobody.get(path, path="/app/again").expect(200)
        require_equal("hard", (linked["text"], linked["mime_type"]), ("#!/bin/sh\nexec true\n", "text/x-shellscript"))
    with checks.check("file: binary files say only what they are"):
        shown = world.nobody.get(path, path="/usr/lib/libz.so").expect(200)
        require_equal("libz", (shown["binary"], shown["text"], shown["mime_type"]), (True, "", "application/x-executable"))
    with checks.check("file: bad input and what is missing"):
        world.nobody.get(path).refuses_field("path")
        world.nobody.get(path, path="/etc").refuses_field("path")
        world.nobody.get(path, path="/nothing").refuses(404)
        world.nobody.get(path, path="/opt/data").refuses(404)
        world.nobody.get(f"{_of(name)}/images/nothing/file", path="/etc/motd").refuses(404)


def _insights(context, name, image):
    world, checks = context.world, context.checks
    digests = [one["digest"] for one in image.layers]
    with checks.check("largest files: the greatest first, in pages, without what was deleted"):
        path = f"{_of(name)}/images/v1/largest-files"
        everything = world.nobody.get(path).expect(200)["items"]
        sizes = [item["size"] for item in everything]
        require_equal("order", sizes, sorted(sizes, reverse=True))
        require_equal("first", (everything[0]["path"], everything[0]["size"]), ("/big", 90_000))
        require("/opt/data" not in [item["path"] for item in everything], str(everything))
        first = world.nobody.get(path, limit=1).expect(200)
        rest = world.nobody.get(path, cursor=first["next"]).expect(200)
        require_equal("pages", first["items"] + rest["items"], everything)
        world.nobody.get(path, cursor="x").refuses_field("cursor")
    with checks.check("wasted space: every byte that later layers hide, and the share that is of use"):
        path = f"{_of(name)}/images/v1/wasted"
        body = world.nobody.get(path).expect(200)
        old_status = len(dpkg(libc6="2.36", gone="1"))
        require_equal("wasted", body["wasted"], 70_000 + 5000 + old_status + len("hello\n"))
        require(0 < body["efficiency"] < 1, str(body["efficiency"]))
        require_equal("first", body["items"][0],
                      {"path": "/big", "wasted": 70_000, "copies": 2, "layers": digests[1:]})
        require_equal("second", body["items"][1],
                      {"path": "/opt/data", "wasted": 5000, "copies": 1, "layers": digests[:1]})
        page = world.nobody.get(path, limit=1).expect(200)
        require_equal("page", (page["items"], page["wasted"]), (body["items"][:1], body["wasted"]))
        require_equal("next", world.nobody.get(path, cursor=page["next"]).expect(200)["items"], body["items"][1:])
        world.nobody.get(path, cursor="x").refuses_field("cursor")


def _single_layers(context, owner, name, image):
    world, checks = context.world, context.checks
    path = f"{_of(name)}/layers/{image.layers[1]['digest']}"
    with checks.check("layer: its own entries, whiteouts among them"):
        body = world.nobody.get(f"{path}/files", path="/opt").expect(200)
        require_equal("opt", [(i["path"], i["type"], i["change"]) for i in body["items"]],
                      [("/opt/data", "whiteout", "deleted")])
        require_equal("root", _signs(world.nobody.get(f"{path}/files").expect(200)["items"]),
                      ["u /app", "a /big", "a /etc", "u /lib", "u /opt", "u /var"])
    with checks.check("layer of an image: what it adds and what it changes told apart"):
        body = world.nobody.get(f"{path}/files", path="/", image="v1").expect(200)
        require_equal("root", _signs(body["items"]), ["a /app", "a /big", "c /etc", "c /lib", "c /opt", "c /var"])
        last = f"{_of(name)}/layers/{image.layers[2]['digest']}/files"
        require_equal("etc", _signs(world.nobody.get(last, path="/etc", image=image.digest).expect(200)["items"]),
                      ["c /etc/motd"])
        other = Layers([layer(("other", "1"))])
        push(owner.registry(name), name, other, "other")
        world.nobody.get(f"{path}/files", image="other").refuses_field("image")
        world.nobody.get(f"{path}/files", image="nothing").refuses(404)
    with checks.check("layer: a file of it"):
        shown = world.nobody.get(f"{path}/file", path="/etc/motd").expect(200)
        require_equal("text", (shown["text"], shown["layer"]), ("hello\n", image.layers[1]["digest"]))
        world.nobody.get(f"{path}/file", path="/opt/data").refuses(404)
        world.nobody.get(f"{path}/file", path="/opt").refuses_field("path")
        world.nobody.get(f"{path}/file").refuses_field("path")
    with checks.check("layer: one that the repository does not hold is not found, whoever has it"):
        person = world.person("holder")
        elsewhere = world.repository(person)
        for digest in (image.layers[0]["digest"], ABSENT, "sha256:short", "nothing"):
            for operation in ("files", "file?path=/x"):
                world.nobody.get(f"{_of(elsewhere)}/layers/{urllib.parse.quote(digest)}/{operation}").refuses(404)


def _comparison(context, owner, name, image):
    world, checks = context.world, context.checks
    other = Layers([BASE, layer(("etc/os-release", "ID=test\n"), ("etc/motd", "new\n"), ("opt/.wh.keep", ""),
                                ("var/lib/dpkg/status", dpkg(libc6="2.40", gone="1")))],
                   {"Cmd": ["/app/run.sh", "-v"], "Env": ["A=1", "C=3"], "Labels": {"v": "2"}})
    push(owner.registry(name), name, other, "v2")
    path = f"{_of(name)}/compare"
    with checks.check("compare: sizes, layers, configuration, packages, files"):
        body = _once_read(world.nobody, path, base="v2", target="v1").expect(200)
        require_equal("sides", [(side["reference"], side["digest"], side["size"]) for side in (body["base"], body["target"])],
                      [("v2", other.digest, other.size), ("v1", image.digest, image.size)])
        require_equal("platform", body["base"]["platform"],
                      {"os": "linux", "architecture": "amd64", "variant": "", "os_version": ""})
        require_equal("size change", body["size_change"], image.size - other.size)
        require_equal("layers", body["layers"], {
            "shared": 1, "base_only": 1, "target_only": 2, "shared_bytes": len(BASE), "target_only_bytes": len(APP) + len(LAST)})
        require_equal("configuration", body["configuration"], [
            {"field": "cmd", "base": '["/app/run.sh","-v"]', "target": '["/app/run.sh"]'},
            {"field": "env.B", "base": None, "target": "2"}, {"field": "env.C", "base": "3", "target": None},
            {"field": "labels.v", "base": "2", "target": "1"}])
        require_equal("packages", body["packages"], {
            "added": [{"ecosystem": "deb", "name": "new", "version": "1"}],
            "removed": [{"ecosystem": "deb", "name": "gone", "version": "1"}],
            "changed": [{"ecosystem": "deb", "name": "libc6", "base_version": "2.40", "target_version": "2.37"}],
            "truncated": False})
        files = body["files"]
        require_equal("counts", (files["added"], files["removed"], files["changed"]), (5, 1, 2))
        require_equal("files", [(one["change"], one["path"]) for one in files["items"]], [
            ("added", "/app/again"), ("added", "/app/run.sh"), ("added", "/big"), ("changed", "/etc/motd"),
            ("removed", "/opt/data"), ("added", "/opt/keep"), ("added", "/usr/lib/plugin"),
            ("changed", "/var/lib/dpkg/status")])
        require_equal("sizes", [(one["base_size"], one["target_size"]) for one in files["items"][2:5]],
                      [(0, 90_000), (4, 4), (5000, 0)])
    with checks.check("compare: files in pages, and with itself nothing"):
        first = world.nobody.get(path, base="v2", target="v1", limit=3).expect(200)["files"]
        rest = world.nobody.get(path, base="v2", target="v1", cursor=first["next"]).expect(200)["files"]
        require_equal("pages", first["items"] + rest["items"], files["items"])
        same = world.nobody.get(path, base="v1", target=image.digest).expect(200)
        require_equal("same", (same["files"]["items"], same["configuration"], same["size_change"]), ([], [], 0))
    with checks.check("compare: bad input and what is missing"):
        world.nobody.get(path, base="v1").refuses_field("target")
        world.nobody.get(path, target="v1").refuses_field("base")
        world.nobody.get(path, base="", target="v1").refuses_field("base")
        world.nobody.get(path, base="v1", target="v2", cursor="x").refuses_field("cursor")
        world.nobody.get(path, base="v1", target="nothing").refuses(404)
        world.nobody.get(path, base="v1", target="v2", platform="plan9").refuses(404)


def _refused(context, owner):
    world, checks = context.world, context.checks
    name = world.repository(owner, stem="hostile")
    session = owner.registry(name)
    for tag, blob, reason in (
            ("traversal", layer(("../../etc/passwd", "x")), "A name leads out of its folder: ../../etc/passwd."),
            ("bomb", bomb(), "The layer is compressed more than 250 times"),
            ("cut", BASE[:len(BASE) // 2], "The gzip stream ends too early."),
            ("text", b"no archive at all", "The layer is no tar archive"),
            ("empty whiteout", layer(("a/.wh.", "")), "A whiteout names nothing: a/.wh..")):
        with checks.check(f"refused for good, with its reason: {tag}"):
            image = Layers([BASE, blob])
            push(session, name, image)
            for _ in range(2):
                told = _failure(world.nobody, f"{_of(name)}/images/{image.digest}/files")
                require_equal("reason", told.startswith(f"Layer {digest_of(blob)} can't be read. {reason}"), True)
            for operation in ("largest-files", "wasted", "file?path=/etc"):
                progress = world.nobody.get(f"{_of(name)}/images/{image.digest}/{operation}").expect(202)
                require_equal("state, reason", (progress["state"], progress["reason"]), ("failed", told))
            require_equal("layer", _failure(world.nobody, f"{_of(name)}/layers/{digest_of(blob)}/files"), told)
            compared = _failure(world.nobody, f"{_of(name)}/compare", base=image.digest, target=image.digest)
            require_equal("compared", compared, told)
            _once_read(world.nobody, f"{_of(name)}/layers/{digest_of(BASE)}/files").expect(200)
    with checks.check("hostile names are shown harmless, and found by what is shown"):
        image = Layers([layer(("red\x1b[31m", "ansi"), ("turn\u202egpj.exe", "bidi"), ("<img src=x>", "html"))])
        push(session, name, image, "names")
        items = _once_read(world.nobody, f"{_of(name)}/images/names/files").expect(200)["items"]
        require_equal("names", [item["path"] for item in items],
                      ["/<img src=x>", "/red\\x1b[31m", "/turn\\xe2\\x80\\xaegpj.exe"])
        shown = world.nobody.get(f"{_of(name)}/images/names/file", path=items[1]["path"]).expect(200)
        require_equal("text", shown["text"], "ansi")


def _artifacts(context, owner):
    world, checks = context.world, context.checks
    name = world.repository(owner, stem="artifact")
    session = owner.registry(name)
    with checks.check("a layer that lies elsewhere is named; the others can be looked at"):
        image = Layers([{"mediaType": FOREIGN, "digest": ABSENT, "size": 7, "urls": ["https://example.com/base"]}, APP])
        push(session, name, image, "foreign")
        told = world.nobody.get(f"{_of(name)}/images/foreign/files").expect(202)
        require_equal("state", told["state"], "failed")
        require(ABSENT in told["reason"] and "not stored here" in told["reason"], told["reason"])
        require_equal("layer", world.nobody.get(f"{_of(name)}/layers/{ABSENT}/files").expect(202)["state"], "failed")
        own = f"{_of(name)}/layers/{image.layers[1]['digest']}/files"
        require(_once_read(world.nobody, own, image="foreign").expect(200)["items"], "nothing in the layer")
    with checks.check("an artifact that is no file system says so; an image without layers is empty"):
        sbom = Layers([b"{}"], media_type="application/vnd.in-toto+json", config_type="application/vnd.example+json")
        push(session, name, sbom, "sbom")
        told = world.nobody.get(f"{_of(name)}/images/sbom/files").expect(202)
        require_equal("state", told["state"], "failed")
        require("application/vnd.in-toto+json, which is no file system" in told["reason"], told["reason"])
        push(session, name, Layers([]), "scratch")
        require_equal("scratch", world.nobody.get(f"{_of(name)}/images/scratch/files").expect(200)["items"], [])
        waste = world.nobody.get(f"{_of(name)}/images/scratch/wasted").expect(200)
        require_equal("waste", (waste["efficiency"], waste["wasted"]), (1, 0))
    with checks.check("an artifact of an archive can be looked at"):
        chart = Layers([layer(("chart/Chart.yaml", "name: x\n"))], config_type="application/vnd.cncf.helm.config.v1+json",
                       media_type="application/vnd.cncf.helm.chart.content.v1.tar+gzip")
        push(session, name, chart, "chart")
        _once_read(world.nobody, f"{_of(name)}/images/chart/files").expect(200)
        shown = world.nobody.get(f"{_of(name)}/images/chart/file", path="/chart/Chart.yaml").expect(200)
        require_equal("file", (shown["text"], shown["mime_type"]), ("name: x\n", "application/yaml"))


def _indexes(context, owner):
    world, checks = context.world, context.checks
    name = world.repository(owner, stem="multi")
    index = Index(world.name("seed"))
    push(owner.registry(name), name, index, "multi")
    with checks.check("an index: its amd64 image, or the one of the platform"):
        for architecture, query in (("amd64", {}), ("arm64", {"platform": "linux/arm64"})):
            want = next(image for image in index.images if image.architecture == architecture)
            items = _once_read(world.nobody, f"{_of(name)}/images/multi/files", **query).expect(200)["items"]
            require_equal("layer", items[0]["layer"], want.layers[0]["digest"])
        body = world.nobody.get(f"{_of(name)}/compare", base=index.images[0].digest, target=index.images[1].digest)
        require_equal("configuration", body.expect(200)["configuration"],
                      [{"field": "architecture", "base": "amd64", "target": "arm64"}])


def _rights(context, owner):
    world, checks = context.world, context.checks
    name = world.repository(owner, stem="secret", private=True)
    image = Layers([BASE])
    push(owner.registry(name), name, image, "v1")
    stranger = world.person("stranger")
    operations = ["images/v1/files", "images/v1/file?path=/etc/os-release", "images/v1/largest-files", "images/v1/wasted",
                  f"layers/{digest_of(BASE)}/files", f"layers/{digest_of(BASE)}/file?path=/etc/os-release",
                  "compare?base=v1&target=v1"]
    for operation in operations:
        with checks.check(f"who may pull may look, nobody else: {operation.split('?', maxsplit=1)[0].rsplit('/', maxsplit=1)[-1]}"):
            _once_read(owner.hub, f"{_of(name)}/{operation}").expect(200)
            for hub in (world.nobody, stranger.hub):
                hidden = hub.get(f"{_of(name)}/{operation}").refuses(404)
                missing = hub.get(f"{_of(owner.name + '/nothing')}/{operation}").refuses(404)
                require_equal("as if missing", hidden["message"], missing["message"])
