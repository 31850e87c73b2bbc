// One image as the web interface shows it: platforms, configuration, layers with instructions; its manifest and
// referrers.
#include <algorithm>
#include <map>

#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"
#include "api/hub/image_choice.h"
#include "api/hub/repository_view.h"
#include "catalog/images.h"
#include "registry/manifest.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;
using Texts = std::map<std::string, std::string>;

struct ImageRequest {
  std::string namespace_;
  std::string repository;
  std::string reference;
  std::string platform;
};
BOOST_DESCRIBE_STRUCT(ImageRequest, (), (namespace_, repository, reference, platform))

struct ReferrersRequest {
  std::string namespace_;
  std::string repository;
  std::string reference;
  std::string artifact_type;
  std::optional<int64_t> limit;
  std::string cursor;
};
BOOST_DESCRIBE_STRUCT(ReferrersRequest, (), (namespace_, repository, reference, artifact_type, limit, cursor))

struct ImageLayerView {
  int32_t index = 0;
  json::Omittable<std::string> digest;
  json::Omittable<std::string> media_type;
  int64_t size = 0;
  std::string instruction;
  std::optional<Timestamp> created;
  std::string comment;
};
BOOST_DESCRIBE_STRUCT(ImageLayerView, (), (index, digest, media_type, size, instruction, created, comment))

struct ConfigurationView {
  std::string digest;
  PlatformView platform;
  int64_t size = 0;
  std::optional<Timestamp> created;
  std::string author;
  std::string user;
  std::string working_dir;
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;
  std::vector<std::string> exposed_ports;
  std::vector<std::string> volumes;
  Texts labels;
  std::string stop_signal;
  std::vector<ImageLayerView> layers;
  std::string config_digest;
};
BOOST_DESCRIBE_STRUCT(ConfigurationView, (),
                      (digest, platform, size, created, author, user, working_dir, entrypoint, cmd, env, exposed_ports,
                       volumes, labels, stop_signal, layers, config_digest))

struct ImageView {
  std::string digest;
  std::string media_type;
  std::string kind;
  std::optional<std::string> artifact_type;
  int64_t size = 0;
  int64_t total_size = 0;
  std::vector<std::string> tags;
  Texts annotations;
  Timestamp pushed_at;
  std::string pushed_by;
  std::optional<Timestamp> pulled_at;
  std::vector<PlatformImageView> platforms;
  json::Omittable<ConfigurationView> image;
  int32_t referrer_count = 0;
};
BOOST_DESCRIBE_STRUCT(ImageView, (),
                      (digest, media_type, kind, artifact_type, size, total_size, tags, annotations, pushed_at,
                       pushed_by, pulled_at, platforms, image, referrer_count))

struct ReferrerView {
  std::string digest;
  std::string media_type;
  std::string artifact_type;
  std::string kind;
  int64_t size = 0;
  Texts annotations;
  Timestamp pushed_at;
};
BOOST_DESCRIBE_STRUCT(ReferrerView, (), (digest, media_type, artifact_type, kind, size, annotations, pushed_at))

