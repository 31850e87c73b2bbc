"""The people, credentials and objects that the permission walk goes over."""

import struct
import time
import zlib

from hub import Hub
from registry_client import IMAGE_MANIFEST
from world import Image, push
from sign_in import enable_second_factor

ORGANIZATION_SCOPES = ("scope-member-read", "scope-member-edit", "scope-invite-read", "scope-invite-edit",
                       "scope-group-read", "scope-group-edit")
SESSION_SECONDS = 30
MISSING_DIGEST = "sha256:" + "0" * 64


def logo(side=120):
    """A grey PNG."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress((b"\0" + b"\x80" * side) * side)) + chunk(b"IEND", b""))


class Caller:
    """Who calls, with what; everything else about it is what permission_rules judges by."""

    def __init__(self, name, kind, hub, person=None, **facts):
        self.name, self.kind, self.hub, self.person = name, kind, hub, person
        self.role = None            # in the company
        self.team = None            # right of its team on the company's repositories
        self.scope = None           # of a personal token
        self.permissions = set()    # of a custom role in the company
        self.scopes = set()         # of an organization token, for the organization itself
        self.images = "none"        # of an organization token, for the company's repositories
        self.public_read = False    # of an organization token
        self.is_admin = self.owns_personal = self.collaborates = False
        self.verified = True
        vars(self).update(facts)


class Target:
    """An object that operations are called on: a repository, a namespace, an account, or nothing in particular."""

    def __init__(self, label, home=None, namespace=None, repository=None, *, private=False, exists=True, keeper=None):
        self.label, self.home, self.namespace, self.repository = label, home, namespace, repository
        self.private, self.exists, self.keeper = private, exists, keeper
        self.digest = MISSING_DIGEST

    @property
    def full_name(self):
        return f"{self.namespace}/{self.repository}"


class PermissionWorld:
    def __init__(self, world):
        self.world = world
        self.admin = world.admin
        self.owner, self.stranger, self.user = (world.person(stem) for stem in ("owner", "stranger", "user"))
        self.company = world.organization(self.owner, "acme")
        self.foreign = world.organization(self.stranger, "foreign")
        self.spare_member = self._member("spare", "member")
        self.foreign_member = world.person("spare")
        world.join(self.foreign, self.foreign_member, "member")
        self.collaborator = world.person("collab")
        for namespace in (self.company, self.foreign, self.user.name):
            # A logo needs a badge.
            self.admin.hub.put(f"/api/berth/v1/admin/namespaces/{namespace}/badge", {"badge": "open_source"}).expect(200)
            # Plans limit private repositories and collaborators; here only permissions shall refuse.
            world.execute(f"UPDATE account SET plan = 'business' WHERE name = '{namespace}'")
        self.teams = {right: self._team(self.owner, self.company, f"{right}ers") for right in ("read", "write", "admin")}
        self.spare_team = self._team(self.owner, self.company, "spare")
        self.foreign_team = self._team(self.stranger, self.foreign, "spare")
        self._sessions, self._invites, self._roles = {}, {}, {}
        self.repositories = self._make_repositories()
        self.callers = self._make_callers()

    # People

    def _member(self, stem, role):
        person = self.world.person(stem)
        self.world.join(self.company, person, role)
        return person

    def _team(self, owner, organization, name):
        return owner.hub.post(f"/v2/orgs/{organization}/groups", {"name": name, "description": ""}).expect(201)

    def _make_callers(self):
        world = self.world
        callers = [Caller("nobody", "anonymous", Hub(world.port))]

        def add(name, person, **facts):
            callers.append(Caller(name, "password", person.hub, person, **facts))

        add("an outsider", world.person("outsider"))
        add("a member", self._member("member", "member"), role="member")
        add("an editor", self._member("editor", "editor"), role="editor")
        add("the owner", self.owner, role="owner")
        for right, team in self.teams.items():
            person = self._member(f"team{right}", "member")
            self.owner.hub.post(f"/v2/orgs/{self.company}/groups/{team['name']}/members",
                                {"member": person.name}).expect(200)
            add(f"a member of a team with {right}", person, role="member", team=right)
        add("the user of the personal namespace", self.user, owns_personal=True)
        add("a collaborator", self.collaborator, collaborates=True)
        add("the administrator", self.admin, is_admin=True)
        unverified = self._member("unverified", "editor")
        self.admin.hub.patch(f"/api/berth/v1/admin/users/{unverified.name}", {"email_verified": False}).expect(200)
        unverified.hub = Hub(world.port, world.login(unverified.name, unverified.password))
        add("an editor without verified address", unverified, role="editor", verified=False)
        for scope in ("repo:public_read", "repo:read", "repo:write", "repo:admin"):
            for owner, facts in ((self.owner, {"role": "owner"}), (self.user, {"owns_personal": True})):
                hub = Hub(world.port, world.login(owner.name, owner.personal_token(scope)))
                whose = "the owner's" if owner is self.owner else "the user's"
                callers.append(Caller(f"{whose} token with {scope}", "personal", hub, owner, scope=scope, **facts))
        callers += self._organization_tokens() + self._invalid()
        return callers

    def _organization_tokens(self):
        company = [t for t in self.repositories if t.home == "company"]
        plans = [("pull", {"images": "read"}, "TYPE_REPO", [t.full_name for t in company], ["scope-image-pull"]),
                 ("push", {"images": "write"}, "TYPE_REPO", [t.full_name for t in company],
                  ["scope-image-pull", "scope-image-push"]),
                 ("public", {"public_read": True}, "TYPE_REPO", ["*/*/public"], ["scope-image-pull"])]
        plans += [(scope, {"scopes": {scope}}, "TYPE_ORG", [self.company], [scope]) for scope in ORGANIZATION_SCOPES]
        callers = []
        for name, facts, kind, paths, scopes in plans:
            made = self.owner.hub.post(f"/v2/orgs/{self.company}/access-tokens", {
                "label": name, "resources": [{"type": kind, "path": path, "scopes": scopes} for path in paths]}).expect(201)
            hub = Hub(self.world.port, self.world.login(self.company, made["token"]))
            callers.append(Caller(f"an organization token with {name}", "organization", hub, **facts))
        return callers

    def _invalid(self):
        world = self.world
        pending_of = world.person("second")
        raw = pending_of.personal_token("repo:admin")
        enable_second_factor(pending_of)
        pending = world.nobody.post("/v2/users/login", {"username": pending_of.name, "password": pending_of.password})
        disabled = world.person("disabled")
        self.admin.hub.patch(f"/api/berth/v1/admin/users/{disabled.name}", {"disabled": True}).expect(200)
        return [Caller("somebody who has yet to give the second factor", "invalid",
                       Hub(world.port, pending.expect(401)["login_2fa_token"])),
                Caller("a personal token that was not exchanged", "invalid", Hub(world.port, raw)),
                Caller("a disabled user", "invalid", disabled.hub)]

    # What organizations have

    def invite(self, organization, invitee=None):
        """Invites somebody new, or `invitee`; returns the invitation's id."""
        owner = self.owner if organization == self.company else self.stranger
        invitee = invitee or f"{self.world.name('invited')}@example.com"
        owner.hub.post("/v2/invites/bulk", {"org": organization, "role": "member", "invitees": [invitee]}).expect(202)
        listed = owner.hub.get(f"/v2/orgs/{organization}/invites").expect(200)["data"]
        return next(invite["id"] for invite in listed if invite["invitee"] == invitee)

    def known_invite(self, organization):
        if organization not in self._invites:
            self._invites[organization] = self.invite(organization)
        return self._invites[organization]

    def new_role(self, organization, permissions=("customrole:manage",)):
        owner, name = self.owner if organization == self.company else self.stranger, self.world.name("role")
        owner.hub.post(f"/api/berth/v1/orgs/{organization}/roles",
                       {"name": name, "description": "", "permissions": list(permissions)}).expect(201)
        return name

    def known_role(self, organization):
        if organization not in self._roles:
            self._roles[organization] = self.new_role(organization)
        return self._roles[organization]

    def role_callers(self, permission):
        """Members of the company by a custom role: one that allows `permission` alone, one that allows all else."""
        if not hasattr(self, "_role_callers"):
            listed = self.owner.hub.get("/api/berth/v1/role-permissions").expect(200)
            listed = listed if isinstance(listed, list) else listed["items"]
            self._permissions = {one["name"] for one in listed}
            self._role_callers = []
            for title in ("what the operation needs", "everything else"):
                role, person = self.new_role(self.company), self._member("custom", "member")
                self.owner.hub.put(f"/v2/orgs/{self.company}/members/{person.name}", {"role": role}).expect(200)
                self._role_callers.append((role, Caller(f"a custom role that allows {title}", "password", person.hub,
                                                        person, role="member")))
        wanted = ({permission}, self._permissions - {permission})
        for (role, caller), permissions in zip(self._role_callers, wanted):
            self.owner.hub.patch(f"/api/berth/v1/orgs/{self.company}/roles/{role}",
                                 {"permissions": sorted(permissions)}).expect(200)
            caller.permissions = permissions
        return [caller for _, caller in self._role_callers]

    # Repositories

    def _make_repositories(self):
        places = [("company", self.company, self.owner), ("foreign", self.foreign, self.stranger),
                  ("personal", self.user.name, self.user)]
        targets = [self.new_repository(home, namespace, keeper, private)
                   for home, namespace, keeper in places for private in (False, True)]
        return targets

    def new_repository(self, home, namespace, keeper, private):
        """A repository with an image, a logo, its teams or its collaborator, like every other of its home."""
        name = self.world.name("repo")
        keeper.hub.post(f"/v2/namespaces/{namespace}/repositories", {"name": name}).expect(201)
        target = Target(f"a {'private' if private else 'public'} repository of {_place(home)}", home, namespace, name,
                        private=private, keeper=keeper)
        target.image = Image(f"permissions-{home}")
        target.digest = target.image.digest
        push(self.session(target), target.full_name, target.image, "v1")
        path = f"/v2/repositories/{target.full_name}"
        keeper.hub.post(f"/api/media/repos_logo/v1/{namespace}%2F{name}/upload", logo(),
                        {"Content-Type": "image/png"}).expect(200)
        if home == "company":
            for right, team in {**self.teams, "read ": self.spare_team}.items():
                keeper.hub.post(f"{path}/groups", {"group_id": team["id"], "permission": right.strip()}).expect(200)
        elif home == "foreign":
            keeper.hub.post(f"{path}/groups", {"group_id": self.foreign_team["id"], "permission": "read"}).expect(200)
        elif home == "personal":
            keeper.hub.post(f"{path}/collaborators", {"user": self.collaborator.name}).expect(200, 201)
        if private:
            self.make_private(target)
        return target

    def make_private(self, target):
        target.keeper.hub.patch(f"/v2/repositories/{target.full_name}", {"is_private": True}).expect(200)

    def official_targets(self):
        """Official images as they are called by one name: the namespace in the path is the repository."""
        if not hasattr(self, "_official"):
            name = self.world.name("official")
            self.admin.hub.post("/v2/namespaces/library/repositories", {"name": name}).expect(201)
            official = Target("an official image", "library", "library", name, keeper=self.admin)
            official.image = Image("permissions-official")
            push(self.session(official), official.full_name, official.image, "v1")
            self._official = official
        missing = Target("a missing official image", "library", "library", "missing", exists=False, keeper=self.admin)
        return [self._official, missing]

    def session(self, target):
        """A registry session that may push to `target`; its token is good for some minutes, its connection for one."""
        made, session = self._sessions.get(target.full_name, (float("-inf"), None))
        if time.monotonic() - made > SESSION_SECONDS:
            session = target.keeper.registry(target.full_name)
            self._sessions[target.full_name] = (time.monotonic(), session)
        return session

    def new_tag(self, target):
        tag = self.world.name("tag")
        reply = self.session(target).put_manifest(target.full_name, tag, target.image.manifest, IMAGE_MANIFEST)
        if reply.status != 201:
            raise RuntimeError(f"{target.full_name}:{tag}: {reply}")
        return tag

    def keeper_of(self, target):
        return {"foreign": self.stranger, "personal": self.user, "library": self.admin}.get(target.home, self.owner)

    def member_of(self, target):
        return self.foreign_member if target.home == "foreign" else self.spare_member

    def team_of(self, target):
        return self.foreign_team if target.home == "foreign" else self.spare_team


def _place(home):
    return {"company": "the company", "foreign": "a foreign company", "personal": "a user"}[home]
