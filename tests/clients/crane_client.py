"""crane: go-containerregistry's command."""

import json

from checks import require, require_equal
from harness import missing, refused, require_layout, run, stdout_of
from images import Image, Index, write_index_layout, write_layout


def check(context, crane):
    if not crane:
        context.checks.skip("crane", "not installed, and no Go to install it with")
        return
    work = context.folder("crane")
    environment = {"DOCKER_CONFIG": str(work / "config")}
    repository = f"{context.host}/alice/crane"
    image, index = Image("crane"), Index("crane-multi")
    checks = context.checks

    def do(*arguments, env=None):
        return run(crane, *arguments, env=env or environment)

    def lines(*arguments, env=None):
        return stdout_of(crane, *arguments, env=env or environment).split()

    def login(account, folder, password=None):
        config = {"DOCKER_CONFIG": str(work / folder)}
        run(crane, "auth", "login", context.host, "-u", account.name, "--password-stdin",
            stdin=password or account.password, env=config)
        return config

    with checks.check("crane: a wrong password is refused"):
        wrong = login(context.alice, "wrong", "not the password")
        refused(crane, "digest", f"{repository}:v1", env=wrong)
    with checks.check("crane: login"):
        login(context.alice, "config")
    with checks.check("crane: push"):
        do("push", write_layout(work / "image", image), f"{repository}:v1")
        require_equal("digest", lines("digest", f"{repository}:v1"), [image.digest])
    with checks.check("crane: pull by tag, every byte the same"):
        do("pull", "--format=oci", f"{repository}:v1", work / "by-tag")
        require_layout(work / "by-tag", image.digest)
    with checks.check("crane: pull by digest, every byte the same"):
        do("pull", "--format=oci", f"{repository}@{image.digest}", work / "by-digest")
        require_layout(work / "by-digest", image.digest)
    with checks.check("crane: push of a multi-architecture image"):
        do("push", "--index", write_index_layout(work / "multi", index), f"{repository}:multi")
        require_equal("digest", lines("digest", f"{repository}:multi"), [index.digest])
    with checks.check("crane: pull of a multi-architecture image, every byte the same"):
        do("pull", "--format=oci", f"{repository}:multi", work / "multi-all")
        require_layout(work / "multi-all", index.digest)
        do("validate", "--remote", f"{repository}:multi")
    with checks.check("crane: pull of one architecture of it"):
        do("pull", "--format=oci", "--platform", "linux/arm64", f"{repository}:multi", work / "arm64")
        require_layout(work / "arm64", index.images[1].digest)
    with checks.check("crane: copy to another repository mounts the blobs"):
        output = do("copy", f"{repository}:v1", f"{repository}-mounted:v1")
        require("mounted blob" in output, "nothing was mounted:\n" + output[-1500:])
        require_equal("digest", lines("digest", f"{repository}-mounted:v1"), [image.digest])
    with checks.check("crane: tag, and list the tags"):
        do("tag", f"{repository}:v1", "v2")
        require_equal("tags", lines("ls", repository), ["multi", "v1", "v2"])
    with checks.check("crane: sync of a repository with all its tags"):
        do("copy", "--all-tags", repository, f"{repository}-synced")
        require_equal("tags", lines("ls", f"{repository}-synced"), ["multi", "v1", "v2"])
        require_equal("digest", lines("digest", f"{repository}-synced:multi"), [index.digest])
        do("validate", "--remote", f"{repository}-synced:multi")
    with checks.check("crane: the administrator lists the repositories"):
        names = lines("catalog", context.host, env=login(context.admin, "admin"))
        for name in ("alice/crane", "alice/crane-mounted"):
            require(name in names, f"{name} is not in {names}")
    with checks.check("crane: delete a tag, and the others stay"):
        do("delete", f"{repository}:v2")
        missing(crane, "digest", f"{repository}:v2", env=environment)
        require_equal("digest", lines("digest", f"{repository}:v1"), [image.digest])
    with checks.check("crane: delete a manifest, and its tags go"):
        do("delete", f"{repository}-mounted@{image.digest}")
        missing(crane, "digest", f"{repository}-mounted:v1", env=environment)
    with checks.check("crane: a manifest is answered as it was pushed"):
        require_equal("manifest", json.loads(stdout_of(crane, "manifest", f"{repository}:v1", env=environment)),
                      json.loads(image.manifest))
    with checks.check("crane: another user may not pull"):
        refused(crane, "pull", f"{repository}:v1", work / "not-bobs.tar", env=login(context.bob, "bob"))
    with checks.check("crane: without a login a private image is out of reach"):
        refused(crane, "digest", f"{repository}:v1", env={"DOCKER_CONFIG": str(work / "nobody")})
