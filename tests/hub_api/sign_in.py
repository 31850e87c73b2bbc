"""Signing in and out in every way that clients know, and the claims of what they get."""

import base64
import json
import time
import urllib.parse

from checks import require, require_equal
from hub import Hub
from mails import newest_mail
from totp import code_of

CLAIM = "https://hub.docker.com"
MFA_TEXT = "Require secondary authentication on MFA enabled account"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def claims_of(token):
    head, payload, _ = token.split(".")
    decode = lambda part: json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decode(head), decode(payload)


def form(hub, path, **fields):
    return hub.post(path, urllib.parse.urlencode(fields).encode(), FORM)


def enable_second_factor(person):
    """Turns the second factor on; returns (secret, recovery codes)."""
    secret = person.hub.post("/api/berth/v1/user/2fa/enrol", {"current_password": person.password}).expect(200)["secret"]
    # A code is good for one sign-in: this takes the step before, so that the running one stays unused.
    codes = person.hub.post("/api/berth/v1/user/2fa/confirm", {"code": code_of(secret, time.time() - 30)}).expect(200)
    return secret, codes["recovery_codes"]


def check(context):
    _passwords(context)
    _bad_logins(context)
    _schemes(context)
    _old_ways(context)
    _nowhere(context)
    _second_factor(context)
    _device(context)
    _web(context)


def _passwords(context):
    world, checks = context.world, context.checks
    nobody, anna = world.nobody, world.person("anna")

    with checks.check("login: a token of RS256 that lasts, with the claims that clients read"):
        token = nobody.post("/v2/users/login", {"username": anna.name, "password": anna.password}).expect(200)["token"]
        head, claims = claims_of(token)
        require_equal("algorithm", head["alg"], "RS256")
        require_equal("audience", claims["aud"], CLAIM)
        require_equal("issuer", claims["iss"], "https://api.docker.com/")
        require(claims["exp"] - claims["iat"] > 20 * 86400, f"lasts {claims['exp'] - claims['iat']} s")
        require_equal("username", claims[CLAIM]["username"], anna.name)
        require_equal("uuid", claims[CLAIM]["uuid"], claims["sub"])
        require_equal("email", claims[CLAIM]["email"], anna.email)
        Hub(world.port, token).get("/v2/user").expect(200)
    with checks.check("login: credentials in the body of a GET"):
        require(nobody.request("GET", "/v2/users/login", {"username": anna.name, "password": anna.password})
                .expect(200)["token"], "no token")
    with checks.check("login: unknown members, a charset, a slash, the e-mail address"):
        body = {"username": anna.email, "password": anna.password, "serveraddress": "x", "auth": None}
        answer = nobody.post("/v2/users/login/", body, {"Content-Type": "application/json; charset=utf-8"})
        require(answer.expect(200)["token"], "no token")
    with checks.check("login: a refresh token on request, and only then"):
        answer = nobody.post("/v2/users/login?refresh_token=true",
                             {"username": anna.name, "password": anna.password}).expect(200)
        require(answer["refresh_token"], "no refresh token")
        plain = nobody.post("/v2/users/login", {"username": anna.name, "password": anna.password}).expect(200)
        require("refresh_token" not in plain, f"refresh token: {plain}")
        renewed = form(nobody, "/oauth/token", grant_type="refresh_token", client_id="tests",
                       refresh_token=answer["refresh_token"]).expect(200)
        Hub(world.port, renewed["access_token"]).get("/v2/user").expect(200)
    with checks.check("auth/token: ten minutes, named access_token"):
        answer = nobody.post("/v2/auth/token", {"identifier": anna.name, "secret": anna.password}).expect(200)
        claims = claims_of(answer["access_token"])[1]
        require_equal("lifetime", claims["exp"] - claims["iat"], 600)
        Hub(world.port, answer["access_token"]).get("/v2/user").expect(200)
    with checks.check("login: a personal token stands for the password, and is named as the source"):
        secret = anna.personal_token("repo:read")
        require(secret.startswith("dckr_pat_"), secret)
        claims = claims_of(world.login(anna.name, secret))[1]
        require(claims[CLAIM]["source"].startswith("docker_pat|"), claims[CLAIM]["source"])
        require(nobody.post("/v2/auth/token", {"identifier": anna.name, "secret": secret}).expect(200)["access_token"], "")
    with checks.check("a personal token is no bearer token"):
        Hub(world.port, anna.personal_token("repo:admin")).get("/v2/user").refuses(401)


