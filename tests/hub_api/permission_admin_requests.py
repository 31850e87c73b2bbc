"""How the permission walk calls the administration of the server; see permission_requests."""

from permission_request import Request


class AdminRequests:
    def make_CreateUser(self, target, caller, fresh):
        name = self.world.name("made")
        return Request({"username": name, "email": f"{name}@example.com", "password": "a long password"})

    def make_GetUserAsAdmin(self, target, caller, fresh):
        return Request(username=self.pw.spare_member.name)

    def make_UpdateUserAsAdmin(self, target, caller, fresh):
        return Request({"full_name": "Walked"}, username=self.pw.spare_member.name)

    def make_DeleteUserAsAdmin(self, target, caller, fresh):
        person = self.world.person("gone") if fresh else self.pw.spare_member
        return Request(username=person.name)

    def make_CreatePasswordLink(self, target, caller, fresh):
        return Request(username=self.pw.spare_member.name)

    make_ResetTwoFactor = make_CreatePasswordLink
    make_RevokeUserSessions = make_CreatePasswordLink

    def make_SetNamespaceBadge(self, target, caller, fresh):
        return Request({"badge": "open_source"}, namespace=self.pw.company)

    def make_DeleteHeldMail(self, target, caller, fresh):
        if not fresh:
            return Request(mail_id="1")
        self.world.nobody.post("/api/berth/v1/password/reset", {"email": self.pw.spare_member.email}).expect(202)
        return Request(mail_id=self.pw.admin.hub.get("/api/berth/v1/admin/mail").expect(200)["items"][0]["id"])

    def make_CompleteSetup(self, target, caller, fresh):
        return Request({"server_name": "Berth"}, also=(409,))  # another area may have done so

    def make_UpdateOrganizationAsAdmin(self, target, caller, fresh):
        return Request({"disabled": False}, org_name=self.pw.company)

    def make_SetRepositoryBadge(self, target, caller, fresh):
        public = self.pw.repositories[0]
        return Request({"badge": "open_source"}, namespace=public.namespace, repository=public.repository)

    def make_AssignPlan(self, target, caller, fresh):
        return Request({"plan": "business"}, namespace=self.pw.company)

    def make_GetPlan(self, target, caller, fresh):
        return Request(plan_name="business")

    def make_UpdateServerSettings(self, target, caller, fresh):
        return Request({"announcement": ""})

    def make_GetJob(self, target, caller, fresh):
        return Request(job_id="1", also=(404, 409))  # which jobs there are is not for the walk to say

    make_DiscardJob = make_RetryJob = make_GetJob

    def make_RunGarbage(self, target, caller, fresh):
        return Request(also=(409,))

    def make_SendTestMail(self, target, caller, fresh):
        return Request({"to": "somebody@example.com"}, also=(409,))  # without a mail server

    def make_CreatePlan(self, target, caller, fresh):
        return Request(self._plan(self.world.name("plan")))

    def make_UpdatePlan(self, target, caller, fresh):
        plan = self._known_plan()
        return Request(self._plan(plan), plan_name=plan)

    def make_DeletePlan(self, target, caller, fresh):
        return Request(plan_name=self._new_plan() if fresh else self._known_plan())

    def make_UpdateLimits(self, target, caller, fresh):
        # As they are; only the administrator can read them.
        return Request(self.pw.admin.hub.get("/api/berth/v1/admin/limits").expect(200))

    def _plan(self, name):
        """The fields of an existing plan, under another name."""
        fields = self.pw.admin.hub.get("/api/berth/v1/admin/plans/personal").expect(200)
        return {**{key: value for key, value in fields.items() if key not in ("accounts", "is_default")}, "name": name}

    def _new_plan(self):
        name = self.world.name("plan")
        self.pw.admin.hub.post("/api/berth/v1/admin/plans", self._plan(name)).expect(201)
        return name

    def _known_plan(self):
        if not hasattr(self, "_walked_plan"):
            self._walked_plan = self._new_plan()
        return self._walked_plan
