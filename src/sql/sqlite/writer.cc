#include "sql/sqlite/writer.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "sql/parameters.h"

namespace berth::sql::sqlite {
namespace {

// Who came first should not wait long for who came last.
constexpr size_t kMaxBatch = 256;
constexpr std::chrono::milliseconds kMaxBatchTime{20};

// Pages of 4 KiB. The background thread moves this many at a time: few, since every other sync waits behind those that
// it writes (a thousand took 10 ms).
constexpr int kPassPages = 128;
// When the writer begins the log anew, if it then has this many left to move at most; and when it does so even though
// much is left, and waits for readers.
constexpr int kRestartPages = 4000;
constexpr int kFewPages = 100;
constexpr int kLimitPages = 32000;
constexpr int kRestartWaitMillis = 100;
// Until the next try while a reader stays and stays.
constexpr int kPatientPages = 1000;

constexpr Query kBegin{"begin", "BEGIN IMMEDIATE"};
constexpr Query kCommit{"commit", "COMMIT"};
constexpr Query kRollback{"rollback", "ROLLBACK"};
constexpr Query kSavepoint{"savepoint", "SAVEPOINT body"};
constexpr Query kRelease{"release", "RELEASE body"};
constexpr Query kRollbackTo{"rollback to", "ROLLBACK TO body"};

// What a body sees. As in PostgreSQL, a failed statement spoils the transaction: the following ones answer the same
// error.
class WriteTransaction final : public Transaction {
 public:
  WriteTransaction(Handle& handle, std::vector<std::function<void()>>& hooks) : handle_(handle), hooks_(hooks) {}

  Result<int64_t> Execute(const Query& query, std::span<const Value> params, RowHandler on_row) override {
    return Keep([&] { return handle_.Execute(query, params, on_row); });
  }
  Result<int64_t> ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row) override {
    return Keep([&] { return handle_.ExecuteDynamic(sql, params, on_row); });
  }
  void OnCommit(std::function<void()> hook) override { hooks_.push_back(std::move(hook)); }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  template <typename Run>
  Result<int64_t> Keep(Run&& run) {
    if (failure_) return Fail(*failure_);
    auto result = run();
    if (!result) failure_ = result.error();
    return result;
  }

  Handle& handle_;
  std::vector<std::function<void()>>& hooks_;
  std::optional<Error> failure_;
};

}  // namespace

Writer::Writer(SqliteOptions options, std::unique_ptr<Handle> handle)
    : options_(std::move(options)), handle_(std::move(handle)), restart_at_(kRestartPages), checkpointer_(options_) {
  sqlite3_wal_hook(handle_->db(), &OnWal, this);
  thread_ = std::thread([this] { Run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> Writer::Write(WriteBody body, Durability durability) {
  Entry entry{.body = body, .durability = durability};
  std::shared_ptr<Batch> batch;
  uint32_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty() || queue_.back()->entries.size() >= kMaxBatch) queue_.push_back(std::make_shared<Batch>());
    batch = queue_.back();
    index = static_cast<uint32_t>(batch->entries.size());
    batch->entries.push_back(&entry);
  }
  if (index == 0) wake_.notify_one();
  for (uint32_t done; (done = batch->finished.load(std::memory_order_acquire)) <= index;) batch->finished.wait(done);
  if (entry.thrown) std::rethrow_exception(entry.thrown);
  TRY_VOID(std::move(entry.outcome));
  for (auto& hook : entry.hooks) hook();
  return {};
}

void Writer::Run() {
  while (const std::shared_ptr<Batch> batch = Take()) {
    const Entries entries(batch->entries);
    for (size_t done = 0; done < entries.size();) {
      done += CommitSome(entries.subspan(done));
      batch->finished.store(static_cast<uint32_t>(done), std::memory_order_release);
      batch->finished.notify_all();
    }
    KeepLogShort();
  }
}

std::shared_ptr<Writer::Batch> Writer::Take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
  if (queue_.empty()) return nullptr;
  auto batch = std::move(queue_.front());
  queue_.pop_front();
  return batch;
}

// Runs and commits entries from the front; answers how many have their outcome, at least one.
size_t Writer::CommitSome(Entries entries) {
  if (entries.size() == 1) {
    RunAlone(*entries[0]);
    return 1;
  }
  const bool synced =
      std::ranges::any_of(entries, [](const Entry* e) { return e->durability == Durability::kPowerLoss; });
  if (auto begun = Begin(synced); !begun) {
    for (Entry* entry : entries) entry->outcome = begun;
    return entries.size();
  }
  const auto start = std::chrono::steady_clock::now();
  size_t count = 0;
  while (count < entries.size() && (count == 0 || std::chrono::steady_clock::now() - start < kMaxBatchTime)) {
    RunInSavepoint(*entries[count++]);
    if (InTransaction()) continue;
    // The error of one took the transaction of all with it: each for itself, then.
    for (Entry* entry : entries.first(count)) RunAlone(*entry);
    return count;
  }
  auto committed = Commit();
  if (committed) return count;
  if (committed.error().code == ErrorCode::kConflict) {  // a deferred constraint of one
    for (Entry* entry : entries.first(count)) RunAlone(*entry);
    return count;
  }
  for (Entry* entry : entries.first(count)) {
    if (entry->outcome && !entry->thrown) entry->outcome = committed;
  }
  return count;
}

