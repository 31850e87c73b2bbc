"""oras: artifacts, what refers to them, and moving both."""

import json

from checks import require, require_equal
from harness import missing, refused, require_layout, run, stdout_of
from images import Index, write_layout

REPORT = "application/vnd.example.report"
SIGNATURE = "application/vnd.example.signature"


def check(context, oras):
    if not oras:
        context.checks.skip("oras", "not installed, and no Go to install it with")
        return
    work = context.folder("oras")
    access = ("--plain-http", "--registry-config", work / "config.json")
    repository = f"{context.host}/alice/oras"
    artifact = f"{repository}:v1"
    checks = context.checks
    digests = {}
    index = Index("oras-multi")
    (work / "notes.txt").write_text("the notes of version 1\n")
    (work / "report.json").write_text('{"findings":[]}')
    (work / "signature.bin").write_bytes(bytes(range(256)))

    def do(*command, stdin=None):
        return run(oras, *command, *access, stdin=stdin, cwd=work)

    def answer(*command):
        return json.loads(stdout_of(oras, *command, *access))

    def attach(kind, file, media_type):
        output = stdout_of("env", "-C", work, oras, "attach", "--artifact-type", kind, "--format", "json",
                           *access, artifact, f"{file}:{media_type}")
        return json.loads(output)["digest"]

    def referrers(reference, *options):
        found = answer("discover", "--format", "json", *options, reference)
        return {entry["digest"]: entry["artifactType"]
                for entry in found.get("referrers", found.get("manifests")) or []}

    with checks.check("oras: login with a wrong password is refused"):
        refused(oras, "login", *access, "-u", "alice", "--password-stdin", context.host, stdin="not the password")
    with checks.check("oras: login"):
        do("login", "-u", "alice", "--password-stdin", context.host, stdin=context.alice.password)
    with checks.check("oras: push an artifact"):
        do("push", artifact, "--artifact-type", "application/vnd.example.notes", "notes.txt:text/plain")
        digests["artifact"] = stdout_of(oras, "resolve", *access, artifact).strip()
    with checks.check("oras: pull it by tag and by digest"):
        for name, reference in (("tag", artifact), ("digest", f"{repository}@{digests['artifact']}")):
            folder = work / f"by-{name}"
            do("pull", "-o", folder, reference)
            require_equal("content", (folder / "notes.txt").read_text(), (work / "notes.txt").read_text())
    with checks.check("oras: attach two referrers"):
        digests["report"] = attach(REPORT, "report.json", "application/json")
        digests["signature"] = attach(SIGNATURE, "signature.bin", "application/octet-stream")
    with checks.check("oras: discover lists both"):
        require_equal("referrers", referrers(artifact),
                      {digests["report"]: REPORT, digests["signature"]: SIGNATURE})
    with checks.check("oras: discover of one artifact type"):
        require_equal("referrers", referrers(artifact, "--artifact-type", REPORT), {digests["report"]: REPORT})
    with checks.check("oras: copy to another repository with the referrers"):
        output = run(oras, "cp", "-r", "--from-plain-http", "--to-plain-http", "--from-registry-config",
                     work / "config.json", "--to-registry-config", work / "config.json", artifact,
                     f"{repository}-copy:v1")
        require("Mounted" in output, "nothing was mounted:\n" + output[-1500:])
        require_equal("referrers", referrers(f"{repository}-copy:v1"), referrers(artifact))
    with checks.check("oras: copy to a folder with the referrers, every byte the same"):
        layout = work / "layout"
        run(oras, "cp", "-r", "--to-oci-layout", "--from-plain-http", "--from-registry-config",
            work / "config.json", artifact, f"{layout}:v1")
        require_layout(layout, digests["artifact"])
    with checks.check("oras: push of a multi-architecture image"):
        layout = write_layout(work / "multi", index)
        run(oras, "cp", "--from-oci-layout", "--to-plain-http", "--to-registry-config", work / "config.json",
            f"{layout}:v1", f"{repository}:multi")
        require_equal("digest", stdout_of(oras, "resolve", *access, f"{repository}:multi").strip(), index.digest)
    with checks.check("oras: pull of a multi-architecture image and of one architecture, every byte the same"):
        for name, options, image in (("all", (), index), ("arm64", ("--platform", "linux/arm64"), index.images[1])):
            pulled = work / f"pulled-{name}"
            run(oras, "cp", "--to-oci-layout", "--from-plain-http", "--from-registry-config", work / "config.json",
                *options, f"{repository}:multi", f"{pulled}:v1")
            require_layout(pulled, image.digest)
    with checks.check("oras: the administrator lists the repositories"):
        administrator = ("--plain-http", "--registry-config", work / "admin.json")
        run(oras, "login", *administrator, "-u", "admin", "--password-stdin", context.host, stdin=context.admin.password)
        names = stdout_of(oras, "repo", "ls", *administrator, context.host).split()
        require("alice/oras" in names, f"alice/oras is not in {names}")
    with checks.check("oras: a referrer of something that is not there yet"):
        # Signatures may arrive before what they sign.
        subject = "sha256:" + "5" * 64
        manifest = work / "early.json"
        manifest.write_text(json.dumps({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": SIGNATURE,
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
                       "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
            "layers": [], "subject": {"mediaType": "application/vnd.oci.image.manifest.v1+json",
                                      "digest": subject, "size": 7}}))
        do("manifest", "push", f"{repository}:early", manifest)
        found = json.loads(stdout_of(oras, "manifest", "fetch", *access, f"{repository}:early"))
        require_equal("subject", found["subject"]["digest"], subject)
    with checks.check("oras: list the tags"):
        output = stdout_of(oras, "repo", "tags", *access, repository)
        require_equal("tags", output.split(), ["early", "multi", "v1"])
    with checks.check("oras: push, fetch and delete a blob"):
        (work / "lone.bin").write_bytes(b"a blob that no manifest names")
        blob = f"{repository}@{answer('blob', 'push', '--descriptor', repository, work / 'lone.bin')['digest']}"
        do("blob", "fetch", "-o", work / "fetched.bin", blob)
        require_equal("content", (work / "fetched.bin").read_bytes(), (work / "lone.bin").read_bytes())
        do("blob", "delete", "--force", blob)
        missing(oras, "blob", "fetch", *access, "-o", work / "again.bin", blob)
    with checks.check("oras: delete a referrer, and discover no longer lists it"):
        do("manifest", "delete", "--force", f"{repository}@{digests['report']}")
        require_equal("referrers", referrers(artifact), {digests["signature"]: SIGNATURE})
    with checks.check("oras: delete the artifact"):
        do("manifest", "delete", "--force", f"{repository}-copy@{digests['artifact']}")
        missing(oras, "manifest", "fetch", *access, f"{repository}-copy:v1")
    with checks.check("oras: another user may not pull"):
        stranger = ("--plain-http", "--registry-config", work / "bob.json")
        run(oras, "login", *stranger, "-u", "bob", "--password-stdin", context.host, stdin=context.bob.password)
        refused(oras, "pull", *stranger, "-o", work / "not-bobs", artifact)
    with checks.check("oras: logout, and a private artifact is out of reach"):
        run(oras, "logout", "--registry-config", work / "config.json", context.host)
        refused(oras, "manifest", "fetch", *access, artifact)
