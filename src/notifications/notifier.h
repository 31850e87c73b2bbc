// Makes notifications: from the event log, with a cursor saved in the same transaction, so that each event is heard
// once whatever happens between; and from what no event tells. Any number of copies of the server may run it.
// Thread-safe.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/result.h"
#include "sql/database.h"

namespace berth::notifications {

class Notifier {
 public:
  static constexpr std::chrono::days kTokenWarning{7};  // before a token expires
  static constexpr std::chrono::days kRetention{90};

  Notifier(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Works off the log, up to its end; call it every few seconds.
  Result<void> ReadLog();
  // Tokens about to expire, jobs given up, old notifications; call it now and then.
  Result<void> LookAround();

 private:
  Result<bool> ReadSome();  // false at the end of the log

  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::notifications