def _bad_logins(context):
    world, checks = context.world, context.checks
    nobody, bert = world.nobody, world.person("bert")

    with checks.check("login: a wrong password and an unknown user are told the same"):
        wrong = nobody.post("/v2/users/login", {"username": bert.name, "password": "wrong"}).refuses(401)
        unknown = nobody.post("/v2/users/login", {"username": world.name("nobody"), "password": "wrong"}).refuses(401)
        require_equal("detail", wrong["detail"], "Incorrect authentication credentials")
        require_equal("body", wrong, unknown)
        nobody.post("/v2/auth/token", {"identifier": bert.name, "secret": "wrong"}).refuses(401)
    with checks.check("login: what is missing or no text is named"):
        for path, fields in (("/v2/users/login", ("username", "password")), ("/v2/auth/token", ("identifier", "secret"))):
            for field in fields:
                body = {name: "text" for name in fields if name != field}
                nobody.post(path, body).refuses_field(field)
                nobody.post(path, {**body, field: 7}).refuses_field(field)
                nobody.post(path, {**body, field: ""}).refuses_field(field)
    with checks.check("login: a body that is no JSON, or no object"):
        for body in (b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 5000):
            nobody.post("/v2/users/login", body, {"Content-Type": "application/json"}).refuses(400)
    with checks.check("login: too large a body"):
        answer = nobody.post("/v2/users/login", {"username": bert.name, "password": "x" * 3_000_000})
        require(answer.status in (400, 413), str(answer))
        nobody.close()
    with checks.check("a disabled user is signed out everywhere and cannot sign in"):
        guest = world.person("guest")
        world.admin.hub.patch(f"/api/berth/v1/admin/users/{guest.name}", {"disabled": True}).expect(200)
        guest.hub.get("/v2/user").refuses(401)
        nobody.post("/v2/users/login", {"username": guest.name, "password": guest.password}).refuses(401)


def _schemes(context):
    world, checks = context.world, context.checks
    carl = world.person("carl")

    with checks.check("JWT and Bearer are the same, in any case, and every path takes a slash"):
        for scheme in ("Bearer", "JWT", "bearer", "jwt", "BEARER"):
            for path in ("/v2/user", "/v2/user/"):
                answer = Hub(world.port, carl.hub.token, scheme=scheme).get(path)
                require_equal(f"{scheme} {path}", answer.expect(200)["username"], carl.name)
    with checks.check("a token that is not valid is refused even where none is needed"):
        for token in ("x", "x.y.z", carl.hub.token[:-3] + "abc", carl.hub.token + "x"):
            for path in ("/v2/user", "/v2/categories", f"/v2/users/{carl.name}"):
                if path != "/v2/user" or token:
                    require_equal(f"{path} with {token[-8:]}", Hub(world.port, token).get(path).status, 401)
    with checks.check("logout: says so, and the token is over"):
        token = world.login(carl.name, carl.password)
        hub = Hub(world.port, token)
        body = hub.post("/v2/logout/").expect(200)
        require_equal("body", body, {"detail": "Successfully logged out", "error": False})
        hub.get("/v2/user").refuses(401)
        carl.hub.get("/v2/user").expect(200)
    with checks.check("without a token: 401 in Hub's words"):
        body = world.nobody.get("/v2/user").refuses(401)
        require_equal("message", body["message"], "unauthorized")
        world.nobody.post("/v2/logout").refuses(401)


