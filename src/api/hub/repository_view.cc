#include "api/hub/repository_view.h"

#include <algorithm>

#include "base/encoding.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;
using access::Verdict;

constexpr sql::Query kHasLogo{"hub.has_logo", "SELECT 1 FROM repository_logo WHERE repository_id = $1"};

Result<bool> HasLogo(sql::Connection& c, RepositoryId repository) {
  TRY(const auto found, c.One(kHasLogo, {repository}, [](const sql::Row& row) { return row.Int(0); }));
  return found.has_value();
}

void AddOnce(std::vector<std::string>& list, std::string_view text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.emplace_back(text);
}

Result<void> FillEntry(sql::Connection& c, const accounts::Caller& caller, const catalog::RepositoryInfo& info,
                       RepositoryEntryView& view) {
  view.name = info.name;
  view.namespace_ = info.namespace_;
  if (info.is_archived) {
    view.status = 0;
    view.status_description = "inactive";
  }
  view.description = info.description;
  view.is_private = info.is_private;
  view.star_count = info.star_count;
  view.pull_count = info.pull_count;
  view.last_modified = info.updated_at;
  view.last_updated = info.last_pushed_at ? info.last_pushed_at : std::optional(info.updated_at);
  view.date_registered = info.created_at;
  view.user = view.hub_user = info.namespace_;
  view.namespace_type = info.owner_is_organization ? "Organization" : "User";
  view.storage_size = info.storage_size;
  if (!info.badge.empty()) view.badge = info.badge;
  TRY(const auto types, catalog::RepositoryInfoService::MediaTypes(c, info.id));
  for (const auto& [media_type, config] : types) {
    AddOnce(view.media_types, media_type);
    if (!config.empty()) AddOnce(view.content_types, ContentTypeOf(config));
  }
  TRY(const auto slugs, catalog::RepositoryExtras::Categories(c, info.id));
  for (const std::string& slug : slugs) {
    if (const auto* category = catalog::FindCategory(slug))
      view.categories.push_back({std::string(category->name), slug});
  }
  TRY(const auto verdict, access::DecideRepository(c, caller, info.Facts(), RepositoryAction::kEdit));
  view.can_edit = verdict == Verdict::kAllowed;
  view.affiliation = caller.account == info.owner && !caller.IsAnonymous() ? "owner" : view.can_edit ? "editor" : "";
  return {};
}

Result<bool> May(sql::Connection& c, const Call& call, const catalog::RepositoryInfo& info, RepositoryAction action) {
  TRY(const auto verdict, access::DecideRepository(c, call.caller, info.Facts(), action));
  return verdict == Verdict::kAllowed;
}

}  // namespace

LogoUrlView MakeLogoUrl(const http::Request& request, std::string_view full_name) {
  const std::string url = request.BaseUrl() + "/api/media/repos_logo/v1/" + PercentEncode(full_name);
  LogoUrlView view;
  view.large = url;
  view.small = url;
  return view;
}

std::string_view ContentTypeOf(std::string_view type) {
  if (type == "application/vnd.oci.image.config.v1+json" || type == "application/vnd.docker.container.image.v1+json")
    return "image";
  if (type == "application/vnd.docker.plugin.v1+json") return "plugin";
  if (type == "application/vnd.cncf.helm.config.v1+json") return "helm";
  if (type == "application/vnd.docker.volume.v1+tar.gz") return "volume";
  if (type.starts_with("application/vnd.docker.ai.model.config.")) return "model";
  if (type.starts_with("application/vnd.wasm.")) return "wasm";
  if (type.find("compose") != std::string_view::npos) return "compose";
  return "unrecognized";
}

Result<catalog::RepositoryInfo> RequireRepository(const HubApi& api, const Call& call, std::string_view name_space,
                                                  std::string_view name, RepositoryAction action) {
  const Error missing = Error(ErrorCode::kNameUnknown, "httperror 404: object not found")
                            .WithDetail(std::string(name_space) + "/" + std::string(name));
  return api.database.Read([&](sql::Connection& c) -> Result<catalog::RepositoryInfo> {
    TRY(auto info, catalog::RepositoryInfoService::Find(c, std::string(name_space) + "/" + std::string(name)));
    if (!info) return Fail(missing);
    TRY(const auto verdict, access::DecideRepository(c, call.caller, info->Facts(), action));
    if (verdict == Verdict::kHidden) return Fail(missing);
    if (verdict == Verdict::kDenied && call.caller.IsAnonymous())
      return Fail(ErrorCode::kUnauthenticated, "unauthorized");
    if (verdict == Verdict::kDenied) return Fail(ErrorCode::kPermissionDenied, "access to the resource is forbidden");
    return *std::move(info);
  });
}

Result<void> LimitToVisible(sql::Connection& c, const accounts::Caller& caller, const accounts::Account* owner,
                            catalog::RepositoryFilter& filter) {
  if (caller.IsAnonymous()) return {};
  if (caller.kind == accounts::CredentialKind::kOrganizationToken) {
    for (const auto& resource : caller.resources) filter.named.push_back(resource.path);
    return {};
  }
  if (caller.scope == accounts::TokenScope::kPublicRead && caller.kind == accounts::CredentialKind::kPersonalToken)
    return {};
  filter.viewer = caller.account;
  if (owner == nullptr) {
    filter.with_private = caller.is_site_admin;
    return {};
  }
  TRY(const auto verdict, access::DecideNamespace(c, caller, owner->id, owner->name, access::NamespaceAction::kList));
  filter.with_private = verdict == Verdict::kAllowed;
  return {};
}

Result<RepositoryEntryView> MakeRepositoryEntry(sql::Connection& c, const accounts::Caller& caller,
                                                const catalog::RepositoryInfo& info) {
  RepositoryEntryView view;
  TRY_VOID(FillEntry(c, caller, info, view));
  return view;
}

Result<RepositoryView> MakeRepositoryView(const HubApi& api, const Call& call, const catalog::RepositoryInfo& info) {
  return api.database.Read([&](sql::Connection& c) -> Result<RepositoryView> {
    RepositoryView view;
    TRY_VOID(FillEntry(c, call.caller, info, view));
    TRY(view.collaborator_count, catalog::RepositoryExtras::CountCollaborators(c, info.id));
    if (!call.caller.IsAnonymous()) {
      TRY(view.has_starred, catalog::RepositoryExtras::HasStarred(c, call.caller.account, info.id));
    }
    TRY(const bool has_logo, HasLogo(c, info.id));
    if (has_logo) view.logo_url = MakeLogoUrl(call.http, info.full_name);
    view.full_description = info.full_description;
    TRY(view.permissions.read, May(c, call, info, RepositoryAction::kPull));
    TRY(view.permissions.write, May(c, call, info, RepositoryAction::kPush));
    view.permissions.admin = view.can_edit;
    view.immutable_tags_settings.enabled = info.immutable_mode != "none";
    if (info.immutable_mode == "all") {
      view.immutable_tags_settings.rules = {".*"};
    } else {
      TRY(view.immutable_tags_settings.rules, json::Decode<std::vector<std::string>>(info.immutable_rules));
    }
    return view;
  });
}

}  // namespace berth::api::hub
