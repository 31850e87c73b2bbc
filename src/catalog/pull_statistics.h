// Pulls of a repository over time. Functions of one connection.
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::catalog {

enum class PullInterval { kHour, kDay, kWeek, kMonth };  // weeks begin on Monday; all in UTC

struct PullPoint {
  Timestamp at;  // the beginning
  int64_t pulls = 0;
  int64_t version_checks = 0;
};

// The beginning of the interval that `time` lies in, and of the one after it.
Timestamp IntervalStart(Timestamp time, PullInterval interval);
Timestamp NextInterval(Timestamp start, PullInterval interval);

// Every interval from `from` until before `to`, those without a pull as well. `tag` empty: the whole repository.
// kInvalidArgument, field `from`: more than 5000 points.
Result<std::vector<PullPoint>> PullSeries(sql::Connection& connection, RepositoryId repository, std::string_view tag,
                                          Timestamp from, Timestamp to, PullInterval interval);

}  // namespace berth::catalog
