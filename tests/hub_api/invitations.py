"""Invitations: sent one by one, in bulk and from a file; answered on the site and by their link."""

import re
import urllib.parse

from checks import require, require_equal
from hub import Hub
from mails import newest_mail
from world import Events

INVITE = {"id", "inviter_username", "invitee", "org", "team", "role", "created_at", "expires_at"}


def check(context):
    _life(context)
    _pages(context)
    _bulk(context)
    _csv(context)
    _answers(context)
    _permissions(context)
    _members(context)


def bulk(hub, org, *invitees, **more):
    answer = hub.post("/v2/invites/bulk", {"org": org, "invitees": list(invitees), **more}).expect(202)
    return answer["invitees"]


def statuses(entries):
    return [entry["status"] for entry in entries]


def link_token(context, address):
    """The token in the newest mail that waits for `address`."""
    return re.search(r"/invitations/(\w+)", newest_mail(context.world.admin.hub, address))[1]


def _life(context):
    world, checks = context.world, context.checks
    owner, person = world.person("owner"), world.person("guest")
    org = world.organization(owner)

    with checks.check("invites: sent, listed, sent again, cancelled"):
        with Events(world, owner, org) as written:
            entry = bulk(owner.hub, org, person.name)[0]
        written.expect("org.member.invite.send")
        invite = entry["invite"]
        require_equal("members", set(invite), INVITE)
        require_equal("invite", {key: invite[key] for key in ("inviter_username", "invitee", "org", "team", "role")},
                      {"inviter_username": owner.name, "invitee": person.name, "org": org, "team": "", "role": "member"})
        require_equal("listed", owner.hub.get(f"/v2/orgs/{org}/invites").expect(200), {"data": [invite]})
        with Events(world, owner, org) as written:
            owner.hub.patch(f"/v2/invites/{invite['id']}/resend").expect(204)
        written.expect("org.member.invite.send")
        answers = [owner.hub.patch(f"/v2/invites/{invite['id']}/resend").status for _ in range(12)]
        require(429 in answers and answers[:3] == [204] * 3, f"sent again and again: {answers}")
        owner.hub.delete(f"/v2/invites/{invite['id']}").expect(204)
        require_equal("after", owner.hub.get(f"/v2/orgs/{org}/invites/").expect(200), {"data": []})
        owner.hub.delete(f"/v2/invites/{invite['id']}").refuses(404)
        owner.hub.patch(f"/v2/invites/{invite['id']}/resend").refuses(404)


def _pages(context):
    world, checks = context.world, context.checks
    owner = world.person("owner")
    org = world.organization(owner)

    with checks.check("invites: pages, oldest first, the next one in a Link header"):
        bulk(owner.hub, org, "a@example.com", "b@example.com", "c@example.com")
        path = f"/v2/orgs/{org}/invites"
        whole = owner.hub.get(path).expect(200)["data"]
        require_equal("whole", [entry["invitee"][0] for entry in whole], ["a", "b", "c"])
        first = owner.hub.get(path, page_size=2)
        require_equal("first", first.expect(200), {"data": whole[:2]})
        require(first.headers["link"].endswith(f'{path}?page_size=2&page=2>; rel="next"'), first.headers["link"])
        last = owner.hub.get(path, page_size=2, page=2)
        require_equal("last", last.expect(200), {"data": whole[2:]})
        require("link" not in last.headers, last.headers)
        owner.hub.get(path, page_size=2, page=3).refuses(404)
        owner.hub.get(path, page=0).refuses_field("page")


def _bulk(context):
    world, checks = context.world, context.checks
    owner, person = world.person("owner"), world.person("guest")
    org = world.organization(owner)

    with checks.check("invites: a bulk request tells of each; a dry run invites nobody"):
        names = [person.name, person.name, person.email, owner.name, "no such person", "new@example.com", "@"]
        expected = ["invited", "duplicate", "duplicate", "exists", "invalid", "invited", "invalid"]
        with Events(world, owner, org) as written:
            tried = bulk(owner.hub, org, *names, dry_run=True)
        written.expect()
        require_equal("dry run", statuses(tried), expected)
        require(not any("invite" in entry for entry in tried), f"an invitation: {tried}")
        require_equal("invited", owner.hub.get(f"/v2/orgs/{org}/invites").expect(200)["data"], [])
        with Events(world, owner, org) as written:
            sent = bulk(owner.hub, org, *names)
        written.expect("org.member.invite.send", "org.member.invite.send")
        require_equal("statuses", statuses(sent), expected)
        require_equal("names", [entry["invitee"] for entry in sent], names)
        require_equal("again", statuses(bulk(owner.hub, org, person.name, "new@example.com")), ["duplicate"] * 2)
    with checks.check("invites: bad input is named and invites nobody"):
        before = owner.hub.get(f"/v2/orgs/{org}/invites").expect(200)
        path, other = "/v2/invites/bulk", "x@example.com"
        for body, field in (({"invitees": [other]}, "org"), ({"org": org}, "invitees"),
                            ({"org": org, "invitees": []}, "invitees"), ({"org": org, "invitees": other}, "invitees"),
                            ({"org": org, "invitees": [other] * 1001}, "invitees"),
                            ({"org": org, "invitees": [other], "role": "king"}, "role"),
                            ({"org": org, "invitees": [other], "team": "nowhere"}, "team"),
                            ({"org": org, "invitees": [other], "dry_run": "maybe"}, "dry_run")):
            owner.hub.post(path, body).refuses_field(field)
        owner.hub.post(path, {"org": "nosuchorg", "invitees": [other]}).refuses(404)
        owner.hub.post(path, {"org": owner.name, "invitees": [other]}).refuses(404)
        require_equal("after", owner.hub.get(f"/v2/orgs/{org}/invites").expect(200), before)
    with checks.check("invites: an open invitation takes a seat of the plan"):
        world.execute("INSERT INTO plan (name, title, position, private_repositories, collaborators, teams, "
                      "organization_tokens, seats, parallel_builds, pulls, pull_window_seconds, audit_log, scim, "
                      f"access_management) VALUES ('seats{org}', 'Seats', 9, -1, -1, -1, -1, 4, -1, -1, 21600, 1, 1, 1)")
        world.execute(f"UPDATE account SET plan = 'seats{org}' WHERE name = '{org}'")
        require_equal("statuses", statuses(bulk(owner.hub, org, "a@example.com", "b@example.com")),
                      ["invited", "no_seat"])


