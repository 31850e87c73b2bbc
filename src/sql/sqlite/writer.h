// The one thread that writes. Transactions that wait together run one after another, each in a savepoint, and share one
// commit: N waiting writers cost one sync of the log.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "sql/sqlite/checkpointer.h"
#include "sql/sqlite/handle.h"

namespace berth::sql::sqlite {

using WriteBody = FunctionRef<Result<void>(Transaction&)>;

// Thread-safe.
class Writer {
 public:
  Writer(SqliteOptions options, std::unique_ptr<Handle> handle);
  ~Writer();  // no Write may be running or come
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Answers after the commit is as durable as asked for. What `body` throws is thrown here.
  Result<void> Write(WriteBody body, Durability durability);

 private:
  // A caller that waits; lives on its stack.
  struct Entry {
    WriteBody body;
    Durability durability = Durability::kPowerLoss;
    Result<void> outcome{};
    std::exception_ptr thrown;
    std::vector<std::function<void()>> hooks;
  };
  // Those that came while the writer was busy. `finished` counts the entries whose outcome stands, in order.
  struct Batch {
    std::vector<Entry*> entries;
    std::atomic<uint32_t> finished{0};
  };
  using Entries = std::span<Entry* const>;

  void Run();
  std::shared_ptr<Batch> Take();
  size_t CommitSome(Entries entries);
  void RunInSavepoint(Entry& entry);
  void RunAlone(Entry& entry);
  void RunBody(Entry& entry);
  Result<void> Begin(bool synced);
  Result<void> SetSynced(bool synced);
  Result<void> Commit();
  bool InTransaction() const;
  void Rollback();
  void KeepLogShort();
  static int OnWal(void* self, sqlite3* db, const char* name, int pages);

  const SqliteOptions options_;
  std::unique_ptr<Handle> handle_;  // the thread's
  bool synced_ = true;              // the thread's: commits wait for the disk
  int log_pages_ = 0;               // the thread's
  int restart_at_ = 0;              // the thread's: pages of the log at which to try to begin it anew
  Checkpointer checkpointer_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Batch>> queue_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace berth::sql::sqlite
