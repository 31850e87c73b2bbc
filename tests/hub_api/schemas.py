"""schemathesis against api/hub.yaml and against Docker's published document, in each role: no 5xx, and every status,
content type, header and body as the document says. The seed is fixed, the server fresh for each role.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess

import contract
from berth_server import Berth
from checks import Failed, require
from hub import Hub
from ports import free_port
from permission_world import logo
from world import Image, World, push

HERE = pathlib.Path(__file__).resolve().parent
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance")
SEED = "1"
ROLES = ("anonymous", "user", "organization owner", "administrator", "identity provider")
PATHS = {"identity provider": "/scim/"}  # all that its token is good for
THOROUGH = "organization owner"  # the role for which every boundary of every parameter is tried
EXAMPLES = "4"
MOST_REFUSED = 1 / 3  # a quarter needs a secret, a mail or an object that generated input does not name
SECONDS = 1200  # never reached; a hang ends

DOCUMENTS = {
    "api/hub.yaml": (contract.API / "hub.yaml", None),
    "Docker's document": (HERE / "official" / "docker-hub.yaml", HERE / "official" / "overlay.yaml"),
}
# They end the session that the run lives by, or limit how many requests it may send; administration.py asks UpdateLimits.
EXCLUDED = {"Logout", "DeleteSession", "UpdateLimits"}


def environment():
    """The folder of a virtual environment with the pinned packages, made once; None where they cannot be had."""
    wanted = (HERE / "requirements.txt").read_text()
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    folder = cache / "berth" / "tests" / f"schemathesis-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if (folder / "complete").exists():
        return folder
    for command in (["python3", "-m", "venv", "--clear", folder],
                    [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                     "--requirement", HERE / "requirements.txt"]):
        if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode != 0:
            return None
    (folder / "complete").touch()
    return folder


class Fixture:
    """A server of its own with people and things; `known` is what path parameters can name."""

    def __init__(self, program, work, extra):
        self.server = Berth(program, work / "data", free_port(), log=work / "berth.log", environment=extra,
                            options=["--api-rate-limit", "0"])
        work.mkdir()
        self.server.start()
        world = World(self.server)
        owner, user, member = world.person("owner"), world.person("user"), world.person("member")
        org = world.organization(owner)
        world.join(org, member)
        for namespace in (org, user.name, owner.name):
            world.admin.hub.put(f"/api/berth/v1/admin/namespaces/{namespace}/badge", {"badge": "open_source"}).expect(200)
            world.execute(f"UPDATE account SET plan = 'business' WHERE name = '{namespace}'")
        repositories = [world.repository(owner, namespace=org, stem="app") for _ in range(2)]
        spare = world.repository(owner, namespace=org, stem="spare")
        image = Image("schemas", layers=2)
        for name in (*repositories, spare):
            push(owner.registry(name), name, image, "v1", "v2")
        png = {"Content-Type": "image/png"}
        owner.hub.post(f"/api/media/repos_logo/v1/{repositories[0].replace('/', '%2F')}/upload", logo(), png).expect(200)
        team = owner.hub.post(f"/v2/orgs/{org}/groups", {"name": "builders"}).expect(201)
        owner.hub.post(f"/v2/repositories/{repositories[0]}/groups", {"group_id": team["id"], "permission": "read"}).expect(200)
        token = owner.hub.post(f"/v2/orgs/{org}/access-tokens", {"label": "known"}).expect(201)["id"]
        short = [name.split("/")[1] for name in repositories]
        self.known = {
            "namespace": [org], "org_name": [org], "name": [org], "account": [org], "repository": short,
            "DELETE repository": [spare.split("/")[1]], "tag": ["v1"], "DELETE tag": ["v2"], "reference": ["v1", image.digest],
            "digest": [image.digest], "group_name": ["builders"], "group_id": [str(team["id"])],
            "access_token_id": [token], "username": [owner.name, user.name], "PUT username": [member.name],
            "DELETE username": [member.name], "repository_path": [repositories[0]], "slug": [repositories[0].replace("/", "-")],
            "DELETE group_name": ["gone"]}
        accounts = {"user": user, "organization owner": owner, "administrator": world.admin}
        provider = owner.hub.post(f"/api/berth/v1/orgs/{org}/scim/token").expect(201)["token"]
        users = Hub(self.server.port, provider).get("/v2/scim/2.0/Users").expect(200)["Resources"]
        self.known["GET id"] = self.known["PUT id"] = self.known["PATCH id"] = [one["id"] for one in users] + ["gone"]
        self._prepared = self.server.log_path.stat().st_size
        self.tokens = {role: accounts[role].hub.token if role in accounts else None for role in ROLES}
        self.tokens["identity provider"] = provider
        listed = owner.hub.post("/v2/access-tokens", {"token_label": "known"}).expect(201)
        self.known["uuid"] = [listed["uuid"]]


    def succeeded(self):
        """The operations that gave what they are for, not only a refusal, since the world was made."""
        with open(self.server.log_path, "rb") as log:
            log.seek(self._prepared)
            lines = [json.loads(line) for line in log if b'"operation"' in line]
        return {line["operation"] for line in lines if 200 <= line["status"] < 300}


class Run:
    def __init__(self, context, venv, work):
        self.context, self.venv, self.work = context, venv, work
        plan = work / "operations.txt"
        plan.write_text("".join(f"{'leave' if o.id in EXCLUDED or o.alias_of else 'ask'} {o.id} {o.method} {o.path}\n"
                                for o in contract.operations()))
        self.documents, self.asked = {}, {}
        for name, (path, overlay) in DOCUMENTS.items():
            out = work / f"{path.stem}.json"
            done = subprocess.run([venv / "bin" / "python", HERE / "schema_documents.py", path, overlay or "-", plan, out],
                                  check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.documents[name] = out
            self.asked[name] = set(done.stdout.split())

    def one(self, name, role):
        """(operations, requests, ids of the operations that did something)."""
        work = self.work / f"{self.documents[name].stem}-{role.replace(' ', '-')}"
        fixture = Fixture(self.context.server.program, work, {})
        try:
            return self.judge(fixture, name, role, work)
        finally:
            fixture.server.stop()

    def judge(self, fixture, name, role, work):
        report = work / "report.json"
        # Left to itself it signs up and signs in where it is meant to be nobody.
        (work / "schemathesis.toml").write_text("[auth]\nauto-signup = false\n")
        command = [self.venv / "bin" / "st", "run", self.documents[name], "--url", f"http://127.0.0.1:{fixture.server.port}",
                   "--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing" if role == THOROUGH else "fuzzing",
                   "--max-examples", EXAMPLES, "--seed", SEED, "--generation-database", "none", "--no-shrink",
                   "--continue-on-failure", "--suppress-health-check", "all", "--no-color", "--warnings", "off",
                   "--report", "json", "--report-json-path", report]
        if role in PATHS:
            command += ["--include-path-regex", PATHS[role]]
        if fixture.tokens[role]:
            command += ["--header", f"Authorization: Bearer {fixture.tokens[role]}"]
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=work,
                              timeout=SECONDS, env={**os.environ, "SCHEMATHESIS_HOOKS": "schema_hooks",
                                                    "PYTHONPATH": str(HERE), "BERTH_KNOWN": json.dumps(fixture.known)})
        if not report.exists():
            raise Failed(f"schemathesis ended with status {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        told = json.loads(report.read_text())
        require(fixture.server.running(), "the server ended\n" + fixture.server.log_tail())
        if done.returncode != 0:
            begin = done.stdout.find("= FAILURES =")
            raise Failed(done.stdout[max(begin, 0):][:6000] + done.stderr[-1000:])
        require(told["complete"] and not told["errors"], f"not complete: {told['stop_reason']} {told['errors']}")
        operations, cases = told["operations"]["tested"], told["test_cases"]["generated"]
        require(operations == told["operations"]["selected"] and cases >= operations, f"only {cases} cases, {operations} operations")
        return operations, cases, fixture.succeeded()


def check(context):
    venv = environment()
    if venv is None:
        # Unlike a client that is not installed this can't be mended here, so CI takes it too.
        print("skipped  schemathesis: PyPI cannot be reached", flush=True)
        context.checks.skipped += 1
        return
    work = context.work / "schemas"
    work.mkdir()
    run = Run(context, venv, work)
    pairs = [(name, role) for name in DOCUMENTS for role in ROLES]
    pairs.sort(key=lambda pair: pair[1] != THOROUGH)  # the long ones first
    done = {name: set() for name in DOCUMENTS}
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        runs = {pair: pool.submit(run.one, *pair) for pair in pairs}
        for (name, role), future in runs.items():
            with context.checks.check(f"schemathesis: {name} as {role}"):
                operations, cases, did = future.result()
                done[name] |= did
                print(f"         {cases} requests, {operations} operations")
    for name in DOCUMENTS:
        with context.checks.check(f"schemathesis: {name}: most operations did what they are for, in some role"):
            refused = run.asked[name] - done[name]
            print(f"         only refused: {len(refused)} of {len(run.asked[name])}")
            require(len(refused) <= len(run.asked[name]) * MOST_REFUSED, f"only refused: {sorted(refused)}")
