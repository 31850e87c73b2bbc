// Bulk deletion of images: all or nothing is found wrong first, then each goes.
#include <algorithm>

#include "api/hub/hub_api.h"
#include "api/hub/repository_view.h"
#include "catalog/deletion.h"
#include "registry/immutable_tags.h"

namespace berth::api::hub {
namespace {

using access::RepositoryAction;

struct ManifestReference {
  json::Required<std::string> repository;
  json::Required<std::string> digest;
};
BOOST_DESCRIBE_STRUCT(ManifestReference, (), (repository, digest))

struct IgnoredWarning {
  json::Required<std::string> repository;
  json::Required<std::string> digest;
  json::Required<std::string> warning;
  std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(IgnoredWarning, (), (repository, digest, warning, tags))

struct DeleteImagesRequest {
  std::string namespace_;
  bool dry_run = false;
  std::optional<Timestamp> active_from;
  json::Required<std::vector<ManifestReference>> manifests;
  std::vector<IgnoredWarning> ignore_warnings;
};
BOOST_DESCRIBE_STRUCT(DeleteImagesRequest, (), (namespace_, dry_run, active_from, manifests, ignore_warnings))

struct Failure {
  std::string repository;
  std::string digest;
  std::string error;
};
BOOST_DESCRIBE_STRUCT(Failure, (), (repository, digest, error))

struct Warning {
  std::string repository;
  std::string digest;
  std::string warning;
  json::Omittable<std::vector<std::string>> tags;
};
BOOST_DESCRIBE_STRUCT(Warning, (), (repository, digest, warning, tags))

struct Findings {
  std::vector<Failure> errors;
  std::vector<Warning> warnings;
};
BOOST_DESCRIBE_STRUCT(Findings, (), (errors, warnings))

struct FindingsInfo {
  std::string type = "validation";
  Findings details;
};
BOOST_DESCRIBE_STRUCT(FindingsInfo, (), (type, details))

struct FindingsView {
  std::string txnid;
  std::string message;
  std::string detail;
  FindingsInfo errinfo;
};
BOOST_DESCRIBE_STRUCT(FindingsView, (), (txnid, message, detail, errinfo))

struct MetricsView {
  int32_t manifest_deletes = 0;
  int32_t manifest_errors = 0;
  int32_t tag_deletes = 0;
  int32_t tag_errors = 0;
};
BOOST_DESCRIBE_STRUCT(MetricsView, (), (manifest_deletes, manifest_errors, tag_deletes, tag_errors))

struct DeletedView {
  bool dry_run = false;
  MetricsView metrics;
};
BOOST_DESCRIBE_STRUCT(DeletedView, (), (dry_run, metrics))

bool IsIgnored(const DeleteImagesRequest& request, const std::string& digest, std::string_view warning,
               const std::vector<std::string>& tags) {
  return std::ranges::any_of(request.ignore_warnings, [&](const IgnoredWarning& ignored) {
    if (*ignored.digest != digest || *ignored.warning != warning) return false;
    // Without tags it means any; with them, none may have come since.
    return ignored.tags.empty() || std::ranges::all_of(tags, [&](const auto& tag) {
             return std::ranges::find(ignored.tags, tag) != ignored.tags.end();
           });
  });
}

void AddWarnings(const DeleteImagesRequest& request, const std::string& repository, const catalog::ImageInfo& image,
                 Timestamp active_from, Findings& findings) {
  if (image.Activity() >= active_from && !IsIgnored(request, image.digest, "is_active", {})) {
    findings.warnings.push_back({repository, image.digest, "is_active", {}});
  }
  std::vector<std::string> tags;
  for (const auto& tag : image.tags) tags.push_back(tag.name);
  if (tags.empty() || IsIgnored(request, image.digest, "current_tag", tags)) return;
  Warning warning{repository, image.digest, "current_tag", {}};
  warning.tags = std::move(tags);
  findings.warnings.push_back(std::move(warning));
}

Findings Examine(const DeleteImagesRequest& request, const std::string& repository,
                 const std::vector<std::string>& digests, const std::vector<catalog::ImageInfo>& images,
                 Timestamp active_from) {
  Findings findings;
  for (const std::string& digest : digests) {
    const auto image = std::ranges::find(images, digest, &catalog::ImageInfo::digest);
    if (image == images.end()) {
      findings.errors.push_back({repository, digest, "not_found"});
      continue;
    }
    const bool parent_stays = std::ranges::any_of(
        image->parents, [&](const auto& parent) { return std::ranges::find(digests, parent) == digests.end(); });
    if (parent_stays) {
      findings.errors.push_back({repository, digest, "child_manifest"});
      continue;
    }
    AddWarnings(request, repository, *image, active_from, findings);
  }
  return findings;
}

http::Response Refusal(const Call& call, Findings findings) {
  FindingsView view;
  view.txnid = call.http.request_id;
  view.message = view.detail = "the request found errors or warnings in the manifests; nothing was deleted";
  view.errinfo.details = std::move(findings);
  return http::Response::Json(400, json::Encode(view));
}

Result<std::string> OneRepository(const DeleteImagesRequest& request) {
  if (request.manifests->empty() || request.manifests->size() > 100) {
    return Fail(ErrorCode::kInvalidArgument, "must name 1 to 100 manifests", "manifests");
  }
  const std::string& repository = *request.manifests->front().repository;
  for (const auto& manifest : *request.manifests) {
    if (*manifest.repository != repository)
      return Fail(ErrorCode::kInvalidArgument, "must all be of one repository", "manifests");
  }
  return repository;
}

Result<http::Response> DeleteImages(const HubApi& api, const Call& call, const DeleteImagesRequest& request) {
  TRY(const std::string name, OneRepository(request));
  TRY(const auto info, RequireRepository(api, call, request.namespace_, name, RepositoryAction::kDeleteTag));
  TRY(const auto repository, api.registry.repositories().Find(info.full_name));
  TRY_VOID(registry::RepositoryService::CheckWritable(repository));
  catalog::Selection selection;
  for (const auto& manifest : *request.manifests) selection.digests.push_back(*manifest.digest);
  std::ranges::sort(selection.digests);
  selection.digests.erase(std::unique(selection.digests.begin(), selection.digests.end()), selection.digests.end());
  TRY(const auto images,
      api.database.Read([&](sql::Connection& c) { return catalog::FindManifests(c, info.id, selection.digests); }));
  const Timestamp active_from = request.active_from.value_or(api.clock.Now() - std::chrono::hours(24 * 30));
  Findings findings = Examine(request, name, selection.digests, images, active_from);
  if (!findings.errors.empty() || !findings.warnings.empty()) return Refusal(call, std::move(findings));

  TRY(const auto plan, api.deletion.Plan(repository, selection));
  if (!plan.kept.empty())
    return Fail(Error(ErrorCode::kTagImmutable, "the tag is immutable").WithDetail(plan.kept.front().tag));
  DeletedView view{request.dry_run, {}};
  view.metrics.manifest_deletes = static_cast<int32_t>(plan.manifests.size());
  view.metrics.tag_deletes = static_cast<int32_t>(plan.tags.size());
  if (!request.dry_run) {
    TRY(const auto outcome, api.deletion.Run(call.caller, repository, plan));
    view.metrics.manifest_errors = view.metrics.manifest_deletes - outcome.manifests;
    view.metrics.tag_errors = view.metrics.tag_deletes - outcome.tags;
    view.metrics.manifest_deletes = outcome.manifests;
    view.metrics.tag_deletes = outcome.tags;
  }
  return http::Response::Json(200, json::Encode(view));
}

}  // namespace

void AddDeleteImagesRoutes(OperationTable& table) {
  table.Add(http::Method::kPost, "/v2/namespaces/{namespace}/delete-images", "DeleteImages", &DeleteImages);
}

}  // namespace berth::api::hub
