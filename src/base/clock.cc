#include "base/clock.h"

#include <cstdio>
#include <ctime>

namespace berth {
namespace {

std::tm UtcParts(Timestamp t) {
  const std::time_t seconds = ToUnixSeconds(t);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

// Reads `count` digits at the front of `text` and drops them.
std::optional<int> TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// ".123" in microseconds; digits past the sixth are dropped. Nothing there is 0.
std::optional<int64_t> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, '.')) return 0;
  int64_t micros = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) micros = micros * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0 || digits > 18) return std::nullopt;
  for (int i = digits; i < 6; ++i) micros *= 10;
  return micros;
}

std::optional<std::chrono::minutes> TakeOffset(std::string_view& text) {
  using std::chrono::minutes;
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return minutes(0);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto h = TakeDigits(text, 2);
  if (!h || !TakeChar(text, ':')) return std::nullopt;
  const auto m = TakeDigits(text, 2);
  if (!m || *h > 23 || *m > 59) return std::nullopt;
  return minutes(sign * (*h * 60 + *m));
}

}  // namespace

std::string FormatRfc3339(Timestamp t) {
  const std::tm p = UtcParts(t);
  const auto micros = (t - std::chrono::floor<std::chrono::seconds>(t)).count();
  char out[48];
  const int n = std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", p.tm_year + 1900, p.tm_mon + 1,
                              p.tm_mday, p.tm_hour, p.tm_min, p.tm_sec, static_cast<int>(micros));
  return {out, static_cast<size_t>(n)};
}

std::string FormatHttpDate(Timestamp t) {
  const std::tm p = UtcParts(t);
  char out[40];
  const size_t n = std::strftime(out, sizeof out, "%a, %d %b %Y %H:%M:%S GMT", &p);
  return {out, n};
}

std::optional<Timestamp> ParseRfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto y = TakeDigits(text, 4);
  if (!y || !TakeChar(text, '-')) return std::nullopt;
  const auto mo = TakeDigits(text, 2);
  if (!mo || !TakeChar(text, '-')) return std::nullopt;
  const auto d = TakeDigits(text, 2);
  if (!d || text.empty() || (text.front() != 'T' && text.front() != 't' && text.front() != ' ')) return std::nullopt;
  text.remove_prefix(1);
  const auto h = TakeDigits(text, 2);
  if (!h || !TakeChar(text, ':')) return std::nullopt;
  const auto mi = TakeDigits(text, 2);
  if (!mi || !TakeChar(text, ':')) return std::nullopt;
  const auto s = TakeDigits(text, 2);
  if (!s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  const auto fraction = TakeFraction(text);
  const auto offset = fraction ? TakeOffset(text) : std::nullopt;
  if (!offset || !text.empty()) return std::nullopt;
  const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  return Timestamp(sys_days(date)) + hours(*h) + minutes(*mi) + seconds(*s) + microseconds(*fraction) - *offset;
}

Timestamp SystemClock::Now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace berth