def _basic(name, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def _old_ways(context):
    world, checks = context.world, context.checks
    nobody, dora = world.nobody, world.person("dora")

    with checks.check("/v1/users/: whether a password is right, by Basic and in the body"):
        body = {"username": dora.name, "password": dora.password, "email": dora.email}
        for path in ("/v1/users/", "/v1/users"):
            for answer in (nobody.request("GET", path, headers=_basic(dora.name, dora.password)),
                           nobody.post(path, headers=_basic(dora.name, dora.personal_token("repo:read"))),
                           nobody.post(path, body)):
                require_equal(str(answer), (answer.status, answer.body), (200, b'"OK"'))
    with checks.check("/v1/users/: 401 for who is wrong, nobody or something else"):
        for answer in (nobody.get("/v1/users/"), nobody.post("/v1/users/"), nobody.post("/v1/users/", {**body, "password": "x"}),
                       nobody.request("GET", "/v1/users/", headers=_basic(dora.name, "wrong")),
                       nobody.request("GET", "/v1/users/", headers={"Authorization": "Bearer " + dora.hub.token})):
            answer.refuses(401)
    with checks.check("/v1/repositories/ is gone, whatever is asked of it"):
        for path in ("library/alpine/tags", "alpine/tags", "alpine/tags/latest", "a/b/images", "alpine/images/", "alpine/"):
            for method in ("GET", "PUT"):
                nobody.request(method, "/v1/repositories/" + path).refuses(410)


def _nowhere(context):
    world, checks = context.world, context.checks

    with checks.check("an address that is none answers 404 in Hub's words, another method 405 with Allow"):
        for path in ("/v2/users/a/b/c/d", "/v2/user/x", "/v2/orgs/a/nothing", "/v2/namespaces/a", "/v2/repositories/a/b/c/d/e",
                     "/api/nothing", "/v1/nothing", "/v2/categories/x"):
            for method in ("GET", "POST"):
                world.nobody.request(method, path).refuses(404)
        for method, path, allowed in (("DELETE", "/v2/user", "GET, HEAD, PATCH"), ("POST", "/v2/categories", "GET, HEAD"),
                                      ("PUT", "/v2/users/login", "GET, HEAD, POST"), ("PATCH", "/v1/search", "GET, HEAD")):
            answer = world.nobody.request(method, path)
            answer.refuses(405)
            require_equal(f"Allow of {path}", answer.headers.get("allow"), allowed)
        # The registry beside it keeps its own words, and SCIM has its own.
        require("errors" in world.nobody.get("/v2/some/thing").expect(404), "the registry's errors")
        scim = world.nobody.get("/v2/scim/2.0/Nothing")
        require_equal("SCIM", (scim.status, scim.headers["content-type"], scim.json()["status"]),
                      (404, "application/scim+json", "404"))
        large = world.nobody.post("/v2/users/login", {"username": "x", "password": "x" * 3_000_000})
        large.refuses(413)
        world.nobody.close()


def _second_factor(context):
    world, checks = context.world, context.checks
    nobody, dora = world.nobody, world.person("dora")
    credentials = {"username": dora.name, "password": dora.password}

    with checks.check("second factor: enrolling asks for the password again and changes nothing before the first code"):
        dora.hub.post("/api/berth/v1/user/2fa/enrol", {"current_password": "wrong"}).refuses_field("current_password")
        dora.hub.post("/api/berth/v1/user/2fa/confirm", {"code": "000000"}).refuses(409)
        nobody.post("/v2/users/login", credentials).expect(200)
    secret, recovery = enable_second_factor(dora)
    with checks.check("second factor: login answers 401 with exactly the text that clients compare"):
        body = nobody.post("/v2/users/login", credentials).expect(401)
        require_equal("detail", body["detail"], MFA_TEXT)
        require(body["login_2fa_token"], "no login_2fa_token")
        require_equal("auth/token", nobody.post("/v2/auth/token", {"identifier": dora.name, "secret": dora.password})
                      .expect(401)["detail"], MFA_TEXT)
    pending = nobody.post("/v2/users/login", credentials).expect(401)["login_2fa_token"]
    with checks.check("second factor: a wrong code is refused, the right one signs in, once"):
        wrong = f"{(int(code_of(secret)) + 1) % 1_000_000:06d}"
        nobody.post("/v2/users/2fa-login", {"code": wrong, "login_2fa_token": pending}).refuses(401)
        moment = time.time()
        code = code_of(secret, moment)
        answer = nobody.post("/v2/users/2fa-login?refresh_token=true", {"code": code, "login_2fa_token": pending})
        require(answer.expect(200)["refresh_token"], "no refresh token")
        Hub(world.port, answer.json()["token"]).get("/v2/user").expect(200)
        nobody.post("/v2/users/2fa-login", {"code": code, "login_2fa_token": pending}).refuses(401)
    with checks.check("second factor: a recovery code signs in, once"):
        body = {"code": recovery[0], "login_2fa_token": pending}
        nobody.post("/v2/users/2fa-login", body).expect(200)
        nobody.post("/v2/users/2fa-login", body).refuses(401)
    with checks.check("second factor: what waits for a code is no token"):
        Hub(world.port, pending).get("/v2/user").refuses(401)
        nobody.post("/v2/users/2fa-login", {"code": recovery[1], "login_2fa_token": "x.y.z"}).refuses(401)
        for field in ("code", "login_2fa_token"):
            body = {"code": "123456", "login_2fa_token": pending}
            del body[field]
            nobody.post("/v2/users/2fa-login", body).refuses_field(field)
    with checks.check("second factor: a personal token needs no code"):
        Hub(world.port, world.login(dora.name, dora.personal_token("repo:read"))).get("/v2/user").expect(200)
    with checks.check("second factor: turned off by the administrator"):
        world.admin.hub.delete(f"/api/berth/v1/admin/users/{dora.name}/2fa").expect(204)
        nobody.post("/v2/users/login", credentials).expect(200)


def _device(context):
    world, checks = context.world, context.checks
    nobody, emil = world.nobody, world.person("emil")
    client = {"client_id": "docker-cli-tests"}

    def start():
        return form(nobody, "/oauth/device/code", audience=CLAIM, scope="openid offline_access", **client).expect(200)

    def poll(device):
        return form(nobody, "/oauth/token", grant_type=DEVICE_GRANT, device_code=device["device_code"], **client)

    with checks.check("device login: pending, approved on its page, then a token that makes docker's own"):
        device = start()
        require(device["user_code"] in urllib.parse.unquote(device["verification_uri_complete"]), str(device))
        require_equal("pending", poll(device).expect(403)["error"], "authorization_pending")
        shown = emil.hub.get(f"/api/berth/v1/device/{device['user_code']}").expect(200)
        require_equal("state", shown["state"], "pending")
        emil.hub.post(f"/api/berth/v1/device/{device['user_code']}/approve").expect(200)
        time.sleep(device["interval"])
        tokens = poll(device).expect(200)
        require_equal("type", tokens["token_type"], "Bearer")
        require(tokens["id_token"] and tokens["refresh_token"] and tokens["expires_in"] > 0, str(tokens))
        made = Hub(world.port, tokens["access_token"]).post("/v2/access-tokens/desktop-generate").expect(201)
        require(made["data"]["token"].startswith("dckr_pat_"), str(made))
        world.login(emil.name, made["data"]["token"])
        require("error" in poll(device).expect(400), "the device code worked twice")
        form(nobody, "/oauth/revoke", token=tokens["refresh_token"], **client).expect(200)
        refused = form(nobody, "/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"], **client)
        require(refused.status in (400, 401, 403), f"revoked, and: {refused}")
    with checks.check("device login: denied"):
        device = start()
        emil.hub.post(f"/api/berth/v1/device/{device['user_code']}/deny").expect(200)
        require_equal("error", poll(device).expect(403)["error"], "access_denied")
    with checks.check("device login: what is wrong is told in the words of OAuth"):
        require_equal("no client", form(nobody, "/oauth/device/code").expect(400)["error"], "invalid_request")
        require_equal("grant", form(nobody, "/oauth/token", grant_type="magic", **client).expect(400)["error"],
                      "unsupported_grant_type")
        require("error" in poll({"device_code": "unknown"}).expect(400), "an unknown device code")
        form(nobody, "/oauth/revoke", token="unknown", **client).expect(200)
        refused = form(nobody, "/oauth/token", grant_type="refresh_token", refresh_token="dckr_rt_no", **client).expect(400)
        require_equal("a refresh token that is none", refused["error"], "invalid_grant")
        emil.hub.get("/api/berth/v1/device/XXXX-XXXX").refuses(404)


