"""How the permission walk calls operations on organizations and namespaces; see permission_requests."""

from permission_request import UNKNOWN_UUID, Request


class OrganizationRequests:
    def make_UpdateOrganization(self, target, caller, fresh):
        return Request({"location": "somewhere"})

    def make_DeleteOrganization(self, target, caller, fresh):
        return Request(org_name=self.world.organization(self.pw.keeper_of(target), "gone")) if fresh else Request()

    def make_UpdateOrganizationMember(self, target, caller, fresh):
        return Request({"role": "member"}, username=self.pw.member_of(target).name)

    def make_RemoveOrganizationMember(self, target, caller, fresh):
        person = self.pw.member_of(target)
        if fresh:
            person = self.world.person("leaver")
            self.world.join(target.namespace, person)
        return Request(username=person.name)

    def make_CreateGroup(self, target, caller, fresh):
        return Request({"name": self.world.name("team"), "description": ""})

    def make_ReplaceGroup(self, target, caller, fresh):
        return Request({"name": "spare", "description": "to spare"})

    make_UpdateGroup = make_ReplaceGroup

    def _new_team(self, target):
        keeper, name = self.pw.keeper_of(target), self.world.name("team")
        keeper.hub.post(f"/v2/orgs/{target.namespace}/groups", {"name": name}).expect(201)
        return name

    def make_DeleteGroup(self, target, caller, fresh):
        return Request(group_name=self._new_team(target)) if fresh else Request()

    def make_AddGroupMember(self, target, caller, fresh):
        member = {"member": self.pw.member_of(target).name}
        return Request(member, group_name=self._new_team(target)) if fresh else Request(member)

    def make_RemoveGroupMember(self, target, caller, fresh):
        member = self.pw.member_of(target)
        if not fresh:
            return Request(username=member.name)
        team = self._new_team(target)
        self.pw.keeper_of(target).hub.post(f"/v2/orgs/{target.namespace}/groups/{team}/members",
                                           {"member": member.name}).expect(200)
        return Request(username=member.name, group_name=team)

    def _organization_token(self, target):
        made = self.pw.keeper_of(target).hub.post(f"/v2/orgs/{target.namespace}/access-tokens", {"label": "walk"})
        return made.expect(201)["id"]

    def make_CreateOrganizationAccessToken(self, target, caller, fresh):
        return Request({"label": self.world.name("token")})

    def make_GetOrganizationAccessToken(self, target, caller, fresh):
        return Request(access_token_id=self._organization_token(target)) if fresh else Request()

    make_DeleteOrganizationAccessToken = make_GetOrganizationAccessToken

    def make_UpdateOrganizationAccessToken(self, target, caller, fresh):
        return Request({"label": "renamed"}, **({"access_token_id": self._organization_token(target)} if fresh else {}))

    def make_UpdateOrganizationSettings(self, target, caller, fresh):
        return Request({"restricted_images": {"enabled": False, "allow_official_images": True,
                                              "allow_verified_publishers": True}})

    def make_UpdateRegistryAccessManagement(self, target, caller, fresh):
        return Request({"enabled": False, "standard_registries": [{"id": "DockerHub", "allowed": True}],
                        "custom_registries": []})

    def make_BulkInvite(self, target, caller, fresh):
        return Request({"org": target.namespace, "role": "member", "invitees": [self.pw.stranger.email], "dry_run": True})

    def make_CancelInvite(self, target, caller, fresh):
        if not target.exists:
            return Request(id=UNKNOWN_UUID)
        return Request(id=self.pw.invite(target.namespace) if fresh else self.pw.known_invite(target.namespace))

    def make_ResendInvite(self, target, caller, fresh):
        return Request(id=self.pw.known_invite(target.namespace) if target.exists else UNKNOWN_UUID)

    def make_InviteFromCsv(self, target, caller, fresh):
        return Request(f"email\n{self.world.name('csv')}@example.com\n".encode(), {"Content-Type": "text/csv"})

    def make_UpdateNamespaceSettings(self, target, caller, fresh):
        return Request({"default_repo_visibility": "public"})

    def make_CreateCustomRole(self, target, caller, fresh):
        return Request({"name": self.world.name("role"), "description": "", "permissions": ["customrole:manage"]})

    def make_GetCustomRole(self, target, caller, fresh):
        return Request(role_name=self.pw.known_role(target.namespace) if target.exists else "unknown")

    def make_UpdateCustomRole(self, target, caller, fresh):
        return Request({"description": "walked"}, role_name=self.pw.known_role(target.namespace) if target.exists else "unknown")

    def make_DeleteCustomRole(self, target, caller, fresh):
        if fresh:
            return Request(role_name=self.pw.new_role(target.namespace))
        return self.make_GetCustomRole(target, caller, fresh)

    def make_CreateScimToken(self, target, caller, fresh):
        return Request()

    def make_DisableScim(self, target, caller, fresh):
        if fresh:
            self.pw.keeper_of(target).hub.post(f"/api/berth/v1/orgs/{target.namespace}/scim/token").expect(201)
        return Request()
