// Repositories: listed, made, read, changed, deleted; both path families.
#include <re2/re2.h>

#include <array>

#include "api/hub/caller_rules.h"
#include "api/hub/page.h"
#include "api/hub/repository_view.h"
#include "base/text.h"

namespace berth::api::hub {
namespace {

using access::NamespaceAction;
using access::RepositoryAction;
using catalog::RepositoryChange;
using catalog::RepositoryInfo;
using catalog::RepositoryInfoService;
using catalog::RepositoryOrder;

struct ListRequest {
  std::string namespace_;
  std::optional<int64_t> page;
  std::optional<int64_t> page_size;
  std::string name;
  std::string ordering;
};
BOOST_DESCRIBE_STRUCT(ListRequest, (), (namespace_, page, page_size, name, ordering))

struct CreateRequest {
  json::Required<std::string> namespace_;
  json::Required<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> full_description;
  std::optional<bool> is_private;
  std::optional<std::string> privacy;
};
BOOST_DESCRIBE_STRUCT(CreateRequest, (), (namespace_, name, description, full_description, is_private, privacy))

struct RepositoryRequest {
  std::string namespace_;
  std::string repository;
};
BOOST_DESCRIBE_STRUCT(RepositoryRequest, (), (namespace_, repository))

struct UpdateRequest {
  std::string namespace_;
  std::string repository;
  std::optional<std::string> description;
  std::optional<std::string> full_description;
  std::optional<bool> is_private;
  std::optional<int64_t> status;
  std::optional<bool> immutable_tags;
  json::RawJson immutable_tags_rules;
};
BOOST_DESCRIBE_STRUCT(UpdateRequest, (),
                      (namespace_, repository, description, full_description, is_private, status, immutable_tags,
                       immutable_tags_rules))

struct PrivacyRequest {
  std::string namespace_;
  std::string repository;
  json::Required<bool> is_private;
};
BOOST_DESCRIBE_STRUCT(PrivacyRequest, (), (namespace_, repository, is_private))

struct ImmutableRequest {
  std::string namespace_;
  std::string repository;
  json::Required<bool> immutable_tags;
  json::RawJson immutable_tags_rules;
};
BOOST_DESCRIBE_STRUCT(ImmutableRequest, (), (namespace_, repository, immutable_tags, immutable_tags_rules))

struct VerifyRequest {
  std::string namespace_;
  std::string repository;
  json::Required<std::string> regex;
};
BOOST_DESCRIBE_STRUCT(VerifyRequest, (), (namespace_, repository, regex))

struct VerifyAnswer {
  std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(VerifyAnswer, (), (tags))

// Clients rely on the sign that Docker Hub's service has, not on its document: see docs/hub-api.md.
Result<RepositoryOrder> ReadOrder(const Call& call, const std::string& text) {
  const bool newer_family = call.http.path.starts_with("/v2/namespaces/");
  if (text.empty() || text == "last_updated") return RepositoryOrder::kNewestFirst;
  if (text == "-last_updated") return RepositoryOrder::kOldestFirst;
  if (text == "name") return newer_family ? RepositoryOrder::kNameUp : RepositoryOrder::kNameDown;
  if (text == "-name") return newer_family ? RepositoryOrder::kNameDown : RepositoryOrder::kNameUp;
  if (text == "pull_count") return RepositoryOrder::kMostPulled;
  if (text == "-pull_count") return RepositoryOrder::kLeastPulled;
  return Fail(ErrorCode::kInvalidArgument,
              "must be name, last_updated or pull_count, or one of them with a dash before it", "ordering");
}

Result<Page<RepositoryEntryView>> ListRepositories(const HubApi& api, const Call& call, const ListRequest& request) {
  TRY(const PageRange range, MakePageRange(request.page, request.page_size));
  TRY(const RepositoryOrder order, ReadOrder(call, request.ordering));
  TRY(const auto owner, api.accounts.accounts.Find(request.namespace_));
  return api.database.Read([&](sql::Connection& c) -> Result<Page<RepositoryEntryView>> {
    catalog::RepositoryFilter filter;
    filter.owner = owner.id;
    filter.name_contains = request.name;
    filter.order = order;
    TRY_VOID(LimitToVisible(c, call.caller, &owner, filter));
    TRY(const int64_t count, RepositoryInfoService::Count(c, filter));
    TRY(const auto infos, RepositoryInfoService::List(c, filter, range.offset(), range.size));
    std::vector<RepositoryEntryView> views;
    for (const auto& info : infos) {
      TRY(auto view, MakeRepositoryEntry(c, call.caller, info));
      views.push_back(std::move(view));
    }
    return MakePage(call.http, range, count, std::move(views));
  });
}

Result<std::optional<bool>> ReadPrivacy(const CreateRequest& request) {
  if (request.is_private || !request.privacy) return request.is_private;
  if (*request.privacy != "public" && *request.privacy != "private") {
    return Fail(ErrorCode::kInvalidArgument, "must be public or private", "privacy");
  }
  return std::optional(*request.privacy == "private");
}

// The Hub's names are stricter than the registry's: one segment, at least two characters.
Result<registry::RepositoryName> ReadName(const CreateRequest& request) {
  static const RE2 kName("[a-z0-9]+(?:[._-][a-z0-9]+)*");
  const std::string& name = *request.name;
  if (name.size() < 2 || name.size() > 255 || !RE2::FullMatch(name, kName)) {
    return Fail(ErrorCode::kInvalidArgument,
                "must have 2 to 255 lower-case letters and digits, with single '.', '_' or '-' between", "name");
  }
  // The registry counts the namespace too.
  const std::string full_name = *request.namespace_ + "/" + name;
  if (auto parsed = registry::RepositoryName::Parse(full_name)) return parsed;
  if (registry::RepositoryName::Parse(*request.namespace_ + "/ab")) {
    return Fail(ErrorCode::kInvalidArgument, "must have 255 characters at most together with its namespace", "name");
  }
  return Fail(ErrorCode::kInvalidArgument, "is no name of a namespace", "namespace");
}

Result<RepositoryView> CreateRepository(const HubApi& api, const Call& call, const CreateRequest& request) {
  TRY(const auto name, ReadName(request));
  TRY(const std::optional<bool> is_private, ReadPrivacy(request));
  TRY_VOID(RequireNamespace(api, call, name.namespace_, NamespaceAction::kCreateRepository));
  RepositoryChange texts;
  texts.description = request.description;
  texts.full_description = request.full_description;
  TRY_VOID(catalog::CheckTexts(texts));
  TRY(const RepositoryInfo info, api.database.Write([&](sql::Transaction& tx) -> Result<RepositoryInfo> {
    TRY(const auto created, api.registry.repositories().Create(tx, call.caller, name, is_private));
    return RepositoryInfoService::DescribeNew(tx, created.id, texts);
  }));
  return MakeRepositoryView(api, call, info);
}

Result<RepositoryView> GetRepository(const HubApi& api, const Call& call, const RepositoryRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kPull));
  return MakeRepositoryView(api, call, info);
}

// "a,b" or ["a","b"]; empty when there was nothing.
Result<std::optional<std::vector<std::string>>> ReadRules(const json::RawJson& raw) {
  if (raw.text.empty() || raw.text == "null") return std::optional<std::vector<std::string>>();
  TRY(const auto document, json::Document::Parse(raw.text));
  std::vector<std::string> rules;
  if (const auto text = document.root().AsString()) {
    for (const auto rule : Split(*text, ',')) {
      if (!Trim(rule).empty()) rules.emplace_back(Trim(rule));
    }
    return std::optional(std::move(rules));
  }
  auto list = json::Decode<std::vector<std::string>>(document.root());
  if (!list)
    return Fail(ErrorCode::kInvalidArgument, "must be an array of expressions, or one text with commas",
                "immutable_tags_rules");
  return std::optional(*std::move(list));
}

// Switched on without rules, every tag is immutable; ".*" alone says the same.
Result<void> ReadImmutability(std::optional<bool> enabled, const json::RawJson& raw, RepositoryChange& change) {
  TRY(auto rules, ReadRules(raw));
  if (enabled == false) {
    change.immutable_mode = "none";
  } else if (enabled == true || rules) {
    const bool all = !rules || rules->empty() || *rules == std::vector<std::string>{".*"};
    change.immutable_mode = all ? "all" : "rules";
  }
  if (rules) change.immutable_rules = std::move(rules);
  return {};
}

Result<RepositoryView> Change(const HubApi& api, const Call& call, const std::string& name_space,
                              const std::string& repository, const RepositoryChange& change,
                              RepositoryAction action = RepositoryAction::kEdit) {
  TRY(const auto info, RequireRepository(api, call, name_space, repository, action));
  TRY(const auto changed, api.repositories.Change(call.caller, info.id, change));
  return MakeRepositoryView(api, call, changed);
}

Result<RepositoryView> UpdateRepository(const HubApi& api, const Call& call, const UpdateRequest& request) {
  RepositoryChange change;
  change.description = request.description;
  change.full_description = request.full_description;
  change.is_private = request.is_private;
  if (request.status) {
    if (*request.status != 0 && *request.status != 1)
      return Fail(ErrorCode::kInvalidArgument, "must be 0 (archived) or 1", "status");
    change.is_archived = *request.status == 0;
  }
  TRY_VOID(ReadImmutability(request.immutable_tags, request.immutable_tags_rules, change));
  return Change(api, call, request.namespace_, request.repository, change);
}

Result<RepositoryView> SetRepositoryPrivacy(const HubApi& api, const Call& call, const PrivacyRequest& request) {
  RepositoryChange change;
  change.is_private = *request.is_private;
  return Change(api, call, request.namespace_, request.repository, change);
}

Result<RepositoryView> UpdateImmutableTags(const HubApi& api, const Call& call, const ImmutableRequest& request) {
  RepositoryChange change;
  TRY_VOID(ReadImmutability(*request.immutable_tags, request.immutable_tags_rules, change));
  return Change(api, call, request.namespace_, request.repository, change, RepositoryAction::kEditTagRules);
}

Result<VerifyAnswer> VerifyImmutableTags(const HubApi& api, const Call& call, const VerifyRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kEditTagRules));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  const RE2 expression(request.regex->substr(0, 1001), options);
  if (request.regex->empty() || request.regex->size() > 1000 || !expression.ok()) {
    return Fail(ErrorCode::kInvalidArgument, "is no RE2 expression of 1 to 1000 bytes", "regex");
  }
  constexpr static sql::Query kTags{"hub.tag_names", "SELECT name FROM tag WHERE repository_id = $1 ORDER BY name"};
  return api.database.Read([&](sql::Connection& c) -> Result<VerifyAnswer> {
    VerifyAnswer answer;
    TRY_VOID(c.Each(kTags, {info.id}, [&](const sql::Row& row) {
      if (RE2::PartialMatch(re2::StringPiece(row.Text(0).data(), row.Text(0).size()), expression))
        answer.tags.push_back(row.String(0));
    }));
    return answer;
  });
}

