"""Who may do what, as the contract (x-permission and its companions, info.description) and Docker Hub's published
matrix of roles say; nothing here is taken from the server.

`expected` answers ALLOWED, a set of statuses, or None where neither document decides.
"""

ALLOWED = "allowed"
RIGHTS = ("none", "read", "write", "admin")
ROLES = (None, "member", "editor", "owner")
SCOPES = ("repo:public_read", "repo:read", "repo:write", "repo:admin")

# Docker Hub's roles: every member pulls all of the organization's images; editors and owners edit and delete
# repositories. Teams add to that, repository by repository. Collaborators of a personal namespace push and pull.
RIGHT_OF_ROLE = {None: "none", "member": "read", "editor": "admin", "owner": "admin"}
RIGHT_OF_SCOPE = {"repo:public_read": "read", "repo:read": "read", "repo:write": "write", "repo:admin": "admin"}
SCOPE_FOR_ROLE = {"member": "repo:read", "editor": "repo:write", "owner": "repo:admin"}
# What a read-only personal token may end all the same: itself.
ENDS_ITSELF = {"Logout", "DeleteSession"}
# The path holds the id alone, and whether it is there is the organization's own business.
BY_ID = {"CancelInvite", "ResendInvite"}
STARS = {"StarRepository", "UnstarRepository"}


def _most(*rights):
    return max(rights, key=RIGHTS.index)


def _least(*rights):
    return min(rights, key=RIGHTS.index)


def right_on(caller, repository):
    """none, read, write or admin of `caller` on an existing repository."""
    if caller.kind == "organization":
        return _right_of_resources(caller, repository)
    right = "none" if repository.private else "read"
    if caller.kind == "anonymous":
        return right
    if caller.is_admin:
        right = "admin"
    elif repository.home == "personal":
        right = _most(right, "admin" if caller.owns_personal else "write" if caller.collaborates else "none")
    elif repository.home == "company":
        right = _most(right, RIGHT_OF_ROLE[caller.role], caller.team or "none")
    if not caller.verified:
        right = _least(right, "read")
    if caller.kind == "personal":
        if caller.scope == "repo:public_read" and repository.private:
            return "none"
        right = _least(right, RIGHT_OF_SCOPE[caller.scope])
    return right


def _right_of_resources(caller, repository):
    right = "none"
    if not repository.private and caller.public_read:
        right = "read"
    if repository.home == "company":
        right = _most(right, caller.images)
    return right


def role_in(caller, home):
    """The role in a namespace; a personal one has its user as owner, and an administrator owns everything."""
    if caller.is_admin:
        return "owner"
    if home == "personal":
        return "owner" if caller.owns_personal else None
    return caller.role if home == "company" else None


def expected(operation, caller, target):
    if operation.ignores_credentials:
        return ALLOWED
    if caller.kind == "invalid":
        return {401}
    permission = operation.permission
    if caller.kind == "anonymous" and permission not in ("public", "repo:read"):
        return {401}
    if caller.kind in operation.refuses:
        return {403} if target.exists else {403, 404}
    if operation.role_permission in caller.permissions and target.exists and target.home == "company":
        return ALLOWED
    if permission.startswith("repo:"):
        return _of_repository(permission[5:], caller, target)
    if not target.exists:
        # An organization token is good for what its scopes name, and may be refused before anything is looked for.
        return {404} if caller.kind != "organization" or permission == "public" else {403, 404}
    if permission == "public":
        return ALLOWED
    if permission.startswith("org:"):
        verdict = _of_organization(operation, permission[4:], caller, target)
        return {403, 404} if operation.handler in BY_ID and verdict != ALLOWED else verdict
    if permission == "site:admin":
        return ALLOWED if caller.is_admin and caller.kind == "password" else {403}
    if permission == "scim":
        return {401, 403}
    return _of_account(operation, caller, target)


def _of_repository(needed, caller, target):
    if not target.exists:
        return {404}
    right = right_on(caller, target)
    if right == "none":
        return {404} if target.private else {403}
    return ALLOWED if RIGHTS.index(right) >= RIGHTS.index(needed) else {403}


def _of_organization(operation, needed, caller, target):
    if caller.kind == "organization":
        held = caller.scopes & {operation.token_scope, operation.token_scope.replace("-read", "-edit")}
        return ALLOWED if operation.token_scope and held and target.home == "company" else {403}
    if caller.kind == "personal" and SCOPES.index(caller.scope) < SCOPES.index(SCOPE_FOR_ROLE[needed]):
        return {403}
    if not caller.verified and not operation.reads:
        return {403}
    return ALLOWED if ROLES.index(role_in(caller, target.home)) >= ROLES.index(needed) else {403}


def _of_account(operation, caller, target):
    """signed-in and account:self."""
    if operation.id == "GetHubPlan":
        return _of_plan(caller, target)
    if caller.kind == "organization":
        # It has no account of its own; what anybody signed in may read is open to it.
        reads = operation.reads or operation.id in ENDS_ITSELF
        return ALLOWED if operation.permission == "signed-in" and reads else {403}
    if operation.permission == "account:self" and target.home == "somebody":
        return {403}
    if operation.handler in STARS and right_on(caller, target) == "none":
        return {404}
    if caller.kind == "personal" and not operation.reads and operation.id not in ENDS_ITSELF:
        needed = "repo:write" if operation.handler in STARS else "repo:admin"
        if SCOPES.index(caller.scope) < SCOPES.index(needed):
            return {403}
    if not caller.verified and not operation.reads and operation.permission == "signed-in":
        return None
    return ALLOWED


def _of_plan(caller, target):
    """The plan of an account is for the account itself and for members of the organization."""
    own = caller.kind == "organization" and target.home == "company"
    return ALLOWED if own or role_in(caller, target.home) else {403, 404}