def _csv(context):
    world, checks = context.world, context.checks
    owner, person = world.person("owner"), world.person("guest")
    org = world.organization(owner)
    path = f"/api/berth/v1/orgs/{org}/invites/csv"

    def send(text, **query):
        return owner.hub.post(path + "?" + urllib.parse.urlencode(query), text.encode(), {"Content-Type": "text/csv"})

    with checks.check("invites: a file names people, roles and teams"):
        owner.hub.post(f"/v2/orgs/{org}/groups", {"name": "builders"}).expect(201)
        text = f"Name,email,username,role,team\r\nA,a@example.com,,editor,builders\r\nB,,{person.name},,\r\n"
        require_equal("dry run", statuses(send(text, dry_run="true").expect(202)["invitees"]), ["invited", "invited"])
        with Events(world, owner, org) as written:
            sent = send(text, role="owner").expect(202)["invitees"]
        written.expect("org.member.invite.send", "org.member.invite.send")
        require_equal("sent", [(e["invite"]["invitee"], e["invite"]["role"], e["invite"]["team"]) for e in sent],
                      [("a@example.com", "editor", "builders"), (person.name, "owner", "")])
        require_equal("without a header", statuses(send("c@example.com\nd@example.com\n").expect(202)["invitees"]),
                      ["invited", "invited"])
    with checks.check("invites: a bad file invites nobody and names its row"):
        before = owner.hub.get(f"/v2/orgs/{org}/invites").expect(200)
        send("").refuses_field("body")
        send('"open').refuses_field("body")
        send("email,role\ne@example.com,member\nf@example.com,king\n").refuses_field("row[3].role")
        send("email,team\ne@example.com,nowhere\n").refuses_field("row[2].team")
        send("e@example.com", role="king").refuses_field("row[1].role", "role")
        require_equal("after", owner.hub.get(f"/v2/orgs/{org}/invites").expect(200), before)


def _answers(context):
    world, checks = context.world, context.checks
    owner, person, other = world.person("owner"), world.person("guest"), world.person("other")
    org = world.organization(owner)
    stranger = world.person("stranger")
    own = "/api/berth/v1/user/invitations"

    with checks.check("invitations: one answers one's own; nobody else sees them"):
        invite = bulk(owner.hub, org, person.name, role="editor")[0]["invite"]
        listed = person.hub.get(own).expect(200)
        require_equal("listed", [(i["id"], i["org"]["orgname"], i["inviter"], i["role"]) for i in listed["items"]],
                      [(invite["id"], org, owner.name, "editor")])
        require_equal("next", listed["next"], None)
        require_equal("of another", other.hub.get(own).expect(200)["items"], [])
        for answer in ("accept", "decline"):
            other.hub.post(f"{own}/{invite['id']}/{answer}").refuses(404)
            world.nobody.post(f"{own}/{invite['id']}/{answer}").refuses(401)
        reads = Hub(world.port, world.login(person.name, person.personal_token("repo:write")))
        reads.post(f"{own}/{invite['id']}/accept").refuses(403)
        with Events(world, owner, org) as written:
            joined = person.hub.post(f"{own}/{invite['id']}/accept").expect(200)
        written.expect("org.member.add")
        require_equal("joined", (joined["orgname"], joined["user_role"]), (org, "Editor"))
        person.hub.post(f"{own}/{invite['id']}/accept").refuses(404)
    with checks.check("invitations: declined, it is gone and another can be sent"):
        invite = bulk(owner.hub, org, other.name)[0]["invite"]
        other.hub.post(f"{own}/{invite['id']}/decline").expect(204)
        other.hub.post(f"{own}/{invite['id']}/decline").refuses(404)
        require_equal("again", statuses(bulk(owner.hub, org, other.name)), ["invited"])
    with checks.check("invitations: by the link, whoever has the address's mail; for a user, that user alone"):
        token = link_token(context, other.email)
        shown = world.nobody.get(f"/api/berth/v1/invitations/{token}").expect(200)
        require_equal("shown", (shown["org"]["orgname"], shown["inviter"]), (org, owner.name))
        stranger.hub.post(f"/api/berth/v1/invitations/{token}/accept").refuses(404)
        world.nobody.post(f"/api/berth/v1/invitations/{token}/accept").refuses(401)
        address = f"{world.name('mail')}@example.com"
        bulk(owner.hub, org, address, team="owners")
        link = f"/api/berth/v1/invitations/{link_token(context, address)}"
        joined = stranger.hub.post(f"{link}/accept").expect(200)
        require_equal("role", (joined["user_role"], joined["user_groups"]), ("Owner", ["owners"]))
        world.nobody.get(link).refuses(404)
        stranger.hub.post(f"{link}/accept").refuses(404)
        world.nobody.get("/api/berth/v1/invitations/nothing").refuses(404)
    with checks.check("invitations: pages"):
        for _ in range(3):
            bulk(owner.hub, world.organization(owner), stranger.name)
        first = stranger.hub.get(own, limit=2).expect(200)
        rest = stranger.hub.get(own, limit=2, cursor=first["next"]).expect(200)
        require_equal("pages", (len(first["items"]), len(rest["items"]), rest["next"]), (2, 1, None))
        stranger.hub.get(own, cursor="x").refuses_field("cursor")