struct ReferrersView {
  std::vector<ReferrerView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(ReferrersView, (), (items, next))

// What the row of a manifest adds to its listing.
struct Extras {
  std::string annotations;
  std::string pushed_by;
  int64_t referrers = 0;
};
constexpr sql::Query kExtras{
    "hub.manifest_extras",
    "SELECT m.annotations, a.name, (SELECT COUNT(*) FROM manifest r WHERE r.repository_id = m.repository_id "
    "AND r.subject_digest = m.digest) FROM manifest m LEFT JOIN account a ON a.id = m.pushed_by WHERE m.id = $1"};
constexpr sql::Query kReferrers{
    "hub.referrers",
    "SELECT digest, media_type, artifact_type, size, annotations, created_at FROM manifest "
    "WHERE repository_id = $1 AND subject_digest = $2 AND digest > $3 ORDER BY digest LIMIT $4"};
constexpr sql::Query kReferrersOfType{
    "hub.referrers_of_type",
    "SELECT digest, media_type, artifact_type, size, annotations, created_at FROM manifest "
    "WHERE repository_id = $1 AND subject_digest = $2 AND artifact_type = $5 AND digest > $3 "
    "ORDER BY digest LIMIT $4"};

// Values that are no text are left out: annotations are whatever was pushed.
Texts ReadAnnotations(const std::string& json_text) {
  Texts texts;
  if (json_text.empty()) return texts;
  const auto document = json::Document::Parse(json_text);
  if (!document || !document->root().IsObject()) return texts;
  document->root().EachMember([&](std::string_view name, json::Value value) {
    if (const auto text = value.AsString()) texts.try_emplace(std::string(name), *text);
  });
  return texts;
}

std::vector<ImageLayerView> MakeLayers(const catalog::ImageConfig& config, const registry::ParsedManifest& manifest) {
  std::vector<ImageLayerView> views;
  for (const auto& pair : catalog::PairLayers(config, manifest)) {
    ImageLayerView view;
    view.index = static_cast<int32_t>(views.size());
    if (pair.layer != nullptr) {
      view.digest = pair.layer->digest.text();
      view.media_type = pair.layer->media_type;
      view.size = pair.layer->size;
    }
    view.instruction = pair.history.instruction;
    view.created = pair.history.created;
    view.comment = pair.history.comment;
    views.push_back(std::move(view));
  }
  return views;
}

// Nothing for what has no configuration, or one that is not here.
Result<std::optional<ConfigurationView>> MakeConfiguration(const HubApi& api, const std::string& repository,
                                                           const PlatformImageView& image) {
  TRY(const auto served, ServeImage(api, repository, image.digest));
  TRY(const auto manifest, registry::ParseManifest(*served->payload, served->media_type));
  if (!manifest.config) return std::optional<ConfigurationView>();
  const auto read = api.image_configs.Get(repository, manifest.config->digest);
  if (!read) return std::optional<ConfigurationView>();
  const catalog::ImageConfig& config = **read;
  ConfigurationView view;
  view.digest = image.digest;
  view.platform = image.platform;
  view.size = image.size;
  view.created = config.created;
  view.author = config.author;
  view.user = config.user;
  view.working_dir = config.working_dir;
  view.entrypoint = config.entrypoint;
  view.cmd = config.cmd;
  view.env = config.env;
  view.exposed_ports = config.exposed_ports;
  view.volumes = config.volumes;
  view.labels = config.labels;
  view.stop_signal = config.stop_signal;
  view.layers = MakeLayers(config, manifest);
  view.config_digest = manifest.config->digest.text();
  return std::optional(std::move(view));
}

void FillFromRow(const catalog::ImageInfo& row, const Extras& extras, ImageView& view) {
  view.digest = row.digest;
  view.media_type = row.media_type;
  view.kind = row.Kind();
  if (!row.artifact_type.empty()) view.artifact_type = row.artifact_type;
  view.size = row.size;
  view.total_size = row.total_size;
  for (const auto& tag : row.tags) view.tags.push_back(tag.name);
  view.annotations = ReadAnnotations(extras.annotations);
  view.pushed_at = row.pushed;
  view.pushed_by = extras.pushed_by;
  view.pulled_at = row.pulled;
  view.referrer_count = static_cast<int32_t>(extras.referrers);
}

Result<ImageView> DescribeManifest(const HubApi& api, RepositoryId repository, const registry::ServedManifest& served) {
  return api.database.Read([&](sql::Connection& c) -> Result<ImageView> {
    TRY(const auto rows, catalog::FindManifests(c, repository, {served.digest.text()}));
    if (rows.empty()) return Fail(NotFoundHere(served.digest.text()));
    TRY(const auto extras, c.One(kExtras, {served.id},
                                 [](const sql::Row& row) { return Extras{row.String(0), row.String(1), row.Int(2)}; }));
    ImageView view;
    FillFromRow(rows.front(), extras.value_or(Extras()), view);
    TRY(view.platforms, PlatformsOf(c, rows.front()));
    return view;
  });
}

Result<ImageView> GetImage(const HubApi& api, const Call& call, const ImageRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY(const auto served, ServeImage(api, info.full_name, request.reference));
  TRY(auto view, DescribeManifest(api, info.id, *served));
  const PlatformImageView* chosen = ChoosePlatform(view.platforms, request.platform);
  if (chosen == nullptr) {
    if (!request.platform.empty()) return Fail(NotFoundHere(request.platform));
    return view;
  }
  TRY(auto configuration, MakeConfiguration(api, info.full_name, *chosen));
  if (configuration) view.image = *std::move(configuration);
  return view;
}

Result<http::Response> GetImageManifest(const HubApi& api, const Call& call, const ImageRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY(const auto served, ServeImage(api, info.full_name, request.reference));
  auto response = http::Response::Json(200, *served->payload);
  response.Add("Docker-Content-Digest", served->digest.text());
  return response;
}

std::string_view KindOf(std::string_view type) {
  const auto has = [&](std::string_view part) { return type.find(part) != std::string_view::npos; };
  if (has("cosign") || has("signature") || has("notary")) return "signature";
  if (has("spdx") || has("cyclonedx") || has("sbom")) return "sbom";
  if (has("in-toto") || has("attestation") || has("provenance") || has("sigstore.bundle")) return "attestation";
  return "other";
}

ReferrerView ReadReferrer(const sql::Row& row) {
  ReferrerView view;
  view.digest = row.String(0);
  view.media_type = row.String(1);
  view.artifact_type = row.String(2);
  view.kind = KindOf(view.artifact_type);
  view.size = row.Int(3);
  view.annotations = ReadAnnotations(row.String(4));
  view.pushed_at = row.Time(5);
  return view;
}

Result<ReferrersView> ListImageReferrers(const HubApi& api, const Call& call, const ReferrersRequest& request) {
  TRY(const auto cursor, ReadCursor(request.cursor, "cursor"));
  const int64_t limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 200);
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  TRY(const auto served, ServeImage(api, info.full_name, request.reference));
  const std::string after = cursor ? cursor->key : "";
  return api.database.Read([&](sql::Connection& c) -> Result<ReferrersView> {
    ReferrersView view;
    if (request.artifact_type.empty()) {
      TRY(view.items, c.All(kReferrers, {info.id, served->digest.text(), after, limit + 1}, ReadReferrer));
    } else {
      TRY(view.items, c.All(kReferrersOfType, {info.id, served->digest.text(), after, limit + 1, request.artifact_type},
                            ReadReferrer));
    }
    if (static_cast<int64_t>(view.items.size()) > limit) {
      view.items.pop_back();
      view.next = MakeCursor({view.items.back().digest, 0});
    }
    return view;
  });
}

}  // namespace

void AddImagePageRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  const std::string image = "/api/berth/v1/repositories/{namespace}/{repository}/images/{reference}";
  table.Add(Method::kGet, image, "GetImage", &GetImage, anybody);
  table.Add(Method::kGet, image + "/manifest", "GetImageManifest", &GetImageManifest, anybody);
  table.Add(Method::kGet, image + "/referrers", "ListImageReferrers", &ListImageReferrers, anybody);
}

}  // namespace berth::api::hub