def _web(context):
    world, checks = context.world, context.checks
    fred = world.person("fred")

    with checks.check("web: the cookie reads, and writes only beside its token"):
        answer = world.nobody.post("/api/berth/v1/session", {"username": fred.name, "password": fred.password})
        session = answer.expect(200)
        cookie = answer.headers["set-cookie"]
        require("HttpOnly" in cookie and "SameSite=Lax" in cookie, cookie)
        headers = {"Cookie": cookie.split(";")[0]}
        require_equal("who", world.nobody.request("GET", "/v2/user", headers=headers).expect(200)["username"], fred.name)
        world.nobody.patch("/v2/user", {"location": "here"}, headers).refuses(401)
        headers["X-Berth-CSRF"] = session["csrf_token"]
        world.nobody.patch("/v2/user", {"location": "here"}, headers).expect(200)
        world.nobody.delete("/api/berth/v1/session", headers=headers).expect(204)
        world.nobody.request("GET", "/v2/user", headers=headers).refuses(401)
        # Whose session has ended is a visitor; a bearer token that is no good stays an error.
        world.nobody.request("GET", f"/v2/users/{fred.name}", headers=headers).expect(200)
        Hub(world.port, "nonsense").get(f"/v2/users/{fred.name}").refuses(401)
    with checks.check("web: a form of another site signs nobody in"):
        account = {"username": fred.name, "password": fred.password}
        query = urllib.parse.urlencode(account)
        for path, body, kind in (("", json.dumps(account).encode(), "text/plain"), ("", json.dumps(account).encode(), None),
                                 ("", query.encode(), "application/x-www-form-urlencoded"), (f"?{query}", b"", None)):
            answer = world.nobody.post("/api/berth/v1/session" + path, body, {"Content-Type": kind})
            answer.refuses_field("Content-Type")
            require("set-cookie" not in answer.headers, str(answer))
    with checks.check("web: a link in mail leads to this server, whatever host the request named"):
        elsewhere = Hub(world.port, host="elsewhere.example")
        elsewhere.post("/api/berth/v1/password/reset", {"email": fred.email}).expect(202)
        elsewhere.token = fred.hub.token
        elsewhere.put("/api/berth/v1/user/email", {"email": f"new-{fred.email}", "current_password": fred.password}).expect(200)
        for address, page in ((fred.email, "reset-password"), (f"new-{fred.email}", "verify-email")):
            text = newest_mail(world.admin.hub, address)
            require(f"\n\nhttp://{world.admin.hub.host}/{page}?token=" in text, text)
            require("elsewhere.example" not in text, text)
    with checks.check("web: a confirmation is not sent again and again"):
        gina = world.person("gina")
        gina.hub.post("/api/berth/v1/email/resend").refuses(409)
        world.admin.hub.patch(f"/api/berth/v1/admin/users/{gina.name}", {"email_verified": False}).expect(200)
        # Each further one has to wait twice as long, so a slow machine only needs some more.
        answers = [gina.hub.post("/api/berth/v1/email/resend") for _ in range(12)]
        require_equal("the first", [answer.status for answer in answers[:4]], [202] * 4)
        refused = next((answer for answer in answers if answer.status != 202), None)
        require(refused is not None, "twelve mails")
        refused.refuses(429)
        require(int(refused.headers["retry-after"]) > 0, str(refused.headers))
        wish = {"email": f"x{gina.email}", "current_password": gina.password}
        answers = [gina.hub.put("/api/berth/v1/user/email", wish).status for _ in range(12)]
        require(429 in answers, f"other addresses: {answers}")
        world.login(gina.name, gina.password)
    with checks.check("web: sessions are listed and ended one by one"):
        other = Hub(world.port, world.login(fred.name, fred.password))
        sessions = fred.hub.get("/api/berth/v1/user/sessions").expect(200)["items"]
        require(len(sessions) >= 2 and sum(s["current"] for s in sessions) == 1, str(sessions))
        fred.hub.delete("/api/berth/v1/user/sessions").expect(204)
        other.get("/v2/user").refuses(401)
        fred.hub.get("/v2/user").expect(200)
        fred.hub.delete(f"/api/berth/v1/user/sessions/{sessions[0]['id']}x").refuses(404)
    with checks.check("web: a changed password ends every other session, the old one is no longer good"):
        other = Hub(world.port, world.login(fred.name, fred.password))
        fred.hub.put("/api/berth/v1/user/password",
                     {"current_password": "wrong", "new_password": "another long password"}).refuses_field("current_password")
        fred.hub.put("/api/berth/v1/user/password",
                     {"current_password": fred.password, "new_password": "another long password"}).expect(204)
        other.get("/v2/user").refuses(401)
        world.nobody.post("/v2/users/login", {"username": fred.name, "password": fred.password}).refuses(401)
        world.login(fred.name, "another long password")
