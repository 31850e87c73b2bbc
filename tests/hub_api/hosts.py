"""One server under several host names: what challenges, pages and lists then name."""

import re

from berth_server import Berth
from checks import require, require_equal
from hub import Hub
from ports import free_port
from world import World

HUB, REGISTRY, AUTH = "hub.docker.com", "registry-1.docker.io", "auth.docker.io"


def check(context):
    checks = context.checks
    work = context.work / "hosts"
    work.mkdir()
    options = ["--hub-host", HUB, "--registry-host", REGISTRY, "--auth-host", AUTH]
    server = Berth(context.server.program, work / "data", free_port(), log=work / "berth.log", options=options)
    server.start()
    try:
        _docker_hub(checks, server)
    finally:
        server.stop()
    server.options = ["--registry-host", "registry.example:5000", "--service", "mine"]
    server.start()
    try:
        with checks.check("hosts: a service name of one's own, and the host that each request names"):
            answer = Hub(server.port, host="registry.example:5000").get("/v2/")
            require_equal("challenge", answer.headers["www-authenticate"],
                          'Bearer realm="http://registry.example:5000/token",service="mine"')
    finally:
        server.stop()


def _docker_hub(checks, server):
    world = World(server)
    person = world.person("hosts")
    name = world.repository(person)
    world.image(person, name, "v1", "v2")

    with checks.check("hosts: the challenge names the token service's host and Docker's service name"):
        for host in (REGISTRY, "index.docker.io", HUB):
            answer = Hub(server.port, host=host).get("/v2/")
            require_equal("status", answer.status, 401)
            require_equal("challenge", answer.headers["www-authenticate"],
                          f'Bearer realm="http://{AUTH}/token",service="registry.docker.io"')
    with checks.check("hosts: a token of one host is good at the other"):
        answer = Hub(server.port, host=AUTH).get("/token", service="registry.docker.io", scope=f"repository:{name}:pull")
        token = answer.expect(200)["token"]
        manifest = Hub(server.port, token, host=REGISTRY).request("HEAD", f"/v2/{name}/manifests/v1")
        require_equal("status", manifest.status, 200)
    with checks.check("hosts: a list goes on where it was asked for"):
        for host in (HUB, "registry.hub.docker.com"):
            page = Hub(server.port, host=host).get(f"/v2/repositories/{name}/tags", page_size=1).expect(200)
            require(page["next"].startswith(f"http://{host}/v2/repositories/{name}/tags?"), page["next"])
    with checks.check("hosts: a device login is approved on the web interface's host"):
        answer = Hub(server.port, host="login.docker.com").post(
            "/oauth/device/code", b"client_id=tests", {"Content-Type": "application/x-www-form-urlencoded"}).expect(200)
        require(re.fullmatch(rf"http://{re.escape(HUB)}/activate\?user_code=.+", answer["verification_uri_complete"]), str(answer))
    with checks.check("hosts: pages say what to write before an image's name"):
        setup = Hub(server.port, host=HUB).get("/api/berth/v1/setup").expect(200)
        require_equal("registry", setup["registry_host"], REGISTRY)
        require_equal("address", setup["external_url"], f"http://{HUB}")
