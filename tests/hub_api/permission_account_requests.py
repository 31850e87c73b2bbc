"""How the permission walk calls operations on one's own account and on organizations; see permission_requests."""

from hub import Hub
from permission_request import UNKNOWN_UUID, Request


class AccountRequests:
    def _token(self, caller):
        return caller.person.hub.post("/v2/access-tokens", {"token_label": "walk"}).expect(201)["uuid"]

    def _person(self, caller, fresh):
        """Somebody new in place of a caller whose account the operation would change for good."""
        if not fresh:
            return caller.person, None
        person = self.world.person("walk")
        return person, person.hub

    def make_ListAccessTokens(self, target, caller, fresh):
        return Request()

    def make_CreateAccessToken(self, target, caller, fresh):
        return Request({"token_label": "walk", "scopes": ["repo:read"]})

    def make_GetAccessToken(self, target, caller, fresh):
        return Request(uuid=self._token(caller)) if fresh else Request()

    def make_UpdateAccessToken(self, target, caller, fresh):
        return Request({"token_label": "renamed"}, **({"uuid": self._token(caller)} if fresh else {}))

    make_DeleteAccessToken = make_GetAccessToken

    def make_UpdateCurrentUser(self, target, caller, fresh):
        return Request({"location": "somewhere"})

    def make_CreateOrganization(self, target, caller, fresh):
        return Request({"orgname": self.world.name("walk"), "company": "Walk"})

    def make_GetHubPlan(self, target, caller, fresh):
        view = self.world.nobody.get(f"/v2/users/{target.namespace}").json() if target.exists else {}
        return Request(account_id=view.get("id", "0" * 32))

    def make_Logout(self, target, caller, fresh):
        """Ends a session that is not the caller's; what was exchanged for a token has none."""
        if not fresh or caller.kind != "password":
            return Request()
        return Request(hub=Hub(self.world.port, self.world.login(caller.person.name, caller.person.password)))

    make_DeleteSession = make_Logout

    def make_RevokeOtherSessions(self, target, caller, fresh):
        return Request(hub=self._person(caller, fresh)[1])

    def make_RevokeSession(self, target, caller, fresh):
        if not fresh:
            return Request(session_id=UNKNOWN_UUID)
        person, hub = self._person(caller, fresh)
        self.world.login(person.name, person.password)
        sessions = hub.get("/api/berth/v1/user/sessions").expect(200)["items"]
        return Request(hub=hub, session_id=next(s["id"] for s in sessions if not s["current"]))

    def make_ResendVerification(self, target, caller, fresh):
        return Request(also=(400, 409))

    def make_ChangePassword(self, target, caller, fresh):
        person, hub = self._person(caller, fresh)
        return Request({"current_password": person.password if person else "x",
                        "new_password": "quite another password"}, hub=hub)

    def make_ChangeEmail(self, target, caller, fresh):
        person, hub = self._person(caller, fresh)
        return Request({"current_password": person.password if person else "x",
                        "email": f"{self.world.name('walk')}@example.com"}, hub=hub)

    def make_EnrolTwoFactor(self, target, caller, fresh):
        person, hub = self._person(caller, fresh)
        return Request({"current_password": person.password if person else "x"}, hub=hub)

    def make_ConfirmTwoFactor(self, target, caller, fresh):
        return Request({"code": "123456"}, also=(409,))

    def make_DisableTwoFactor(self, target, caller, fresh):
        person, hub = self._person(caller, fresh)
        return Request({"current_password": person.password if person else "x", "code": "123456"}, hub=hub,
                       also=(400, 409))

    def make_RegenerateRecoveryCodes(self, target, caller, fresh):
        return Request({"code": "123456"}, also=(400, 409))

    def make_GenerateDesktopToken(self, target, caller, fresh):
        return Request()

    def _device(self):
        answer = self.world.nobody.post("/oauth/device/code", b"client_id=walk",
                                        {"Content-Type": "application/x-www-form-urlencoded"})
        return answer.expect(200)["user_code"]

    def make_GetDeviceRequest(self, target, caller, fresh):
        return Request(user_code=self._device())

    make_ApproveDeviceRequest = make_DenyDeviceRequest = make_GetDeviceRequest

    def make_DeleteAccount(self, target, caller, fresh):
        person, hub = self._person(caller, fresh)
        return Request({"current_password": person.password if person else "x"}, hub=hub)

    def make_ConvertAccount(self, target, caller, fresh):
        person, hub = self._person(caller, fresh)
        return Request({"owner": self.pw.spare_member.name, "current_password": person.password if person else "x"}, hub=hub)

    def make_AcceptMyInvitation(self, target, caller, fresh):
        if not fresh:
            return Request(invite_id="unknown")
        person, hub = self._person(caller, fresh)
        self.pw.invite(self.pw.company, person.name)
        waiting = hub.get("/api/berth/v1/user/invitations").expect(200)["items"]
        return Request(hub=hub, invite_id=waiting[0]["id"])

    make_DeclineMyInvitation = make_AcceptMyInvitation

    def make_GetInvitation(self, target, caller, fresh):
        return Request(invite_token="unknown", also=(404,))  # the token is all that it takes

    make_AcceptInvitation = make_GetInvitation

    def make_MarkNotificationsRead(self, target, caller, fresh):
        return Request({"ids": []})
