"""Every operation that the server answers × every kind of caller × public, private, foreign and missing objects.

What must happen comes from permission_rules; this file knows how each operation is called. A refused call must change
nothing, so refused callers come first and share their objects; whoever may gets an object of its own where the
operation would use it up. What an outsider is told of a private object must be what he is told of a missing one.
"""

import time

from checks import Failed
from contract import not_served, served_operations
from hub import Hub
from permission_rules import ALLOWED, expected
from permission_world import PermissionWorld, Target, logo

PNG = {"Content-Type": "image/png"}
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"

# Their credentials are in the body, or there are none: sign_in and the sign-up checks ask them everything.
WITHOUT_CALLER = {"Login", "LoginByGet", "LoginTwoFactor", "CreateAuthToken", "CreateDeviceCode", "CreateOAuthToken",
                  "RevokeOAuthToken", "CreateSession", "SignUp", "VerifyEmail", "RequestPasswordReset", "ResetPassword"}


# They change the account of whoever calls, so that somebody new calls in place of all who may.
BY_SOMEBODY_NEW = {"RevokeOtherSessions", "RevokeSession", "ChangePassword", "ChangeEmail", "EnrolTwoFactor",
                   "DisableTwoFactor"}


class Request:
    def __init__(self, body=None, headers=None, hub=None, also=(), **path):
        self.body, self.headers, self.path = body, headers, path
        self.hub = hub      # instead of the caller's, for what ends a session or uses an account up
        self.also = also    # statuses beside 2xx that say as well: you may


# What path_of knows of every target.
PATH_NAMES = {"namespace", "repository", "org_name", "account", "username", "tag", "digest", "reference", "group_name",
              "group_id", "repository_path"}


