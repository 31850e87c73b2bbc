"""What users are told: made behind the event log, listed newest first, read."""

import time

from checks import require, require_equal

PATH = "/api/berth/v1/user/notifications"


def told(person, wanted):
    """The person's list once it has `wanted` notifications; they are made a moment after the event."""
    deadline = time.monotonic() + 60
    while True:
        found = person.hub.get(PATH).expect(200)
        if len(found["items"]) >= wanted:
            return found
        require(time.monotonic() < deadline, f"{len(found['items'])} notifications, expected {wanted}")
        time.sleep(0.3)


def check(context):
    checks, world = context.checks, context.world
    owner, person = world.person("teller"), world.person("listener")
    organization = world.organization(owner, "tellers")
    world.join(organization, person)
    member = f"/v2/orgs/{organization}/members/{person.name}"

    with checks.check("who gets another role hears of it, and who gave it does not"):
        owner.hub.put(member, {"role": "editor"}).expect(200)
        owner.hub.put(member, {"role": "owner"}).expect(200)
        found = told(person, 2)
        require_equal("titles", [one["title"] for one in found["items"]],
                      [f"You are now an owner of {organization}", f"You are now an editor of {organization}"])
        newest = found["items"][0]
        require_equal("kind and link", (newest["kind"], newest["link"], newest["read"]),
                      ("role_changed", f"/orgs/{organization}", False))
        require_equal("unread", found["unread"], 2)
        require_equal("the giver's", owner.hub.get(PATH).expect(200)["items"], [])

    with checks.check("a collaborator hears of the repository"):
        repository = world.repository(owner)
        owner.hub.post(f"/v2/repositories/{repository}/collaborators", {"user": person.name}).expect(200, 201)
        require_equal("title", told(person, 3)["items"][0]["title"], f"You can push to {repository}")

    with checks.check("the list pages with a cursor"):
        whole = person.hub.get(PATH).expect(200)
        require_equal("end", whole["next"], None)
        ids, cursor = [], None
        while True:
            page = person.hub.get(PATH, limit=1, **({"cursor": cursor} if cursor else {})).expect(200)
            ids += [one["id"] for one in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        require_equal("all pages", ids, [one["id"] for one in whole["items"]])
        person.hub.get(PATH, cursor="!").refuses_field("cursor")
        person.hub.get(PATH, limit="many").refuses_field("limit")

    with checks.check("notifications are marked as read, one's own alone"):
        items = person.hub.get(PATH).expect(200)["items"]
        owner.hub.post(PATH + "/read", {"ids": [items[0]["id"]]}).expect(204)
        require_equal("unread", person.hub.get(PATH).expect(200)["unread"], 3)
        person.hub.post(PATH + "/read", {"ids": [items[0]["id"], "999999999"]}).expect(204)
        found = person.hub.get(PATH).expect(200)
        require_equal("read", [one["read"] for one in found["items"]], [True, False, False])
        person.hub.post(PATH + "/read", {}).expect(204)
        require_equal("unread", person.hub.get(PATH).expect(200)["unread"], 0)
        require_equal("in the session", person.hub.get("/api/berth/v1/session").expect(200)["unread_notifications"], 0)
        person.hub.post(PATH + "/read", {"ids": ["first"]}).refuses_field("ids[0]")
        person.hub.post(PATH + "/read", {"ids": "all"}).refuses_field("ids")

    with checks.check("nobody else may look"):
        world.nobody.get(PATH).refuses(401)
        world.nobody.post(PATH + "/read", {}).refuses(401)
