#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/line_queue.h"
#include "base/utf8.h"

namespace berth::log {
namespace {

// Lines for people come soon; access lines gather.
struct Queues {
  LineQueue messages{STDERR_FILENO, {.capacity = 1 << 20, .linger = std::chrono::milliseconds(2)}};
  LineQueue access{STDOUT_FILENO, {}};
};

std::atomic<Level> minimum_level{Level::kInfo};
std::atomic<bool> access_log_enabled{true};
std::atomic<Queues*> active_queues{nullptr};

// Owns the queues; at the end of the program it writes what waits, and later lines go out unbuffered.
struct QueuesHolder {
  std::mutex mutex;
  std::unique_ptr<Queues> queues;
  ~QueuesHolder() { active_queues = nullptr; }
};

QueuesHolder& Holder() {
  static QueuesHolder holder;
  return holder;
}

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "error";
}

void AppendMember(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  AppendJsonEscaped(out, key);
  out += "\":\"";
  AppendJsonEscaped(out, text);
  out += '"';
}

void AppendField(std::string& out, const Field& field) {
  if (!field.is_number) return AppendMember(out, field.key, field.text);
  out += ",\"";
  AppendJsonEscaped(out, field.key);
  out += "\":";
  out += std::to_string(field.number);
}

}  // namespace

void Write(Level level, std::string_view area, std::string_view message, Fields fields) {
  if (level < minimum_level.load(std::memory_order_relaxed)) return;
  std::string line = "{\"time\":\"" + FormatRfc3339(SystemClock().Now()) + '"';
  AppendMember(line, "level", LevelName(level));
  AppendMember(line, "area", area);
  AppendMember(line, "message", message);
  for (const Field& field : fields) AppendField(line, field);
  line += '}';
  if (Queues* queues = active_queues.load(std::memory_order_acquire)) return queues->messages.Push(line);
  line += '\n';
  WriteAll(STDERR_FILENO, line);
}

void AccessLine(std::string_view line) {
  if (!access_log_enabled.load(std::memory_order_relaxed)) return;
  if (Queues* queues = active_queues.load(std::memory_order_acquire)) return queues->access.Push(line);
  WriteAll(STDOUT_FILENO, std::string(line) + '\n');
}

void Configure(const Options& options) {
  minimum_level = options.level;
  access_log_enabled = options.access_log;
  QueuesHolder& holder = Holder();
  const std::lock_guard lock(holder.mutex);
  if (!holder.queues) holder.queues = std::make_unique<Queues>();
  active_queues.store(holder.queues.get(), std::memory_order_release);
}

bool AccessLogEnabled() { return access_log_enabled.load(std::memory_order_relaxed); }

void Flush() {
  if (Queues* queues = active_queues.load(std::memory_order_acquire)) {
    queues->messages.Flush();
    queues->access.Flush();
  }
}

void AppendJsonEscaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  size_t plain = 0;  // start of what has not been appended yet
  const auto append_plain = [&](size_t end) { out.append(text.substr(plain, end - plain)); };
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    const size_t length = c < 0x80 ? 0 : Utf8SequenceLength(text.substr(i));
    if (length > 0) {
      i += length;
      continue;
    }
    append_plain(i);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (c >= 0x80) {
          out += "\xEF\xBF\xBD";  // U+FFFD
        } else {
          out += "\\u00";
          out += kHex[c >> 4];
          out += kHex[c & 15];
        }
    }
    plain = ++i;
  }
  append_plain(text.size());
}

}  // namespace berth::log
