#include "catalog/pull_usage.h"

#include <algorithm>

namespace berth::catalog {
namespace {

constexpr sql::Query kNext{"catalog.next_repository",
                           "SELECT id, name, full_name, is_private FROM repository WHERE account_id = $1 AND name > $2 "
                           "ORDER BY name LIMIT 1"};
// tag '' is the whole repository and comes first in its hour.
constexpr sql::Query kHours{
    "catalog.pull_usage",
    "SELECT hour, tag, pulls, version_checks FROM pull_hour WHERE repository_id = $1 AND hour >= $2 AND hour < $3 "
    "ORDER BY hour, tag"};

// What of an hour was fetched without a tag: the whole less the tags' share.
void CloseHour(std::vector<PullUsageRow>& rows, std::optional<size_t>& whole) {
  if (!whole) return;
  for (size_t i = *whole + 1; i < rows.size(); ++i) {
    rows[*whole].pulls -= rows[i].pulls;
    rows[*whole].version_checks -= rows[i].version_checks;
  }
  PullUsageRow& rest = rows[*whole];
  rest.pulls = std::max<int64_t>(0, rest.pulls);
  rest.version_checks = std::max<int64_t>(0, rest.version_checks);
  if (rest.pulls == 0 && rest.version_checks == 0) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(*whole));
  whole.reset();
}

}  // namespace

Result<std::optional<UsedRepository>> NextRepository(sql::Connection& connection, AccountId account,
                                                     std::string_view after) {
  return connection.One(kNext, {account, after}, [](const sql::Row& row) {
    return UsedRepository{row.IdAt<RepositoryId>(0), row.String(1), row.String(2), row.Bool(3)};
  });
}

Result<std::vector<PullUsageRow>> PullUsage(sql::Connection& connection, RepositoryId repository, Timestamp from,
                                            Timestamp to) {
  std::vector<PullUsageRow> rows;
  std::optional<size_t> whole;
  std::optional<Timestamp> hour;
  TRY_VOID(connection.Each(kHours, {repository, from, to}, [&](const sql::Row& row) {
    if (hour != row.Time(0)) CloseHour(rows, whole);
    hour = row.Time(0);
    if (row.Text(1).empty()) whole = rows.size();
    rows.push_back({row.Time(0), row.String(1), row.Int(2), row.Int(3)});
  }));
  CloseHour(rows, whole);
  return rows;
}

}  // namespace berth::catalog