Result<NoContent> DeleteRepository(const HubApi& api, const Call& call, const RepositoryRequest& request) {
  TRY(const auto info, RequireRepository(api, call, request.namespace_, request.repository, RepositoryAction::kDelete));
  TRY_VOID(api.registry.repositories().Delete(call.caller, info.id));
  return NoContent{};
}

// One family under its own path and names.
void AddFamily(OperationTable& table, const std::string& repository, const std::array<std::string_view, 6>& names) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  table.Add(Method::kGet, repository, names[0], &GetRepository, anybody);
  // HEAD tells the length that GET would send (RFC 9110 §8.6), so it does the same work.
  table.Add(Method::kHead, repository, names[1], &GetRepository, anybody);
  table.Add(Method::kPatch, repository, names[2], &UpdateRepository);
  table.Add(Method::kDelete, repository, names[3], &DeleteRepository, {.success = 202});
  table.Add(Method::kPatch, repository + "/immutabletags", names[4], &UpdateImmutableTags);
  table.Add(Method::kPost, repository + "/immutabletags/verify", names[5], &VerifyImmutableTags);
}

}  // namespace

void AddRepositoryRoutes(OperationTable& table) {
  using http::Method;
  const OperationOptions anybody{.auth = Auth::kOptional};
  const OperationOptions made{.success = 201};
  table.Add(Method::kGet, "/v2/namespaces/{namespace}/repositories", "ListNamespaceRepositories", &ListRepositories,
            anybody);
  table.Add(Method::kPost, "/v2/namespaces/{namespace}/repositories", "CreateNamespaceRepository", &CreateRepository,
            made);
  table.Add(Method::kGet, "/v2/repositories/{namespace}", "ListNamespaceRepositoriesAlias", &ListRepositories, anybody);
  table.Add(Method::kPost, "/v2/repositories/{namespace}", "CreateNamespaceRepositoryAlias", &CreateRepository, made);
  table.Add(Method::kPost, "/v2/repositories", "CreateRepository", &CreateRepository, made);
  AddFamily(table, "/v2/namespaces/{namespace}/repositories/{repository}",
            {"GetRepository", "CheckRepository", "UpdateRepository", "DeleteRepository", "UpdateImmutableTags",
             "VerifyImmutableTags"});
  AddFamily(table, "/v2/repositories/{namespace}/{repository}",
            {"GetRepositoryAlias", "CheckRepositoryAlias", "UpdateRepositoryAlias", "DeleteRepositoryAlias",
             "UpdateImmutableTagsAlias", "VerifyImmutableTagsAlias"});
  table.Add(Method::kPost, "/v2/repositories/{namespace}/{repository}/privacy", "SetRepositoryPrivacy",
            &SetRepositoryPrivacy);
}

}  // namespace berth::api::hub
