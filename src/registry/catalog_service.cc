#include "registry/catalog_service.h"

#include <algorithm>

#include "access/decision.h"
#include "registry/repository_store.h"

namespace berth::registry {
namespace {

constexpr int64_t kBatch = 256;

// A first sieve, so that the walk does not pass all the private repositories of strangers; what may be seen is access's
// decision.
constexpr sql::Query kCandidates{
    "catalog.candidates",
    "SELECT r.id, r.account_id, r.full_name, r.is_private, r.is_archived FROM repository r WHERE r.full_name > $1"
    " AND (r.is_private = 0 OR $2 = 1 OR r.account_id = $3"
    " OR EXISTS (SELECT 1 FROM organization_member m WHERE m.organization_id = r.account_id AND m.account_id = $3)"
    " OR EXISTS (SELECT 1 FROM collaborator c WHERE c.repository_id = r.id AND c.account_id = $3))"
    " ORDER BY r.full_name LIMIT $4"};

struct Candidate {
  RepositoryId id;
  AccountId account;
  std::string full_name;
  bool is_private = false;
  bool is_archived = false;
};

Candidate ToCandidate(const sql::Row& row) {
  return {row.IdAt<RepositoryId>(0), row.IdAt<AccountId>(1), row.String(2), row.Bool(3), row.Bool(4)};
}

}  // namespace

Result<CatalogPage> CatalogService::List(const accounts::Caller& caller, std::string_view after, int64_t limit) {
  const auto wanted = static_cast<size_t>(std::clamp<int64_t>(limit, 0, options_.max_page));
  CatalogPage page;
  if (wanted == 0) return page;
  return database_.Read([&](sql::Connection& connection) -> Result<CatalogPage> {
    page = {};
    std::string last(after);
    while (true) {
      TRY(auto batch, connection.All(kCandidates, {last, caller.is_site_admin, caller.account, kBatch}, ToCandidate));
      for (Candidate& candidate : batch) {
        const access::RepositoryFacts facts{candidate.id, candidate.account, candidate.full_name, candidate.is_private,
                                            candidate.is_archived};
        TRY(const auto verdict, access::DecideRepository(connection, caller, facts, access::RepositoryAction::kPull));
        if (verdict != access::Verdict::kAllowed) continue;
        if (page.names.size() == wanted) {
          page.more = true;
          return page;
        }
        page.names.push_back(candidate.full_name);
      }
      if (batch.size() < static_cast<size_t>(kBatch)) return page;
      last = batch.back().full_name;
    }
  });
}

}  // namespace berth::registry