def _permissions(context):
    world, checks = context.world, context.checks
    owner, member, stranger = world.person("owner"), world.person("member"), world.person("stranger")
    org = world.organization(owner)
    world.join(org, member)
    invite = bulk(owner.hub, org, "somebody@example.com")[0]["invite"]["id"]

    with checks.check("invites: members may not, outsiders don't even see one"):
        for hub, status in ((member.hub, 403), (stranger.hub, 404), (world.nobody, 401)):
            hub.delete(f"/v2/invites/{invite}").refuses(status)
            hub.patch(f"/v2/invites/{invite}/resend").refuses(status)
        for hub, status in ((member.hub, 403), (stranger.hub, 403), (world.nobody, 401)):
            hub.get(f"/v2/orgs/{org}/invites").refuses(status)
            hub.post("/v2/invites/bulk", {"org": org, "invitees": ["x@example.com"]}).refuses(status)
            hub.post(f"/api/berth/v1/orgs/{org}/invites/csv", b"x@example.com").refuses(status)
        require_equal("listed", len(owner.hub.get(f"/v2/orgs/{org}/invites").expect(200)["data"]), 1)
    with checks.check("invites: an organization token needs the scope, and makes no owners"):
        def token(*scopes):
            made = owner.hub.post(f"/v2/orgs/{org}/access-tokens", {
                "label": "t", "resources": [{"type": "TYPE_ORG", "path": org, "scopes": list(scopes)}]}).expect(201)
            return Hub(world.port, world.login(org, made["token"]))
        reads, edits, members = token("scope-invite-read"), token("scope-invite-edit"), token("scope-member-read")
        reads.get(f"/v2/orgs/{org}/invites").expect(200)
        members.get(f"/v2/orgs/{org}/invites").refuses(403)
        reads.post("/v2/invites/bulk", {"org": org, "invitees": ["x@example.com"]}).refuses(403)
        require_equal("edits", statuses(bulk(edits, org, "x@example.com")), ["invited"])
        edits.post("/v2/invites/bulk", {"org": org, "invitees": ["y@example.com"], "role": "owner"}).refuses(403)


def _members(context):
    world, checks = context.world, context.checks
    owner, person = world.person("owner"), world.person("guest")
    org = world.organization(owner)
    bulk(owner.hub, org, person.name, "zoe@example.com")
    path = f"/v2/orgs/{org}/members"

    with checks.check("members: invited people are listed when asked for, as Invitee"):
        def listed(**query):
            return [(m["username"] or m["email"], m["role"], m["type"])
                    for m in owner.hub.get(path, **query).expect(200)["results"]]
        members = [(owner.name, "Owner", "User")]
        invited = [(person.name, "Invitee", "Invitee"), ("zoe@example.com", "Invitee", "Invitee")]
        require_equal("plain", listed(), members)
        require_equal("invites", sorted(listed(invites="true")), sorted(members + invited))
        require_equal("all", sorted(listed(type="all")), sorted(members + invited))
        require_equal("invitee", sorted(listed(type="invitee")), sorted(invited))
        require_equal("member", listed(type="member", invites="true"), members)
        require_equal("search", listed(type="all", search="zoe"), invited[1:])
        require_equal("role", listed(type="all", role="owner"), members)
        owner.hub.get(path, type="robot").refuses_field("type")
        owner.hub.get(path, role="king").refuses_field("role")
    with checks.check("members: the export has a column for invitations"):
        rows = owner.hub.get(f"{path}/export").body.decode().split("\r\n")
        require_equal("header", rows[0],
                      "Name,Username,Email,Member of Organizations,Invited to Organizations,Account Created")
        require(f'"","","zoe@example.com","","{org}",""' in rows, rows)
