#include "catalog/pull_statistics.h"

namespace berth::catalog {
namespace {

constexpr size_t kMaxPoints = 5000;
constexpr sql::Query kHours{
    "catalog.pull_hours",
    "SELECT hour, pulls, version_checks FROM pull_hour WHERE repository_id = $1 AND tag = $2 AND hour >= $3 "
    "AND hour < $4 ORDER BY hour"};

}  // namespace

Timestamp IntervalStart(Timestamp time, PullInterval interval) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  switch (interval) {
    case PullInterval::kHour:
      return floor<hours>(time);
    case PullInterval::kDay:
      return day;
    case PullInterval::kWeek:
      return day - days(weekday(day).iso_encoding() - 1);
    case PullInterval::kMonth: {
      const year_month_day date(day);
      return sys_days(date.year() / date.month() / 1);
    }
  }
  return day;
}

Timestamp NextInterval(Timestamp start, PullInterval interval) {
  using namespace std::chrono;
  switch (interval) {
    case PullInterval::kHour:
      return start + hours(1);
    case PullInterval::kDay:
      return start + days(1);
    case PullInterval::kWeek:
      return start + days(7);
    case PullInterval::kMonth: {
      const year_month_day date(floor<days>(start));
      return sys_days((date.year() / date.month() / 1) + months(1));
    }
  }
  return start + days(1);
}

Result<std::vector<PullPoint>> PullSeries(sql::Connection& connection, RepositoryId repository, std::string_view tag,
                                          Timestamp from, Timestamp to, PullInterval interval) {
  std::vector<PullPoint> points;
  for (Timestamp at = IntervalStart(from, interval); at < to; at = NextInterval(at, interval)) {
    if (points.size() >= kMaxPoints)
      return Fail(ErrorCode::kInvalidArgument, "lies too far back for this interval", "from");
    points.push_back({at});
  }
  if (points.empty()) return points;
  size_t current = 0;
  TRY_VOID(connection.Each(kHours, {repository, tag, points.front().at, to}, [&](const sql::Row& row) {
    while (current + 1 < points.size() && points[current + 1].at <= row.Time(0)) ++current;
    points[current].pulls += row.Int(1);
    points[current].version_checks += row.Int(2);
  }));
  return points;
}

}  // namespace berth::catalog
