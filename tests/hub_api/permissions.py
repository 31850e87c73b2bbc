"""Every operation of the contract × every kind of caller × public, private, foreign and missing objects.

What must happen comes from permission_rules; this file knows how each operation is called. A refused call must change
nothing, so refused callers come first and share their objects; whoever may gets an object of its own where the
operation would use it up. What an outsider is told of a private object must be what he is told of a missing one.
"""

import time

import contract
from checks import Failed
from permission_requests import BY_SOMEBODY_NEW, QUERIES, WITHOUT_CALLER, Recipes, Request, targets_of
from permission_rules import ALLOWED, expected
from permission_world import PermissionWorld


class Walk:
    def __init__(self, pw):
        self.pw = pw
        self.recipes = Recipes(pw)
        self.calls = 0
        self.only_refusals = []

    def operation(self, operation):
        """Calls `operation` in every way; returns what was wrong, one line each."""
        wrong, refused = [], {}
        callers = [*self.pw.callers, *(self.pw.role_callers(operation.role_permission) if operation.role_permission else [])]
        for target in targets_of(operation, self.pw):
            verdicts = [(caller, self.expected(operation, caller, target)) for caller in callers]
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
        exact = operation.handler in self.recipes.known or verdict == {401} or operation.permission == "scim"
        return verdict if exact else verdict | {400, 404}

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


def _by_way_of_ones_own(context, pw):
    """What belongs to somebody else is not reached by its id under something of one's own."""
    own = next(t for t in pw.repositories if t.home == "company" and not t.private)
    foreign = next(t for t in pw.repositories if t.home == "foreign" and t.private)
    token = pw.stranger.hub.post(f"/v2/orgs/{pw.foreign}/access-tokens", {"label": "foreign"}).expect(201)["id"]
    repository, images = f"/v2/repositories/{own.full_name}", f"/v2/namespaces/{own.namespace}/repositories/{own.repository}/images"
    addresses = [("a team", f"{repository}/groups/{pw.foreign_team['id']}", {"permission": "read"}),
                 ("a token", f"/v2/orgs/{pw.company}/access-tokens/{token}", {"label": "mine now"}),
                 ("tags of an image", f"{images}/{foreign.digest}/tags", None),
                 ("an image", f"/api/berth/v1/repositories/{own.full_name}/images/{foreign.digest}", None)]
    for what, address, change in addresses:
        with context.checks.check(f"not by way of one's own: {what}"):
            for method in ("GET", "PATCH", "DELETE") if change else ("GET",):
                pw.owner.hub.request(method, address, change if method == "PATCH" else None).refuses(404)
    with context.checks.check("not by way of one's own: deletion of images"):
        chosen = [{"repository": foreign.repository, "digest": foreign.digest}]
        body = pw.owner.hub.post(f"/v2/namespaces/{own.namespace}/delete-images", {"manifests": chosen})
        if body.status not in (400, 404):
            raise Failed(str(body))
    with context.checks.check("what was reached in vain is still as it was"):
        shown = pw.stranger.hub.get(f"/v2/orgs/{pw.foreign}/access-tokens/{token}").expect(200)
        if shown["label"] != "foreign" or pw.session(foreign).manifest(foreign.full_name, foreign.digest).status != 200:
            raise Failed(str(shown))


def check(context):
    begin = time.monotonic()
    pw = PermissionWorld(context.world)
    walk = Walk(pw)
    _by_way_of_ones_own(context, pw)
    for operation in contract.operations():
        if operation.id in WITHOUT_CALLER:
            continue
        with context.checks.check(f"{operation.id}: {operation.permission}"):
            wrong = walk.operation(operation)
            if wrong:
                raise Failed(f"{len(wrong)} wrong:\n" + "\n".join(wrong[:12]))
    print(f"{walk.calls} calls by {len(pw.callers)} callers in {time.monotonic() - begin:.0f} s; only refusals of "
          f"{', '.join(walk.only_refusals) or 'none'}")
