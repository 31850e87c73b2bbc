#include <chrono>
#include <random>
#include <thread>

#include "sql/open.h"
#include "sql/parameters.h"
#include "sql/postgres/pool.h"

namespace berth::sql {
namespace postgres {
namespace {

constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr const char* kBeginWrite = "BEGIN ISOLATION LEVEL SERIALIZABLE";

// A conflict means that someone else committed, so there is progress; the bound is for what never ends. It is one of
// time, because on a busy machine a transaction is long and meets more others.
constexpr std::chrono::seconds kPatience{10};
constexpr int kMaxLosses = 2;
// A serializable transaction may be told "duplicate key" where "conflict" is meant: the other's row came after its
// snapshot, so it could not see what it met. Begun again it sees it; one that is refused again and again means it.
constexpr int kMaxClashes = 3;

// Both kinds of transaction begin with their first statement.
class OpenTransaction final : public Transaction {
 public:
  OpenTransaction(Handle& handle, const char* begin) : handle_(handle), begin_(begin) {}
  ~OpenTransaction() override {
    if (began_) handle_.End("ROLLBACK");
  }

  Result<int64_t> Execute(const Query& query, std::span<const Value> params, RowHandler on_row) override {
    return Keep([&](const char* begin) { return handle_.Execute(query, params, on_row, begin); });
  }
  Result<int64_t> ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row) override {
    return Keep([&](const char* begin) { return handle_.ExecuteDynamic(sql, params, on_row, begin); });
  }
  void OnCommit(std::function<void()> hook) override { hooks_.push_back(std::move(hook)); }

  Outcome Commit() {
    if (!began_) return {int64_t{0}};
    began_ = false;
    return handle_.Commit();
  }
  void EndRead() {
    if (began_) handle_.End("COMMIT");
    began_ = false;
  }

  Trouble trouble() const { return trouble_; }
  const std::optional<Error>& failure() const { return failure_; }
  std::vector<std::function<void()>> TakeHooks() { return std::move(hooks_); }

 private:
  template <typename Run>
  Result<int64_t> Keep(Run&& run) {
    if (failure_) return Fail(*failure_);
    const char* begin = began_ ? nullptr : begin_;
    began_ = true;
    Outcome outcome = run(begin);
    if (!outcome.result) {
      failure_ = outcome.result.error();
      trouble_ = outcome.trouble;
    }
    return std::move(outcome.result);
  }

  Handle& handle_;
  const char* begin_;
  bool began_ = false;
  Trouble trouble_ = Trouble::kNone;
  std::optional<Error> failure_;
  std::vector<std::function<void()>> hooks_;
};

// Those that met must not meet again: the wait doubles, up to a bound, and is anyone's guess within.
void WaitAfterConflict(int conflicts) {
  thread_local std::minstd_rand random(std::random_device{}());
  const int most = 1000 << std::min(conflicts, 6);
  std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(most / 4, most)(random)));
}

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const PostgresOptions& options) : pool_(options) {}
  Dialect dialect() const override { return Dialect::kPostgres; }
  Result<void> Check() {
    TRY_VOID(pool_.Acquire());
    return {};
  }

 protected:
  Result<void> DoRead(FunctionRef<Result<void>(Connection&)> body) override {
    TRY_VOID(CheckNotInsideWrite());
    TRY(auto lease, pool_.Acquire());
    OpenTransaction transaction(*lease, kBeginRead);
    auto outcome = body(transaction);
    transaction.EndRead();
    return outcome;
  }

  Result<void> DoWrite(FunctionRef<Result<void>(Transaction&)> body, Durability) override {
    TRY_VOID(CheckNotInsideWrite());
    const auto end = std::chrono::steady_clock::now() + kPatience;
    int losses = 0;
    int clashes = 0;
    for (int conflicts = 0;;) {
      Trouble trouble = Trouble::kNone;
      auto outcome = TryWrite(body, trouble);
      if (trouble == Trouble::kClash && ++clashes < kMaxClashes) continue;
      if (trouble == Trouble::kConflict && std::chrono::steady_clock::now() < end) {
        WaitAfterConflict(++conflicts);
      } else if (trouble != Trouble::kLost || ++losses >= kMaxLosses) {
        return outcome;
      }
    }
  }

 private:
  // `trouble` says whether running the body again is safe and may help.
  Result<void> TryWrite(FunctionRef<Result<void>(Transaction&)> body, Trouble& trouble) {
    std::vector<std::function<void()>> hooks;
    {
      TRY(auto lease, pool_.Acquire());
      OpenTransaction transaction(*lease, kBeginWrite);
      TRY_VOID(RunAndCommit(body, transaction, trouble));
      hooks = transaction.TakeHooks();
    }  // a hook must not hold a connection
    for (auto& hook : hooks) hook();
    return {};
  }

  static Result<void> RunAndCommit(FunctionRef<Result<void>(Transaction&)> body, OpenTransaction& transaction,
                                   Trouble& trouble) {
    auto outcome = Run(body, transaction);
    trouble = transaction.trouble();
    // When the connection or the transaction is to blame, the body's own answer is worth nothing.
    const bool is_body_sound = trouble == Trouble::kStatement || trouble == Trouble::kClash;
    if (transaction.failure() && (outcome || !is_body_sound)) return Fail(*transaction.failure());
    if (!outcome) return outcome;
    Outcome committed = transaction.Commit();
    // Whether a commit that was cut off has happened no one can say: it must not be tried again.
    if (committed.trouble == Trouble::kConflict) trouble = Trouble::kConflict;
    if (!committed.result) return Fail(std::move(committed.result).error());
    return {};
  }

  static Result<void> Run(FunctionRef<Result<void>(Transaction&)> body, Transaction& transaction) {
    const InsideWrite inside;
    return body(transaction);
  }

  Pool pool_;
};

}  // namespace
}  // namespace postgres

Result<std::unique_ptr<Database>> OpenPostgres(const PostgresOptions& options) {
  auto database = std::make_unique<postgres::PostgresDatabase>(options);
  TRY_VOID(database->Check());
  return database;
}

}  // namespace berth::sql
