// Bytes by namespace, repository and tag, as the last survey counted them; as pages and as CSV, which is made while it
// is sent.
#include <algorithm>
#include <functional>
#include <utility>

#include "api/hub/caller_rules.h"
#include "api/hub/csv.h"
#include "api/hub/cursor.h"
#include "api/hub/hub_api.h"
#include "api/hub/repository_view.h"
#include "base/encoding.h"
#include "catalog/storage_report.h"

namespace berth::api::hub {
namespace {

using catalog::StorageOrder;
using catalog::StoragePage;
using catalog::StorageQuery;

constexpr int64_t kRowsARead = 1000;

struct StorageRequest {
  std::string namespace_;
  std::string repository;
  std::optional<int64_t> limit;
  std::string cursor;
  std::string sort;
};
BOOST_DESCRIBE_STRUCT(StorageRequest, (), (namespace_, repository, limit, cursor, sort))

struct BytesView {
  int64_t own = 0;
  int64_t shared = 0;
  int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(BytesView, (), (own, shared, total))

struct RowView {
  std::string name;
  BytesView storage;
  json::Omittable<int64_t> repositories;
  json::Omittable<int64_t> tags;
  int64_t manifests = 0;
  std::optional<Timestamp> last_pushed;
};
BOOST_DESCRIBE_STRUCT(RowView, (), (name, storage, repositories, tags, manifests, last_pushed))

struct SummaryView {
  BytesView total;
  std::optional<Timestamp> computed_at;
  std::vector<RowView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(SummaryView, (), (total, computed_at, items, next))

// Reads one page; what a list is about is bound into it.
using Reader = std::function<Result<StoragePage>(sql::Connection&, const StorageQuery&)>;

Result<StorageOrder> ReadOrder(std::string_view sort) {
  if (sort == "own") return StorageOrder::kOwn;
  if (sort == "shared") return StorageOrder::kShared;
  if (sort == "total" || sort.empty()) return StorageOrder::kTotal;
  if (sort == "name") return StorageOrder::kName;
  return Fail(ErrorCode::kInvalidArgument, "must be own, shared, total or name", "sort");
}

Result<StorageQuery> ReadQuery(const StorageRequest& request) {
  StorageQuery query;
  TRY(query.order, ReadOrder(request.sort));
  TRY(auto cursor, ReadCursor(request.cursor, "cursor"));
  if (cursor) query.after = catalog::StorageCursor{cursor->id, std::move(cursor->key)};
  query.limit = std::clamp<int64_t>(request.limit.value_or(50), 1, 200);
  return query;
}

BytesView Shown(const catalog::StoredBytes& bytes) { return {bytes.own, bytes.shared, bytes.own + bytes.shared}; }

Result<SummaryView> Answer(const HubApi& api, const StorageRequest& request, const Reader& read) {
  TRY(StorageQuery query, ReadQuery(request));
  const int64_t limit = query.limit++;
  TRY(StoragePage page, api.database.Read([&](sql::Connection& c) { return read(c, query); }));
  SummaryView view;
  view.total = Shown(page.total);
  view.computed_at = page.computed_at;
  if (static_cast<int64_t>(page.rows.size()) > limit) {
    page.rows.resize(static_cast<size_t>(limit));
    auto last = catalog::After(page.rows.back(), query.order);
    view.next = MakeCursor({std::move(last.name), last.value});
  }
  for (auto& row : page.rows) {
    RowView shown{std::move(row.name), Shown(row.bytes), {}, {}, row.manifests, row.last_pushed};
    if (row.repositories) shown.repositories.emplace(*row.repositories);
    if (row.tags) shown.tags.emplace(*row.tags);
    view.items.push_back(std::move(shown));
  }
  return view;
}

using WriteLine = std::string (*)(const catalog::StorageRow&);

std::string Figures(const catalog::StorageRow& row) {
  return CsvField(row.name) + "," + std::to_string(row.bytes.own) + "," + std::to_string(row.bytes.shared) + "," +
         std::to_string(row.bytes.own + row.bytes.shared);
}
std::string NamespaceLine(const catalog::StorageRow& row) {
  return Figures(row) + "," + std::to_string(row.repositories.value_or(0)) + "," +
         std::to_string(row.tags.value_or(0)) + "," + std::to_string(row.manifests) + "\r\n";
}
std::string RepositoryLine(const catalog::StorageRow& row) {
  return Figures(row) + "," + std::to_string(row.tags.value_or(0)) + "," + std::to_string(row.manifests) + "\r\n";
}
std::string TagLine(const catalog::StorageRow& row) { return Figures(row) + "\r\n"; }

// All rows by name, a short read at a time.
class StorageCsv final : public http::BodySource {
 public:
  StorageCsv(sql::Database& database, Reader read, std::string head, WriteLine line)
      : database_(database), read_(std::move(read)), text_(std::move(head)), line_(line) {
    query_.order = StorageOrder::kName;
    query_.limit = kRowsARead;
  }

