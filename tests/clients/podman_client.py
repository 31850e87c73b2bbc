"""podman: its own storage in a folder, so nothing of the machine's is touched."""

import json

from checks import require, require_equal
from harness import refused, run, stdout_of, tool
from images import Image, write_layout


def check(context):
    podman = tool("podman")
    if not podman:
        context.checks.skip("podman", "not installed")
        return
    work = context.folder("podman")
    storage = (podman, "--root", work / "root", "--runroot", work / "run", "--tmpdir", work / "tmp",
               "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc")
    access = ("--tls-verify=false", "--authfile", work / "auth.json")
    repository = f"{context.host}/alice/podman"
    images = {architecture: Image("podman", architecture) for architecture in ("amd64", "arm64")}
    pushed = {}
    checks = context.checks

    def inspect(reference):
        return json.loads(stdout_of(*storage, "image", "inspect", reference))[0]

    def push(reference, *options):
        file = work / "digest"
        run(*storage, "push", *access, "--digestfile", file, *options, reference)
        return file.read_text().strip()

    def pull_afresh(reference, image, digest, *options):
        run(*storage, "image", "rm", "--all", "--force")
        run(*storage, "pull", *access, *options, reference)
        pulled = inspect(reference)
        require_equal("image id", "sha256:" + pulled["Id"], image.config_digest)
        require(any(entry.endswith("@" + digest) for entry in pulled["RepoDigests"]),
                f"pulled {pulled['RepoDigests']}, expected {digest}")

    def login(password):
        return (*storage, "login", *access, "-u", "alice", "--password-stdin", context.host), password

    with checks.check("podman: login with a wrong password is refused"):
        command, password = login("not the password")
        refused(*command, stdin=password)
    with checks.check("podman: login"):
        command, password = login(context.alice.password)
        run(*command, stdin=password)
    for architecture, image in images.items():
        with checks.check(f"podman: push of {architecture}"):
            layout = write_layout(work / architecture, image)
            run(*storage, "pull", f"oci:{layout}:v1")
            run(*storage, "tag", image.config_digest.split(":")[1], f"{repository}:{architecture}")
            pushed[architecture] = push(f"{repository}:{architecture}")
    with checks.check("podman: pull by tag"):
        pull_afresh(f"{repository}:amd64", images["amd64"], pushed["amd64"])
    with checks.check("podman: pull by digest"):
        pull_afresh(f"{repository}@{pushed['amd64']}", images["amd64"], pushed["amd64"])
    with checks.check("podman: push of a multi-architecture image"):
        run(*storage, "manifest", "create", "multi")
        for digest in pushed.values():
            run(*storage, "manifest", "add", *access, "multi", f"docker://{repository}@{digest}")
        run(*storage, "manifest", "push", *access, "--all", "multi", f"docker://{repository}:multi")
    for architecture, image in images.items():
        with checks.check(f"podman: pull of {architecture} from a multi-architecture image"):
            pull_afresh(f"{repository}:multi", image, pushed[architecture], "--arch", architecture)
    with checks.check("podman: push to another repository mounts the layers"):
        pull_afresh(f"{repository}:amd64", images["amd64"], pushed["amd64"])
        output = run(*storage, "--log-level=debug", "push", *access, f"{repository}:amd64",
                     f"docker://{repository}-mounted:v1")
        require("mount OK" in output, "nothing was mounted:\n" + output[-1500:])
    with checks.check("podman: list the tags"):
        output = stdout_of(*storage, "search", *access, "--list-tags", repository)
        tags = [line.split()[1] for line in output.splitlines()[1:]]
        require_equal("tags", tags, ["amd64", "arm64", "multi"])
    with checks.check("podman: another user may not pull"):
        run(*storage, "image", "rm", "--all", "--force")
        refused(*storage, "pull", "--tls-verify=false", "--creds", context.bobs_credentials(), f"{repository}:amd64")
    with checks.check("podman: logout, and a private image is out of reach"):
        run(*storage, "logout", "--authfile", work / "auth.json", context.host)
        refused(*storage, "pull", "--tls-verify=false", f"{repository}:arm64")
