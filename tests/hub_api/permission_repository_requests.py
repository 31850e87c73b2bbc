"""How the permission walk calls operations on repositories, tags and images; see permission_requests."""

from permission_request import Request
from permission_world import logo

PNG = {"Content-Type": "image/png"}


class RepositoryRequests:
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

    def make_ListLayerFiles(self, target, caller, fresh):
        return Request(digest=target.image.layers[0]["digest"]) if target.exists else Request()

    make_GetLayerFile = make_ListLayerFiles

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

    def make_ListLayerFiles(self, target, caller, fresh):
        return Request(digest=target.image.layers[0]["digest"] if target.exists else target.digest)

    make_GetLayerFile = make_ListLayerFiles