class Recipes:
    """How operations are called: for each handler a method make_<Handler>(target, caller, fresh).

    `fresh` is true for callers who may: what is used up has to be new then. An operation without a method takes no
    body, and of its path only what `path_of` knows.
    """

    def __init__(self, pw):
        self.pw = pw
        self.world = pw.world
        self.known = {name.removeprefix("make_") for name in dir(self) if name.startswith("make_")}
        self.known |= {operation.handler for operation in served_operations() if operation.reads
                       and set(operation.parameters) <= PATH_NAMES}

    def make(self, operation, target, caller, fresh):
        method = getattr(self, "make_" + operation.handler, None)
        if method:
            return method(target, caller, fresh)
        return None if operation.method in ("POST", "PUT", "PATCH", "DELETE") else Request()

    def path_of(self, operation, target, request):
        pw = self.pw
        team = pw.team_of(target)
        values = {"namespace": target.namespace, "repository": target.repository, "org_name": target.namespace,
                  "account": target.namespace, "username": target.namespace, "tag": "v1", "digest": target.digest,
                  "reference": "v1", "group_name": "spare", "group_id": team["id"], "slug": target.namespace,
                  "repository_path": f"{target.namespace}%2F{target.repository}", "uuid": UNKNOWN_UUID,
                  "access_token_id": UNKNOWN_UUID, "account_id": target.namespace, **request.path}
        if "Official" in operation.id:
            values["namespace"] = target.repository
        path = operation.path
        for name in operation.parameters:
            if name not in values:
                raise LookupError(f"nothing is known of {{{name}}}")
            path = path.replace("{" + name + "}", str(values[name]))
        return path

    # One's own account

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

    def make_MarkNotificationsRead(self, target, caller, fresh):
        return Request({})

    def make_UpdateNamespaceSettings(self, target, caller, fresh):
        return Request({"default_repo_visibility": "public"})

    def make_CreateScimToken(self, target, caller, fresh):
        return Request()

    make_DisableScim = make_CreateScimToken

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

    # Organizations

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

    # Repositories

    def make_CreateRepository(self, target, caller, fresh):
        return Request({"namespace": target.namespace, "name": self.world.name("made")})

    make_CreateNamespaceRepository = make_CreateRepository

    def make_UpdateRepository(self, target, caller, fresh):
        return Request({"description": "walked"})

    def make_DeleteRepository(self, target, caller, fresh):
        if not fresh:
            return Request()
        made = self.pw.new_repository(target.home, target.namespace, target.keeper, target.private)
        return Request(repository=made.repository)

    def make_UpdateImmutableTags(self, target, caller, fresh):
        return Request({"immutable_tags": False, "immutable_tags_rules": []})

    def make_VerifyImmutableTags(self, target, caller, fresh):
        return Request({"regex": "v.*"})

    def make_SetRepositoryPrivacy(self, target, caller, fresh):
        return Request({"is_private": target.private})

    def make_SetRepositoryCategories(self, target, caller, fresh):
        return Request([])

    def make_GetRepositoryDockerfile(self, target, caller, fresh):
        return Request(also=(404,) if fresh else ())  # no automated build, no Dockerfile

    def make_StarRepository(self, target, caller, fresh):
        return Request({})

    def make_UnstarRepository(self, target, caller, fresh):
        return Request()

    def make_AddCollaborator(self, target, caller, fresh):
        # Organizations have teams instead; a collaborator who is one already stays one.
        return Request({"user": self.pw.collaborator.name}, also=(409,) if target.home != "personal" else ())

    def make_RemoveCollaborator(self, target, caller, fresh):
        # Taking away somebody who is none answers 404 with a text of its own.
        return Request(username=self.pw.spare_member.name, also=(404,))

    def make_CreateRepositoryGroup(self, target, caller, fresh):
        return Request({"group_id": self.pw.team_of(target)["id"], "permission": "read"},
                       also=(404, 409) if target.home == "personal" else ())

    def make_GetRepositoryGroup(self, target, caller, fresh):
        return Request(also=(404,) if target.home == "personal" else ())

    def make_UpdateRepositoryGroup(self, target, caller, fresh):
        return Request({"permission": "read"}, also=(404,) if target.home == "personal" else ())

    def make_DeleteRepositoryGroup(self, target, caller, fresh):
        if not fresh or target.home == "personal":
            return Request(also=(404,) if fresh else ())
        keeper, team = self.pw.keeper_of(target), self.world.name("team")
        made = keeper.hub.post(f"/v2/orgs/{target.namespace}/groups", {"name": team}).expect(201)
        keeper.hub.post(f"/v2/repositories/{target.full_name}/groups",
                        {"group_id": made["id"], "permission": "read"}).expect(200)
        return Request(group_id=made["id"])

    def make_UploadRepositoryLogo(self, target, caller, fresh):
        return Request(logo(), PNG)

    def make_DeleteRepositoryLogo(self, target, caller, fresh):
        if fresh:
            target.keeper.hub.post(f"/api/media/repos_logo/v1/{target.namespace}%2F{target.repository}/upload",
                                   logo(), PNG).expect(200)
        return Request()

    # Tags and images

    def make_DeleteRepositoryTag(self, target, caller, fresh):
        return Request(tag=self.pw.new_tag(target)) if fresh else Request()

    def make_SetTag(self, target, caller, fresh):
        return Request({"source": "v1"}, tag="walked")

    def make_PreviewDelete(self, target, caller, fresh):
        return Request({"tags": ["v1"]})

    def make_DeleteSelection(self, target, caller, fresh):
        if not fresh:
            return Request({"tags": ["v1"], "plan": "x"})
        tag = self.pw.new_tag(target)
        preview = target.keeper.hub.post(f"/api/berth/v1/repositories/{target.full_name}/delete-preview", {"tags": [tag]})
        return Request({"tags": [tag], "plan": preview.expect(200)["plan"]})

    def make_DeleteImages(self, target, caller, fresh):
        chosen = {"repository": target.repository, "digest": target.digest}
        return Request({"dry_run": True, "manifests": [chosen], "ignore_warnings": [
            {**chosen, "warning": "is_active"}, {**chosen, "warning": "current_tag", "tags": ["v1", "walked"]}]})

    # Administration

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


    def make_GetProduct(self, target, caller, fresh):
        official = self.pw.official_targets()[0]
        return Request(slug=official.repository)


QUERIES = {"SearchV1": "?q=walk", "SearchRepositories": "?query=walk", "SuggestSearch": "?query=walk",
           "SearchCatalogV3": "?query=walk", "SearchV4": "?query=walk", "SearchProducts": "?q=walk"}


