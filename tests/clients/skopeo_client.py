"""skopeo: copies between an OCI layout and the registry, byte for byte."""

import json

from checks import require, require_equal
from harness import attempt, missing, refused, require_directory, require_layout, run, stdout_of, tool
from images import Image, Index, write_layout


def check(context):
    skopeo = tool("skopeo")
    if not skopeo:
        context.checks.skip("skopeo", "not installed")
        return
    work = context.folder("skopeo")
    auth = work / "auth.json"
    credentials = ("--authfile", auth)
    repository = f"docker://{context.host}/alice/skopeo"
    image, index = Image("skopeo"), Index("skopeo-multi")
    layout = write_layout(work / "image", image)
    multi = write_layout(work / "multi", index)
    source, target = "--src-tls-verify=false", "--dest-tls-verify=false"

    def login(password):
        return (skopeo, "login", "--tls-verify=false", *credentials, "-u", "alice", "--password-stdin",
                context.host), password

    def pull(reference, folder, *options):
        run(skopeo, "copy", source, *credentials, *options, reference, f"oci:{folder}:pulled")
        return folder

    checks = context.checks
    with checks.check("skopeo: login with a wrong password is refused"):
        command, password = login("not the password")
        refused(*command, stdin=password)
    with checks.check("skopeo: login"):
        command, password = login(context.alice.password)
        run(*command, stdin=password)
    with checks.check("skopeo: push"):
        run(skopeo, "copy", target, *credentials, f"oci:{layout}:v1", f"{repository}:v1")
    with checks.check("skopeo: inspect tells the digest that was pushed"):
        output = stdout_of(skopeo, "inspect", "--tls-verify=false", *credentials, f"{repository}:v1")
        require_equal("digest", json.loads(output)["Digest"], image.digest)
    with checks.check("skopeo: pull by tag, every byte the same"):
        require_layout(pull(f"{repository}:v1", work / "by-tag"), image.digest)
    with checks.check("skopeo: pull by digest, every byte the same"):
        require_layout(pull(f"{repository}@{image.digest}", work / "by-digest"), image.digest)
    with checks.check("skopeo: push of a multi-architecture image"):
        run(skopeo, "copy", "--all", target, *credentials, f"oci:{multi}:v1", f"{repository}:multi")
    with checks.check("skopeo: pull of a multi-architecture image, every byte the same"):
        require_layout(pull(f"{repository}:multi", work / "multi-all", "--all"), index.digest)
    with checks.check("skopeo: pull of one architecture of it"):
        folder = work / "arm64"
        run(skopeo, "--override-arch", "arm64", "copy", source, *credentials, f"{repository}:multi",
            f"oci:{folder}:pulled")
        require_layout(folder, index.images[1].digest)
    with checks.check("skopeo: copy to another repository mounts the blobs"):
        output = run(skopeo, "--debug", "copy", source, target, *credentials, f"{repository}:v1",
                     f"{repository}-mounted:v1")
        require("mount OK" in output, "no blob was mounted:\n" + output[-1500:])
        require_layout(pull(f"{repository}-mounted:v1", work / "mounted"), image.digest)
    with checks.check("skopeo: list the tags"):
        output = stdout_of(skopeo, "list-tags", "--tls-verify=false", *credentials, repository)
        require_equal("tags", json.loads(output)["Tags"], ["multi", "v1"])
    with checks.check("skopeo: sync a repository to a folder"):
        folder = work / "synced"
        folder.mkdir()
        run(skopeo, "sync", "--all", source, *credentials, "--src", "docker", "--dest", "dir",
            f"{context.host}/alice/skopeo", folder)
        require_directory(folder / "skopeo:v1", image.digest)
        require_directory(folder / "skopeo:multi", index.digest)
    with checks.check("skopeo: sync a folder to the registry"):
        run(skopeo, "sync", "--all", target, *credentials, "--src", "dir", "--dest", "docker",
            work / "synced", f"{context.host}/alice/synced")
        output = stdout_of(skopeo, "list-tags", "--tls-verify=false", *credentials,
                           f"docker://{context.host}/alice/synced/skopeo")
        require_equal("tags", json.loads(output)["Tags"], ["multi", "v1"])
    with checks.check("skopeo: delete"):
        run(skopeo, "delete", "--tls-verify=false", *credentials, f"{repository}-mounted:v1")
        missing(skopeo, "inspect", "--tls-verify=false", *credentials, f"{repository}-mounted:v1")
        status, output = attempt(skopeo, "inspect", "--tls-verify=false", *credentials, f"{repository}:v1")
        require(status == 0, "the other repository lost its image:\n" + output)
    with checks.check("skopeo: another user may not pull"):
        refused(skopeo, "copy", source, "--src-creds", context.bobs_credentials(), f"{repository}:v1",
                f"oci:{work / 'not-bobs'}:v1")
    with checks.check("skopeo: logout, and a private image is out of reach"):
        run(skopeo, "logout", *credentials, context.host)
        refused(skopeo, "inspect", "--tls-verify=false", *credentials, f"{repository}:v1")
