// Repositories as the Hub API writes them, and how a handler gets at one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/decision.h"
#include "api/hub/hub_api.h"
#include "catalog/repository_extras.h"
#include "catalog/repository_info.h"

namespace berth::api::hub {

struct CategoryView {
  std::string name;
  std::string slug;
};
BOOST_DESCRIBE_STRUCT(CategoryView, (), (name, slug))

struct RepositoryEntryView {
  std::string name;
  std::string namespace_;
  std::string repository_type = "image";
  int64_t status = 1;
  std::string status_description = "active";
  std::string description;
  bool is_private = false;
  bool is_automated = false;
  bool can_edit = false;
  bool is_migrated = false;
  int64_t star_count = 0;
  int64_t pull_count = 0;
  std::optional<Timestamp> last_updated;
  std::optional<Timestamp> last_modified;
  Timestamp date_registered;
  std::string affiliation;
  std::string user;
  std::string hub_user;
  std::string namespace_type;
  std::vector<std::string> media_types;
  std::vector<std::string> content_types;
  std::vector<CategoryView> categories;
  int64_t storage_size = 0;
  std::string badge = "none";
};
BOOST_DESCRIBE_STRUCT(RepositoryEntryView, (),
                      (name, namespace_, repository_type, status, status_description, description, is_private,
                       is_automated, can_edit, is_migrated, star_count, pull_count, last_updated, last_modified,
                       date_registered, affiliation, user, hub_user, namespace_type, media_types, content_types,
                       categories, storage_size, badge))

struct PermissionsView {
  bool read = false;
  bool write = false;
  bool admin = false;
};
BOOST_DESCRIBE_STRUCT(PermissionsView, (), (read, write, admin))

struct ImmutableTagsView {
  bool enabled = false;
  std::vector<std::string> rules;
};
BOOST_DESCRIBE_STRUCT(ImmutableTagsView, (), (enabled, rules))

// An object in any case, empty when there is no logo: clients read through it without asking.
struct LogoUrlView {
  json::Omittable<std::string> large;
  json::Omittable<std::string> small;
};
BOOST_DESCRIBE_STRUCT(LogoUrlView, (), (large, small))

// Where the logo of the repository is fetched from, as this client addresses the server.
LogoUrlView MakeLogoUrl(const http::Request& request, std::string_view full_name);

struct RepositoryView : RepositoryEntryView {
  int64_t collaborator_count = 0;
  bool has_starred = false;
  std::string full_description;
  PermissionsView permissions;
  ImmutableTagsView immutable_tags_settings;
  std::optional<std::string> source;
  LogoUrlView logo_url;
};
BOOST_DESCRIBE_STRUCT(RepositoryView, (RepositoryEntryView),
                      (collaborator_count, has_starred, full_description, permissions, immutable_tags_settings, source,
                       logo_url))

// Docker Hub's word for what a configuration media type stands for: "image", "helm", …
std::string_view ContentTypeOf(std::string_view config_media_type);

// The repository after the decision on `action`: kNotFound when it is missing or hidden, kPermissionDenied when it may
// not be done.
Result<catalog::RepositoryInfo> RequireRepository(const HubApi& api, const Call& call, std::string_view name_space,
                                                  std::string_view name, access::RepositoryAction action);

// Private repositories stay in a list where the caller may see them. `owner` is null for lists over all namespaces.
Result<void> LimitToVisible(sql::Connection& connection, const accounts::Caller& caller, const accounts::Account* owner,
                            catalog::RepositoryFilter& filter);

Result<RepositoryEntryView> MakeRepositoryEntry(sql::Connection& connection, const accounts::Caller& caller,
                                                const catalog::RepositoryInfo& info);
Result<RepositoryView> MakeRepositoryView(const HubApi& api, const Call& call, const catalog::RepositoryInfo& info);

}  // namespace berth::api::hub
