#include "sql/postgres/handle.h"

#include <array>

#include "base/text.h"
#include "sql/parameters.h"
#include "sql/postgres/row.h"

namespace berth::sql::postgres {
namespace {

constexpr int kBinary = 1;

struct Clear {
  void operator()(PGresult* r) const { PQclear(r); }
};
using PgResult = std::unique_ptr<PGresult, Clear>;

std::string_view State(const PGresult* result) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
ErrorCode CodeOf(std::string_view state) {
  if (state == "23505") return ErrorCode::kAlreadyExists;                 // unique_violation
  if (state == "23503" || state == "23001") return ErrorCode::kConflict;  // foreign_key, restrict_violation
  if (state == "53100") return ErrorCode::kOutOfSpace;                    // disk_full
  if (state == "57014") return ErrorCode::kTimeout;                       // query_canceled
  if (state == "54000" || state == "54001") return ErrorCode::kTooLarge;  // program_limit_exceeded
  if (state == "25006" || state == "55P03" || state.starts_with("53") || state.starts_with("57P") ||
      state.starts_with("58")) {
    return ErrorCode::kUnavailable;  // read-only server, lock, resources, shutdown, its I/O
  }
  return ErrorCode::kInternal;
}

bool IsConflict(std::string_view state) { return state == "40001" || state == "40P01"; }
bool IsClash(std::string_view state) { return state == "23505" || state == "23503"; }
bool IsShutdown(std::string_view state) { return state == "57P01" || state == "57P02" || state == "57P03"; }

bool IsSuccess(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

int64_t HandOver(const PGresult* result, RowHandler on_row) {
  if (PQresultStatus(result) != PGRES_TUPLES_OK)
    return ParseNumber<int64_t>(PQcmdTuples(const_cast<PGresult*>(result))).value_or(0);
  const int rows = PQntuples(result);
  for (int i = 0; i < rows; ++i) on_row(PgRow(result, i));
  return rows;
}

constexpr char kNull = 'n';

// Behind a quoted string, quoted name or line comment that begins at `at`; `at` itself when none does.
size_t SkipQuoted(std::string_view sql, size_t at) {
  if (sql[at] == '\'' || sql[at] == '"') return std::min(sql.find(sql[at], at + 1), sql.size() - 1) + 1;
  if (sql.substr(at).starts_with("--")) return std::min(sql.find('\n', at), sql.size());
  return at;
}

// The statement with NULL in place of every $n whose letter in `types` says null. The server refuses "$1 IS NULL OR
// name = $1" when it is not told a type, and which type a null has no one can tell it.
std::string WithNulls(std::string_view sql, std::string_view types) {
  std::string out;
  for (size_t at = 0; at < sql.size();) {
    if (const size_t behind = SkipQuoted(sql, at); behind != at) {
      out += sql.substr(at, behind - at);
      at = behind;
      continue;
    }
    const size_t end = sql[at] == '$' ? std::min(sql.find_first_not_of("0123456789", at + 1), sql.size()) : at + 1;
    const std::string_view token = sql.substr(at, end - at);
    const auto number = ParseNumber<size_t>(token.substr(1));
    const bool is_null = number && *number >= 1 && *number <= types.size() && types[*number - 1] == kNull;
    out += is_null ? "NULL" : token;
    at = end;
  }
  return out;
}

// Keeps the first of several results that tells of an error, else the last.
void KeepTelling(PgResult& kept, PgResult next) {
  if (kept && !IsSuccess(kept.get())) return;
  kept = std::move(next);
}

// Reads the results of the commands up to the next sync.
PgResult ReadToSync(PGconn* conn) {
  PgResult telling;
  int silent = 0;
  for (;;) {
    PgResult result(PQgetResult(conn));
    if (!result) {  // the end of one command; two in a row only when the connection is gone
      if (++silent > 1 || PQstatus(conn) != CONNECTION_OK) return telling;
      continue;
    }
    silent = 0;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return telling;
    KeepTelling(telling, std::move(result));
  }
}

}  // namespace

// Parameters as libpq takes them. Integers and bytes are typed and binary, so that the server never has to guess.
class Handle::Arguments {
 public:
  explicit Arguments(std::span<const Value> params) {
    integers_.resize(params.size());
    for (size_t i = 0; i < params.size(); ++i) std::visit([&](const auto& v) { Add(i, v); }, params[i].variant());
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  int count() const { return static_cast<int>(types.size()); }
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  std::string signature;  // a letter a parameter: statements are prepared by type

 private:
  void Put(Oid type, const char* value, size_t length, int format, char letter) {
    types.push_back(type);
    values.push_back(value);
    lengths.push_back(static_cast<int>(length));
    formats.push_back(format);
    signature += letter;
  }
  void Add(size_t, std::monostate) { Put(kText, nullptr, 0, kBinary, kNull); }
  void Add(size_t, std::string_view text) {
    Put(kText, text.data() == nullptr ? "" : text.data(), text.size(), kBinary, 't');
  }
  void Add(size_t, Bytes bytes) {
    Put(kBytea, bytes.data.data() == nullptr ? "" : bytes.data.data(), bytes.data.size(), kBinary, 'b');
  }
  void Add(size_t i, int64_t number) {
    for (size_t byte = 0; byte < 8; ++byte)
      integers_[i][byte] = static_cast<char>(static_cast<uint64_t>(number) >> (56 - 8 * byte));
    Put(kInt8, integers_[i].data(), 8, kBinary, 'i');
  }
  std::vector<std::array<char, 8>> integers_;
};

Result<std::unique_ptr<Handle>> Handle::Open(const PostgresOptions& options) {
  std::unique_ptr<Handle> handle(new Handle(options));
  TRY_VOID(handle->Connect());
  return handle;
}

Result<void> Handle::Connect() {
  // What stands in the URI wins over what stands before it here, what comes after it wins over the URI.
  const std::array<const char*, 7> keys{
      "connect_timeout", "tcp_user_timeout", "application_name", "dbname", "client_encoding", nullptr, nullptr};
  const std::array<const char*, 7> values{"5", "30000", "berth", options_.uri.c_str(), "UTF8", nullptr, nullptr};
  prepared_.clear();
  unread_syncs_ = 0;
  conn_.reset(PQconnectdbParams(keys.data(), values.data(), 1));
  const auto fail = [&]() -> Result<void> {
    std::string_view reason = PQerrorMessage(conn_.get());
    while (reason.ends_with('\n')) reason.remove_suffix(1);
    return Fail(ErrorCode::kUnavailable, "cannot connect to the database: " + std::string(reason));
  };
  if (IsLost()) return fail();
  PQsetNoticeReceiver(conn_.get(), [](void*, const PGresult*) {}, nullptr);
  if (!options_.schema.empty()) {
    const PgResult set(PQexec(conn_.get(), ("SET search_path TO \"" + options_.schema + "\"").c_str()));
    if (!IsSuccess(set.get())) return fail();
  }
  if (PQenterPipelineMode(conn_.get()) != 1) return fail();
  return {};
}

bool Handle::Settle() {
  for (; unread_syncs_ > 0; --unread_syncs_) ReadToSync(conn_.get());
  return !IsLost();
}

Outcome Handle::Failure(std::string_view name, const PGresult* result) {
  const std::string_view state = State(result);
  std::string message(name);
  message += ": ";
  const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  message += primary != nullptr ? primary : PQerrorMessage(conn_.get());
  while (message.ends_with('\n')) message.pop_back();
  if (IsConflict(state)) return {Fail(ErrorCode::kUnavailable, std::move(message)), Trouble::kConflict};
  if (IsLost() || IsShutdown(state)) {
    conn_.reset();
    return {Fail(ErrorCode::kUnavailable, std::move(message)), Trouble::kLost};
  }
  return {Fail(CodeOf(state), std::move(message)), IsClash(state) ? Trouble::kClash : Trouble::kStatement};
}

const Handle::Prepared* Handle::FindPrepared(const Query& query, const std::string& types) const {
  const auto found = prepared_.find(query.text.data());
  if (found == prepared_.end()) return nullptr;
  for (const Prepared& p : found->second) {
    if (p.types == types && p.text == query.text) return &p;
  }
  return nullptr;
}

Outcome Handle::Attempt(const Query& query, bool cached, const Arguments& a, RowHandler on_row, const char* begin) {
  PGconn* conn = conn_.get();
  if (!Settle()) return Failure(query.name, nullptr);
  bool sent = begin == nullptr || PQsendQueryParams(conn, begin, 0, nullptr, nullptr, nullptr, nullptr, kBinary) == 1;
  const Prepared* known = cached ? FindPrepared(query, a.signature) : nullptr;
  Prepared made;
  if (known == nullptr) {
    // Statements that are not kept use the unnamed one.
    made = {std::string(query.text), a.signature, cached ? "q" + std::to_string(next_name_++) : ""};
    const bool has_null = a.signature.find(kNull) != std::string::npos;
    const std::string text = has_null ? WithNulls(query.text, a.signature) : made.text;
    sent = sent && PQsendPrepare(conn, made.name.c_str(), text.c_str(), a.count(), a.types.data()) == 1;
  }
  const char* name = known != nullptr ? known->name.c_str() : made.name.c_str();
  sent =
      sent &&
      PQsendQueryPrepared(conn, name, a.count(), a.values.data(), a.lengths.data(), a.formats.data(), kBinary) == 1 &&
      PQpipelineSync(conn) == 1;
  if (!sent) {
    conn_.reset();  // half a pipeline can't be taken back
    return {Fail(ErrorCode::kUnavailable, std::string(query.name) + ": the connection to the database was lost"),
            Trouble::kLost};
  }
  const PgResult result = ReadToSync(conn);
  if (!result || !IsSuccess(result.get()) || IsLost()) return Failure(query.name, result.get());
  if (known == nullptr && cached) prepared_[query.text.data()].push_back(std::move(made));
  return {HandOver(result.get(), on_row)};
}

template <typename Try>
Outcome Handle::WithReconnect(const char* begin, Try&& attempt) {
  constexpr const char* kLostMessage = "the connection to the database was lost";
  for (bool again = false;; again = true) {
    if (!conn_) {
      if (begin == nullptr) return {Fail(ErrorCode::kUnavailable, kLostMessage), Trouble::kLost};
      if (auto connected = Connect(); !connected) {
        conn_.reset();
        return {Fail(std::move(connected).error()), Trouble::kLost};
      }
    }
    Outcome outcome = attempt();
    if (outcome.trouble != Trouble::kLost || begin == nullptr || again) return outcome;
  }
}

Outcome Handle::Execute(const Query& query, std::span<const Value> params, RowHandler on_row, const char* begin) {
  if (auto checked = CheckParameters(query.name, params); !checked) return {Fail(checked.error()), Trouble::kStatement};
  const Arguments arguments(params);
  return WithReconnect(begin, [&] { return Attempt(query, true, arguments, on_row, begin); });
}

Outcome Handle::ExecuteDynamic(std::string_view sql, std::span<const Value> params, RowHandler on_row,
                               const char* begin) {
  const Query query{"dynamic", sql};
  if (auto checked = CheckParameters(query.name, params); !checked) return {Fail(checked.error()), Trouble::kStatement};
  if (params.empty() && sql.find(';') != std::string_view::npos) {
    return WithReconnect(begin, [&] { return RunScript(sql, begin); });
  }
  const Arguments arguments(params);
  return WithReconnect(begin, [&] { return Attempt(query, false, arguments, on_row, begin); });
}

// Several statements in one text are for the simple protocol, which a pipeline does not speak.
Outcome Handle::RunScript(std::string_view sql, const char* begin) {
  constexpr std::string_view kName = "script";
  if (!Settle() || PQexitPipelineMode(conn_.get()) != 1) return Failure(kName, nullptr);
  PgResult result;
  if (begin != nullptr) result.reset(PQexec(conn_.get(), begin));
  if (begin == nullptr || IsSuccess(result.get())) result.reset(PQexec(conn_.get(), std::string(sql).c_str()));
  const bool done = IsSuccess(result.get()) || PQresultStatus(result.get()) == PGRES_EMPTY_QUERY;
  if (IsLost() || PQenterPipelineMode(conn_.get()) != 1 || !done) return Failure(kName, result.get());
  return {int64_t{0}};
}

Outcome Handle::Commit() {
  PGconn* conn = conn_.get();
  if (conn == nullptr || PQsendQueryParams(conn, "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, kBinary) != 1 ||
      PQpipelineSync(conn) != 1) {
    conn_.reset();
    return {Fail(ErrorCode::kUnavailable, "commit: the connection to the database was lost"), Trouble::kLost};
  }
  const PgResult result = ReadToSync(conn);
  if (!result || !IsSuccess(result.get())) return Failure("commit", result.get());
  return {int64_t{0}};
}

void Handle::End(const char* statement) {
  PGconn* conn = conn_.get();
  if (conn == nullptr) return;
  if (PQsendQueryParams(conn, statement, 0, nullptr, nullptr, nullptr, nullptr, kBinary) == 1 &&
      PQpipelineSync(conn) == 1) {
    ++unread_syncs_;
  } else {
    conn_.reset();
  }
}

}  // namespace berth::sql::postgres
