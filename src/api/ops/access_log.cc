#include "api/ops/access_log.h"

#include <charconv>
#include <ctime>

#include "base/clock.h"
#include "base/log.h"

namespace berth::api::ops {
namespace {

void AppendNumber(std::string& out, int64_t value) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void AppendText(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":\"";
  log::AppendJsonEscaped(out, value);
  out += '"';
}

void AppendNumber(std::string& out, std::string_view key, int64_t value) {
  out += ",\"";
  out += key;
  out += "\":";
  AppendNumber(out, value);
}

// "2026-11-23T09:08:07.123456Z"; the part up to the second is made once a second and thread.
void AppendTime(std::string& out) {
  thread_local int64_t second = -1;
  thread_local std::string prefix;
  const int64_t micros = ToMicros(SystemClock().Now());
  if (micros / 1'000'000 != second) {
    second = micros / 1'000'000;
    prefix = FormatRfc3339(FromMicros(second * 1'000'000)).substr(0, 20);
  }
  char fraction[8] = "000000Z";
  int64_t rest = micros % 1'000'000;
  for (int i = 5; i >= 0; --i, rest /= 10) fraction[i] = static_cast<char>('0' + rest % 10);
  out += prefix;
  out.append(fraction, 7);
}

}  // namespace

void WriteAccessLine(const AccessFacts& f) {
  const http::Request& r = *f.request;
  thread_local std::string line;
  line.assign("{\"time\":\"");
  AppendTime(line);
  line += '"';
  AppendText(line, "request_id", r.request_id);
  AppendText(line, "peer", r.peer);
  AppendText(line, "user", r.trace.user);
  if (!r.trace.token.empty()) AppendText(line, "credential", r.trace.token);
  AppendText(line, "operation", r.trace.operation);
  AppendText(line, "method", r.method_text);
  AppendText(line, "path", r.path);
  AppendNumber(line, "status", f.status);
  AppendNumber(line, "bytes_in", static_cast<int64_t>(f.bytes_in));
  AppendNumber(line, "bytes_out", static_cast<int64_t>(f.bytes_out));
  AppendNumber(line, "micros", f.duration.count() / 1000);
  line += '}';
  log::AccessLine(line);
}

}  // namespace berth::api::ops