void Writer::RunBody(Entry& entry) {
  entry.hooks.clear();
  entry.thrown = nullptr;
  WriteTransaction transaction(*handle_, entry.hooks);
  const InsideWrite inside;
  try {
    entry.outcome = entry.body(transaction);
  } catch (...) {
    entry.thrown = std::current_exception();
    return;
  }
  if (entry.outcome && transaction.failure()) entry.outcome = Fail(*transaction.failure());
}

void Writer::RunInSavepoint(Entry& entry) {
  if (auto opened = handle_->Run(kSavepoint); !opened) {
    entry.outcome = opened;
    return Rollback();
  }
  RunBody(entry);
  if (!InTransaction()) return;
  if (!entry.outcome || entry.thrown) {
    if (!handle_->Run(kRollbackTo)) return Rollback();
  }
  if (auto released = handle_->Run(kRelease); !released) Rollback();
}

void Writer::RunAlone(Entry& entry) {
  entry.thrown = nullptr;
  entry.outcome = Begin(entry.durability == Durability::kPowerLoss);
  if (!entry.outcome) return;
  RunBody(entry);
  if (!entry.outcome || entry.thrown) return Rollback();
  entry.outcome = Commit();
}

// Whether the next commits sync the log; the sync of a later one takes the log's earlier pages along. SQLite acts on
// this pragma while it compiles it, so it cannot be kept prepared.
Result<void> Writer::SetSynced(bool synced) {
  if (!options_.sync || synced == synced_) return {};
  const char* sql = synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
  if (sqlite3_exec(handle_->db(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Fail(ErrorCode::kInternal, "the database's durability cannot be set");
  }
  synced_ = synced;
  return {};
}

// A connection that can't even begin is opened anew, once: after an I/O error that is how it recovers.
Result<void> Writer::Begin(bool synced) {
  if (handle_) {
    TRY_VOID(SetSynced(synced));
    auto begun = handle_->Run(kBegin);
    const int code = sqlite3_errcode(handle_->db()) & 0xFF;
    if (begun || code == SQLITE_BUSY || code == SQLITE_FULL) return begun;
    log::Warn("sql", "opening the database again", {{"error", begun.error().message}});
    handle_.reset();
  }
  TRY(handle_, Handle::Open(options_, Access::kWrite));
  synced_ = true;  // as every connection begins
  sqlite3_wal_hook(handle_->db(), &OnWal, this);
  return handle_->Run(kBegin);
}

Result<void> Writer::Commit() {
  auto committed = handle_->Run(kCommit);
  if (!committed) Rollback();
  return committed;
}

bool Writer::InTransaction() const { return handle_ && !handle_->IsAutocommit(); }

void Writer::Rollback() {
  if (!InTransaction() || handle_->Run(kRollback)) return;
  handle_.reset();
}

// SQLite itself begins the log anew when a commit finds all of it moved and nobody reading from it.
int Writer::OnWal(void* self, sqlite3*, const char*, int pages) {
  auto& writer = *static_cast<Writer*>(self);
  if (pages <= writer.log_pages_) {
    writer.checkpointer_.Forget();
    writer.restart_at_ = kRestartPages;
  }
  writer.log_pages_ = pages;
  return SQLITE_OK;
}

// The background thread moves most pages while commits go on; but only when all are moved and no one reads from the log
// can it begin anew, and under a steady stream of commits that moment must be made here.
void Writer::KeepLogShort() {
  if (!handle_) return;
  const int left = log_pages_ - checkpointer_.moved_pages();
  const bool due = log_pages_ >= restart_at_;
  if (left >= (due ? kFewPages : kPassPages)) checkpointer_.Request();
  const bool urgent = log_pages_ >= kLimitPages;
  if (!due || (left >= kFewPages && !urgent)) return;
  // A reader is gone by the next commit or so. Waiting for it is for when there is no other way: SQLite sleeps for
  // milliseconds at a time, and all commits with it.
  sqlite3_busy_timeout(handle_->db(), urgent ? kRestartWaitMillis : 0);
  const int code = sqlite3_wal_checkpoint_v2(handle_->db(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  sqlite3_busy_timeout(handle_->db(), 10'000);
  if (code != SQLITE_OK) {
    restart_at_ = log_pages_ + (urgent ? kPatientPages : kFewPages);
    return;
  }
  log_pages_ = 0;
  restart_at_ = kRestartPages;
  checkpointer_.Forget();
}

}  // namespace berth::sql::sqlite
