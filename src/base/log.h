// Structured logging: one JSON object a line on standard error, written by a background thread.
//
//   log::Info("registry", "blob quarantined", {{"digest", digest}, {"bytes", size}});
//
// Never pass a secret (password, token, Authorization header). Thread-safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace berth::log {

enum class Level { kDebug, kInfo, kWarn, kError };

struct Field {
  std::string_view key;
  std::string_view text;
  int64_t number = 0;
  bool is_number = false;

  Field(std::string_view k, std::string_view v) : key(k), text(v) {}
  Field(std::string_view k, const char* v) : key(k), text(v) {}
  Field(std::string_view k, const std::string& v) : key(k), text(v) {}
  template <typename N>
    requires std::is_integral_v<N>
  Field(std::string_view k, N v) : key(k), number(static_cast<int64_t>(v)), is_number(true) {}
};

using Fields = std::initializer_list<Field>;

void Write(Level level, std::string_view area, std::string_view message, Fields fields = {});

inline void Debug(std::string_view area, std::string_view message, Fields f = {}) {
  Write(Level::kDebug, area, message, f);
}
inline void Info(std::string_view area, std::string_view message, Fields f = {}) {
  Write(Level::kInfo, area, message, f);
}
inline void Warn(std::string_view area, std::string_view message, Fields f = {}) {
  Write(Level::kWarn, area, message, f);
}
inline void Error(std::string_view area, std::string_view message, Fields f = {}) {
  Write(Level::kError, area, message, f);
}

// A ready line (JSON without line end) for the access log, on standard output; queued, never blocks on the sink.
void AccessLine(std::string_view line);

struct Options {
  Level level = Level::kInfo;
  bool access_log = true;
};
// Call once in main; before it, lines go to standard error unbuffered. Flush waits until all lines are written.
void Configure(const Options& options);
bool AccessLogEnabled();
void Flush();

// Appends `text` as the inside of a JSON string.
void AppendJsonEscaped(std::string& out, std::string_view text);

}  // namespace berth::log
