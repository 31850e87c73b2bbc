"""How the permission walk calls each operation, and on which objects."""

import contract
from permission_account_requests import AccountRequests
from permission_admin_requests import AdminRequests
from permission_organization_requests import OrganizationRequests
from permission_repository_requests import RepositoryRequests
from permission_request import UNKNOWN_UUID, Request
from permission_world import Target

# Their credentials are in the body, or there are none: sign_in and the sign-up checks ask them everything.
WITHOUT_CALLER = {"Login", "LoginByGet", "LoginTwoFactor", "CreateAuthToken", "CreateDeviceCode", "CreateOAuthToken",
                  "RevokeOAuthToken", "CreateSession", "CheckV1User", "CheckV1UserByPost", "SignUp", "VerifyEmail", "RequestPasswordReset", "ResetPassword"}
# They change the account of whoever calls, so that somebody new calls in place of all who may.
BY_SOMEBODY_NEW = {"RevokeOtherSessions", "RevokeSession", "ChangePassword", "ChangeEmail", "EnrolTwoFactor",
                   "DisableTwoFactor", "DeleteAccount", "ConvertAccount", "AcceptMyInvitation", "DeclineMyInvitation"}
QUERIES = {"SearchV1": "?q=walk", "SearchRepositories": "?query=walk", "SuggestSearch": "?query=walk",
           "CompareImages": "?base=v1&target=v1", "GetImageFile": "?path=file", "GetLayerFile": "?path=file",
           "SearchCatalogV3": "?query=walk", "SearchV4": "?query=walk", "SearchProducts": "?q=walk",
           "CompareImages": "?base=v1&target=v1", "GetImageFile": "?path=/file", "GetLayerFile": "?path=/file"}
# What path_of knows of every target.
PATH_NAMES = {"namespace", "repository", "org_name", "account", "username", "tag", "digest", "reference", "group_name",
              "group_id", "repository_path"}


class Recipes(AccountRequests, OrganizationRequests, RepositoryRequests, AdminRequests):
    """How operations are called: for each handler a method make_<Handler>(target, caller, fresh).

    `fresh` is true for callers who may: what is used up has to be new then. An operation without a method takes no
    body, and of its path only what `path_of` knows.
    """

    def __init__(self, pw):
        self.pw = pw
        self.world = pw.world
        self.known = {name.removeprefix("make_") for name in dir(self) if name.startswith("make_")}
        self.known |= {operation.handler for operation in contract.operations() if operation.reads
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

    def make_GetProduct(self, target, caller, fresh):
        official = self.pw.official_targets()[0]
        return Request(slug=official.repository)


def targets_of(operation, pw):
    """The objects that `operation` is called on."""
    names = set(operation.parameters)
    missing = Target("a missing repository", "company", pw.company, "missing", exists=False, keeper=pw.owner)
    nowhere = Target("a repository of nobody", None, "nobodyatall", "missing", exists=False, keeper=pw.owner)
    company = Target("the company", "company", pw.company, keeper=pw.owner)
    foreign = Target("a foreign company", "foreign", pw.foreign, keeper=pw.stranger)
    personal = Target("a user's namespace", "personal", pw.user.name, keeper=pw.user)
    unknown = Target("a namespace of nobody", None, "nobodyatall", exists=False)
    if "Official" in operation.id:
        return pw.official_targets()
    if operation.permission == "site:admin":
        return [Target("the server", "server")]
    if names & {"repository", "repository_path"} or operation.handler == "DeleteImages":
        return [*pw.repositories, missing, nowhere]
    if operation.handler in ("CreateRepository", "CreateNamespaceRepository") or names & {"namespace", "account"}:
        return [company, foreign, personal, unknown]
    if "org_name" in names:
        return [company, foreign, unknown]
    if operation.handler in ("CancelInvite", "ResendInvite", "BulkInvite"):
        return [company, foreign, unknown]
    if "account_id" in names:
        return [company, foreign]
    if "username" in names:
        return [personal, unknown]
    return [Target("no object", "self")]