def targets_of(operation, pw):
    """The objects that `operation` is called on."""
    names = set(operation.parameters)
    missing = Target("a missing repository", "company", pw.company, "missing", exists=False, keeper=pw.owner)
    nowhere = Target("a repository of nobody", None, "nobodyatall", "missing", exists=False, keeper=pw.owner)
    company = Target("the company", "company", pw.company, keeper=pw.owner)
    foreign = Target("a foreign company", "foreign", pw.foreign, keeper=pw.stranger)
    personal = Target("a user's namespace", "personal", pw.user.name, keeper=pw.user)
    unknown = Target("a namespace of nobody", None, "nobodyatall", exists=False)
    if operation.id.startswith("DeleteOfficial") or operation.id.endswith("OfficialRepositoryTag") \
            or operation.id == "ListOfficialRepositoryTags":
        return pw.official_targets()
    if operation.permission == "site:admin":
        return [Target("the server", "server")]
    if names & {"repository", "repository_path"} or operation.handler == "DeleteImages":
        return [*pw.repositories, missing, nowhere]
    if operation.handler in ("CreateRepository", "CreateNamespaceRepository") or names & {"namespace", "account"}:
        return [company, foreign, personal, unknown]
    if "org_name" in names:
        return [company, foreign, unknown]
    if "account_id" in names:
        return [company, foreign]
    if "username" in names:
        return [personal, unknown]
    return [Target("no object", "self")]


class Walk:
    def __init__(self, pw):
        self.pw = pw
        self.recipes = Recipes(pw)
        self.calls = 0
        self.only_refusals = []

    def operation(self, operation):
        """Calls `operation` in every way; returns what was wrong, one line each."""
        wrong, refused = [], {}
        for target in targets_of(operation, self.pw):
            verdicts = [(caller, self.expected(operation, caller, target)) for caller in self.pw.callers]
            for caller, verdict in verdicts:
                if verdict not in (ALLOWED, None):
                    answer = self.call(operation, target, caller, False)
                    if answer.status not in self.widened(operation, verdict):
                        wrong.append(self.tell(caller, target, answer, sorted(verdict)))
                    elif answer.status == 404:
                        refused.setdefault(caller.name, {})[target.label] = self.anonymized(answer, target)
            may = [caller for caller, verdict in verdicts if verdict == ALLOWED]
            for caller in may[:1] if operation.id in BY_SOMEBODY_NEW else may:
                wrong += self.allowed(operation, target, caller)
        for caller, told in refused.items():
            if len(set(told.values())) > 1:
                wrong.append(f"{caller} can tell what is private from what is missing: {told}")
        return wrong

    def expected(self, operation, caller, target):
        if operation.permission == "account:self" and "username" in operation.parameters and target.exists:
            if caller.kind in ("password", "personal") and (not caller.person or caller.person.name != target.namespace):
                return {403}
        return expected(operation, caller, target)

    def widened(self, operation, verdict):
        """Without a recipe the request may be malformed or ask for nothing that is there, which may be told first."""
        return verdict if operation.handler in self.recipes.known or verdict == {401} else verdict | {400, 404}

    def allowed(self, operation, target, caller):
        answer = self.call(operation, target, caller, True)
        if answer is None:
            if operation.id not in self.only_refusals:
                self.only_refusals.append(operation.id)
            return []
        if answer.status // 100 == 2 or answer.status in answer.also:
            return []
        return [self.tell(caller, target, answer, "2xx")]

    def call(self, operation, target, caller, fresh):
        request = self.recipes.make(operation, target, caller, fresh)
        if request is None:
            if fresh:
                return None
            request = Request()
        try:
            path = self.recipes.path_of(operation, target, request)
        except LookupError:
            if fresh:
                return None
            path = operation.path.replace("{", "").replace("}", "")
        hub = request.hub or caller.hub
        self.calls += 1
        answer = hub.request(operation.method, path + QUERIES.get(operation.id, ""), request.body, request.headers)
        answer.also = request.also
        if answer.status >= 500:
            raise Failed(f"{caller.name}: {answer}")
        return answer

    @staticmethod
    def anonymized(answer, target):
        text = answer.body.decode(errors="replace")
        for name in (target.repository, target.namespace, target.digest):
            text = text.replace(name, "*") if name else text
        return answer.status, text

    @staticmethod
    def tell(caller, target, answer, wanted):
        return f"{caller.name} on {target.label}: expected {wanted}: {answer}"[:400]


def check(context):
    operations = served_operations()
    served = {operation.id for operation in operations}
    begin = time.monotonic()
    pw = PermissionWorld(context.world, served)
    walk = Walk(pw)
    for operation in operations:
        if operation.id in WITHOUT_CALLER:
            continue
        with context.checks.check(f"{operation.id}: {operation.permission}"):
            wrong = walk.operation(operation)
            if wrong:
                raise Failed(f"{len(wrong)} wrong:\n" + "\n".join(wrong[:12]))
    print(f"{walk.calls} calls by {len(pw.callers)} callers in {time.monotonic() - begin:.0f} s; only refusals of "
          f"{', '.join(walk.only_refusals) or 'none'}; not served: {len(not_served())}")