  Result<std::string> Read() override {
    if (!done_) {
      TRY(const StoragePage page, database_.Read([&](sql::Connection& c) { return read_(c, query_); }));
      for (const auto& row : page.rows) text_ += line_(row);
      done_ = static_cast<int64_t>(page.rows.size()) < kRowsARead;
      if (!page.rows.empty()) query_.after = catalog::After(page.rows.back(), query_.order);
    }
    return std::exchange(text_, {});
  }

 private:
  sql::Database& database_;
  const Reader read_;
  StorageQuery query_;
  std::string text_;
  const WriteLine line_;
  bool done_ = false;
};

http::Response Csv(const HubApi& api, Reader read, std::string head, WriteLine line, const std::string& name) {
  http::Response response;
  response.Add("Content-Type", "text/csv; charset=utf-8");
  response.Add("Content-Disposition", "attachment; filename=\"" + name + "-storage.csv\"");
  response.body = std::make_unique<StorageCsv>(api.database, std::move(read), std::move(head), line);
  return response;
}

// Members see the namespace; which private repositories stand in it depends on who asks, as in its list.
Result<Reader> NamespaceReader(const HubApi& api, const Call& call, const std::string& name) {
  TRY(const auto account, RequireNamespace(api, call, name, access::NamespaceAction::kViewSettings));
  catalog::StorageViewer viewer;
  TRY(const auto verdict, api.database.Read([&](sql::Connection& c) {
    return access::DecideNamespace(c, call.caller, account.id, account.name, access::NamespaceAction::kList);
  }));
  const bool public_only = call.caller.kind == accounts::CredentialKind::kPersonalToken &&
                           call.caller.scope == accounts::TokenScope::kPublicRead;
  if (call.caller.kind == accounts::CredentialKind::kOrganizationToken) {
    for (const auto& resource : call.caller.resources) viewer.named.push_back(resource.path);
  } else if (!public_only) {
    viewer.with_private = verdict == access::Verdict::kAllowed;
    viewer.viewer = call.caller.account;
  }
  return Reader([id = account.id, viewer](sql::Connection& c, const StorageQuery& query) {
    return catalog::NamespaceStorage(c, id, viewer, query);
  });
}

Result<Reader> RepositoryReader(const HubApi& api, const Call& call, const StorageRequest& request) {
  TRY(const auto info,
      RequireRepository(api, call, request.namespace_, request.repository, access::RepositoryAction::kPull));
  return Reader([id = info.id](sql::Connection& c, const StorageQuery& query) {
    return catalog::RepositoryStorage(c, id, query);
  });
}

Result<SummaryView> GetServerStorage(const HubApi& api, const Call& call, const StorageRequest& request) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return Answer(api, request, &catalog::ServerStorage);
}

Result<http::Response> ExportServerStorage(const HubApi& api, const Call& call, const NoRequest&) {
  TRY_VOID(RequireSiteAdmin(call.caller));
  return Csv(api, &catalog::ServerStorage,
             "namespace,own_bytes,shared_bytes,total_bytes,repositories,tags,manifests\r\n", NamespaceLine, "server");
}

Result<SummaryView> GetNamespaceStorage(const HubApi& api, const Call& call, const StorageRequest& request) {
  TRY(const Reader reader, NamespaceReader(api, call, request.namespace_));
  return Answer(api, request, reader);
}

Result<http::Response> ExportNamespaceStorage(const HubApi& api, const Call& call, const StorageRequest& request) {
  TRY(Reader reader, NamespaceReader(api, call, request.namespace_));
  return Csv(api, std::move(reader), "repository,own_bytes,shared_bytes,total_bytes,tags,manifests\r\n", RepositoryLine,
             request.namespace_);
}

Result<SummaryView> GetRepositoryStorage(const HubApi& api, const Call& call, const StorageRequest& request) {
  TRY(const Reader reader, RepositoryReader(api, call, request));
  return Answer(api, request, reader);
}

Result<http::Response> ExportRepositoryStorage(const HubApi& api, const Call& call, const StorageRequest& request) {
  TRY(Reader reader, RepositoryReader(api, call, request));
  return Csv(api, std::move(reader), "tag,own_bytes,shared_bytes,total_bytes\r\n", TagLine,
             request.namespace_ + "-" + request.repository);
}

}  // namespace

void AddStorageRoutes(OperationTable& table) {
  using http::Method;
  const std::string base = "/api/berth/v1";
  const std::string space = base + "/namespaces/{namespace}/storage";
  const std::string repository = base + "/repositories/{namespace}/{repository}/storage";
  const OperationOptions anybody{.auth = Auth::kOptional};
  table.Add(Method::kGet, base + "/admin/storage", "GetServerStorage", &GetServerStorage);
  table.Add(Method::kGet, base + "/admin/storage.csv", "ExportServerStorage", &ExportServerStorage);
  table.Add(Method::kGet, space, "GetNamespaceStorage", &GetNamespaceStorage);
  table.Add(Method::kGet, space + ".csv", "ExportNamespaceStorage", &ExportNamespaceStorage);
  table.Add(Method::kGet, repository, "GetRepositoryStorage", &GetRepositoryStorage, anybody);
  table.Add(Method::kGet, repository + ".csv", "ExportRepositoryStorage", &ExportRepositoryStorage, anybody);
}

}  // namespace berth::api::hub
