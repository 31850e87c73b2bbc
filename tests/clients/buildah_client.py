"""buildah: builds upon private images and pushes what it built."""

import json

from checks import require, require_equal
from harness import refused, run, stdout_of, tool
from images import Image, write_layout


def check(context):
    buildah = tool("buildah")
    if not buildah:
        context.checks.skip("buildah", "not installed")
        return
    work = context.folder("buildah")
    storage = (buildah, "--root", work / "root", "--runroot", work / "run", "--storage-driver", "vfs")
    access = ("--tls-verify=false", "--authfile", work / "auth.json")
    repository = f"{context.host}/alice/buildah"
    base = Image("buildah")
    digests = {}
    checks = context.checks

    def push(reference):
        file = work / "digest"
        run(*storage, "push", *access, "--digestfile", file, reference, f"docker://{reference}")
        return file.read_text().strip()

    def identity(reference):
        return json.loads(stdout_of(*storage, "inspect", "--type", "image", reference))["FromImageID"]

    def build(architecture):
        folder = work / f"build-{architecture}"
        folder.mkdir()
        (folder / "Containerfile").write_text(f"FROM {repository}:base\nCOPY file /file\n")
        (folder / "file").write_text(f"for {architecture}")
        run(*storage, "bud", *access, "--isolation", "chroot", "--pull-always", "--arch", architecture,
            "-t", f"{repository}:{architecture}", folder)

    def login(password):
        return (*storage, "login", *access, "-u", "alice", "--password-stdin", context.host), password

    with checks.check("buildah: login with a wrong password is refused"):
        command, password = login("not the password")
        refused(*command, stdin=password)
    with checks.check("buildah: login"):
        command, password = login(context.alice.password)
        run(*command, stdin=password)
    with checks.check("buildah: push"):
        layout = write_layout(work / "base", base)
        run(*storage, "pull", f"oci:{layout}:v1")
        run(*storage, "tag", base.config_digest.split(":")[1], f"{repository}:base")
        digests["base"] = push(f"{repository}:base")
    with checks.check("buildah: pull by tag"):
        run(*storage, "rmi", "--all", "--force")
        run(*storage, "pull", *access, f"{repository}:base")
        require_equal("image id", "sha256:" + identity(f"{repository}:base"), base.config_digest)
    with checks.check("buildah: pull by digest"):
        run(*storage, "rmi", "--all", "--force")
        run(*storage, "pull", *access, f"{repository}@{digests['base']}")
        require_equal("image id", "sha256:" + identity(f"{repository}@{digests['base']}"), base.config_digest)
    with checks.check("buildah: build upon a private image, push, pull"):
        build("amd64")
        built = identity(f"{repository}:amd64")
        digests["amd64"] = push(f"{repository}:amd64")
        run(*storage, "rmi", "--all", "--force")
        run(*storage, "pull", *access, f"{repository}@{digests['amd64']}")
        require_equal("image id", identity(f"{repository}@{digests['amd64']}"), built)
    with checks.check("buildah: push of a multi-architecture image"):
        layout = write_layout(work / "arm64", Image("buildah", "arm64"))
        run(*storage, "pull", f"oci:{layout}:v1")
        run(*storage, "tag", Image("buildah", "arm64").config_digest.split(":")[1], f"{repository}:arm64")
        digests["arm64"] = push(f"{repository}:arm64")
        run(*storage, "manifest", "create", "multi")
        for architecture in ("amd64", "arm64"):
            run(*storage, "manifest", "add", *access, "multi",
                f"docker://{repository}@{digests[architecture]}")
        run(*storage, "manifest", "push", *access, "--all", "multi", f"docker://{repository}:multi")
    with checks.check("buildah: pull of one architecture of it"):
        run(*storage, "rmi", "--all", "--force")
        run(*storage, "pull", *access, "--arch", "arm64", f"{repository}:multi")
        require_equal("image id", "sha256:" + identity(f"{repository}:multi"),
                      Image("buildah", "arm64").config_digest)
    with checks.check("buildah: push to another repository mounts the layers"):
        run(*storage, "pull", *access, f"{repository}:base")
        output = run(*storage, "--log-level", "debug", "push", *access, f"{repository}:base",
                     f"docker://{repository}-mounted:v1")
        require("mount OK" in output, "nothing was mounted:\n" + output[-1500:])
    with checks.check("buildah: another user may not pull"):
        run(*storage, "rmi", "--all", "--force")
        refused(*storage, "pull", "--tls-verify=false", "--creds", context.bobs_credentials(), f"{repository}:base")
    with checks.check("buildah: logout, and a private image is out of reach"):
        run(*storage, "logout", "--authfile", work / "auth.json", context.host)
        run(*storage, "rmi", "--all", "--force")
        refused(*storage, "pull", *access, f"{repository}:base")
