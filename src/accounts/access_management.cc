#include "accounts/access_management.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "json/writer.h"
#include "limits/quota.h"

namespace berth::accounts {
namespace {

constexpr size_t kMaxAddress = 255;       // bytes
constexpr size_t kMaxFriendlyName = 100;  // characters

constexpr sql::Query kImages{"image_access.find",
                             "SELECT is_enabled, allow_official_images, allow_verified_publishers "
                             "FROM organization_image_access WHERE organization_id = $1"};
constexpr sql::Query kPutImages{
    "image_access.put",
    "INSERT INTO organization_image_access (organization_id, is_enabled, allow_official_images, "
    "allow_verified_publishers) VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id) DO UPDATE SET "
    "is_enabled = excluded.is_enabled, allow_official_images = excluded.allow_official_images, "
    "allow_verified_publishers = excluded.allow_verified_publishers"};
constexpr sql::Query kRegistryAccess{
    "registry_access.find",
    "SELECT is_enabled, docker_hub_allowed FROM organization_registry_access WHERE organization_id = $1"};
constexpr sql::Query kPutRegistryAccess{
    "registry_access.put",
    "INSERT INTO organization_registry_access (organization_id, is_enabled, docker_hub_allowed) VALUES ($1, $2, $3) "
    "ON CONFLICT (organization_id) DO UPDATE SET is_enabled = excluded.is_enabled, "
    "docker_hub_allowed = excluded.docker_hub_allowed"};
constexpr sql::Query kRegistries{"registry_access.registries",
                                 "SELECT address, friendly_name, is_allowed FROM organization_registry "
                                 "WHERE organization_id = $1 ORDER BY position"};
constexpr sql::Query kClearRegistries{"registry_access.clear",
                                      "DELETE FROM organization_registry WHERE organization_id = $1"};
constexpr sql::Query kAddRegistry{
    "registry_access.add",
    "INSERT INTO organization_registry (organization_id, address, position, friendly_name, is_allowed) "
    "VALUES ($1, $2, $3, $4, $5)"};

constexpr std::string_view kDockerHub = "DockerHub";

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool IsPrintable(std::string_view text) {
  return IsValidUtf8(text) &&
         std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

Result<void> CheckRegistries(const std::vector<AllowedRegistry>& registries) {
  if (registries.size() > AccessManagement::kMaxRegistries)
    return Fail(ErrorCode::kInvalidArgument, "may have at most 100 registries", "custom_registries");
  std::set<std::string> addresses;
  for (size_t i = 0; i < registries.size(); ++i) {
    const AllowedRegistry& r = registries[i];
    const std::string place = "custom_registries[" + std::to_string(i) + "].";
    if (r.address.empty() || r.address.size() > kMaxAddress || !IsPrintable(r.address) ||
        r.address.find(' ') != std::string::npos) {
      return Fail(ErrorCode::kInvalidArgument, "must have 1 to 255 bytes, without spaces", place + "address");
    }
    if (!addresses.insert(AsciiLower(r.address)).second)
      return Fail(ErrorCode::kInvalidArgument, "is there twice", place + "address");
    if (CountCharacters(r.friendly_name) > kMaxFriendlyName || !IsPrintable(r.friendly_name))
      return Fail(ErrorCode::kInvalidArgument, "may have at most 100 characters", place + "friendly_name");
  }
  return {};
}

// Writes events about one organization.
class Events {
 public:
  Events(sql::Transaction& tx, const Account& organization, const events::Actor& actor, Timestamp now)
      : tx_(tx), organization_(organization), actor_(actor), now_(now) {}

  Result<void> Write(std::string_view type, std::string_view name, std::string_view data) {
    events::Event event;
    event.type = type;
    event.account_id = organization_.id;
    event.account = organization_.name;
    event.name = name;
    event.data = data;
    return events::Append(tx_, actor_, event, now_);
  }
  Result<void> WriteRegistry(std::string_view type, const AllowedRegistry& registry) {
    json::Writer w;
    w.BeginObject().Key("address").String(registry.address).Key("friendly_name").String(registry.friendly_name);
    w.Key("allowed").Bool(registry.allowed).EndObject();
    return Write(type, registry.address, w.text());
  }

 private:
  sql::Transaction& tx_;
  const Account& organization_;
  const events::Actor& actor_;
  Timestamp now_;
};

Result<void> WriteDifference(Events& events, const Account& organization, const RegistryRules& before,
                             const RegistryRules& after) {
  if (before.enabled != after.enabled) {
    TRY_VOID(events.Write(after.enabled ? "org.registry_access.enabled" : "org.registry_access.disabled",
                          organization.name, "{}"));
  }
  if (before.docker_hub_allowed != after.docker_hub_allowed) {
    TRY_VOID(events.WriteRegistry("org.registry_access.registry_updated",
                                  {std::string(kDockerHub), "Docker Hub", after.docker_hub_allowed}));
  }
  for (const AllowedRegistry& old : before.registries) {
    if (std::ranges::find(after.registries, old.address, &AllowedRegistry::address) == after.registries.end())
      TRY_VOID(events.WriteRegistry("org.registry_access.registry_removed", old));
  }
  for (const AllowedRegistry& now : after.registries) {
    const auto old = std::ranges::find(before.registries, now.address, &AllowedRegistry::address);
    if (old == before.registries.end()) {
      TRY_VOID(events.WriteRegistry("org.registry_access.registry_added", now));
    } else if (*old != now) {
      TRY_VOID(events.WriteRegistry("org.registry_access.registry_updated", now));
    }
  }
  return {};
}

}  // namespace

Result<ImageRules> AccessManagement::Images(sql::Connection& connection, AccountId organization) {
  TRY(const auto found, connection.One(kImages, {organization}, [](const sql::Row& row) {
    return ImageRules{row.Bool(0), row.Bool(1), row.Bool(2)};
  }));
  return found.value_or(ImageRules{});
}

Result<RegistryRules> AccessManagement::Registries(sql::Connection& connection, AccountId organization) {
  RegistryRules access;
  TRY_VOID(connection.Each(kRegistryAccess, {organization}, [&](const sql::Row& row) {
    access.enabled = row.Bool(0);
    access.docker_hub_allowed = row.Bool(1);
  }));
  TRY(access.registries, connection.All(kRegistries, {organization}, [](const sql::Row& row) {
    return AllowedRegistry{row.String(0), row.String(1), row.Bool(2)};
  }));
  return access;
}

Result<void> AccessManagement::SetImages(const Account& organization, const ImageRules& wanted,
                                         const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const ImageRules before, Images(tx, organization.id));
    if (before == wanted) return {};
    if (wanted.enabled) TRY_VOID(limits::CheckFeature(tx, organization.id, limits::Feature::kImageAccess));
    TRY_VOID(tx.Run(kPutImages,
                    {organization.id, wanted.enabled, wanted.allow_official_images, wanted.allow_verified_publishers}));
    json::Writer w;
    w.BeginObject().Key("restricted_images").BeginObject().Key("enabled").Bool(wanted.enabled);
    w.Key("allow_official_images").Bool(wanted.allow_official_images);
    w.Key("allow_verified_publishers").Bool(wanted.allow_verified_publishers).EndObject().EndObject();
    return Events(tx, organization, actor, clock_.Now()).Write("org.settings.update", organization.name, w.text());
  });
}

Result<void> AccessManagement::SetRegistries(const Account& organization, const RegistryRules& wanted,
                                             const events::Actor& actor) {
  TRY_VOID(CheckRegistries(wanted.registries));
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const RegistryRules before, Registries(tx, organization.id));
    if (before == wanted) return {};
    if (wanted.enabled) TRY_VOID(limits::CheckFeature(tx, organization.id, limits::Feature::kRegistryAccess));
    TRY_VOID(tx.Run(kPutRegistryAccess, {organization.id, wanted.enabled, wanted.docker_hub_allowed}));
    TRY_VOID(tx.Run(kClearRegistries, {organization.id}));
    int64_t position = 0;
    for (const AllowedRegistry& r : wanted.registries)
      TRY_VOID(tx.Run(kAddRegistry, {organization.id, r.address, position++, r.friendly_name, r.allowed}));
    Events events(tx, organization, actor, clock_.Now());
    return WriteDifference(events, organization, before, wanted);
  });
}

}  // namespace berth::accounts
