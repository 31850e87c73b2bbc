#include "http_server/request_head.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace berth::http_server {
namespace {

constexpr size_t kMaxFields = 128;

constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) table[c] = true;
  return table;
}
constexpr auto kTokenChars = MakeTokenTable();

bool IsToken(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!kTokenChars[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

// Whether any of the 8 bytes is a control character (tab included).
bool HasControl(uint64_t bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kTops = 0x8080808080808080;
  const uint64_t below_space = (bytes - kOnes * 0x20) & ~bytes;
  const uint64_t del = bytes ^ (kOnes * 0x7f);
  return ((below_space | ((del - kOnes) & ~del)) & kTops) != 0;
}

// RFC 9110 §5.5: visible characters, spaces, tabs and bytes over 0x7f.
bool IsFieldValue(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + i, 8);
    if (HasControl(bytes)) break;
  }
  for (; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
  }
  return true;
}

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// "Connection: close, TE" and the like.
template <typename Visit>
void ForEachToken(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    visit(Trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

// The strict part is that nothing in it can end an attribute, a URL's authority or a header.
bool IsHostText(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']' || c == '%' || c == '~';
  });
}

void RequestHead::Clear() {
  auto kept = std::move(headers);
  kept.clear();
  *this = RequestHead();
  headers = std::move(kept);
}

HeadParser::State HeadParser::Refuse(int status) {
  status_ = status;
  return State::kRefused;
}

// Speaks early where waiting for the rest would only cost time: not HTTP at all (a TLS hello, say), or a bare LF.
HeadParser::State HeadParser::CheckUnfinished(std::string_view bytes) {
  if (!bytes.empty() && !kTokenChars[static_cast<unsigned char>(bytes[0])] && bytes[0] != '\r') return Refuse(400);
  for (;;) {
    const size_t lf = bytes.find('\n', scanned_);
    if (lf == std::string_view::npos) break;
    if (lf == 0 || bytes[lf - 1] != '\r') return Refuse(400);
    scanned_ = lf + 1;
  }
  return State::kMore;
}

HeadParser::State HeadParser::Parse(std::string_view bytes, RequestHead& head) {
  // An empty line before the request line is forgiven, as RFC 9112 §2.2 asks.
  const size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
  const std::string_view text = bytes.substr(skipped);
  const size_t from = scanned_ > skipped + 2 ? scanned_ - skipped - 2 : 0;
  const size_t end = text.find("\r\n\r\n", from);
  if (end == std::string_view::npos) return CheckUnfinished(bytes);

  head.Clear();
  seen_host_ = absolute_target_ = connection_close_ = connection_keep_alive_ = false;
  status_ = 400;
  head.size = skipped + end + 4;
  std::string_view rest = text.substr(0, end + 2);
  bool first = true;
  while (!rest.empty()) {
    const auto* lf = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    const auto length = static_cast<size_t>(lf - rest.data());  // `rest` always ends with CR LF
    if (length == 0 || lf[-1] != '\r') return State::kRefused;
    const std::string_view line = rest.substr(0, length - 1);
    if (first ? !ParseRequestLine(line, head) : !ParseField(line, head)) return State::kRefused;
    first = false;
    rest.remove_prefix(length + 1);
  }
  if (!Conclude(head)) return State::kRefused;
  scanned_ = 0;
  return State::kComplete;
}

bool HeadParser::ParseRequestLine(std::string_view line, RequestHead& head) {
  const size_t space = line.find(' ');
  const size_t last = line.rfind(' ');
  if (space == std::string_view::npos || last == space) return false;
  const std::string_view method = line.substr(0, space);
  const std::string_view target = line.substr(space + 1, last - space - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method) || target.empty() || !IsVisible(target)) return false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.starts_with("HTTP/")) status_ = 505;
    return false;
  }
  head.http_1_0 = version.back() == '0';
  head.method = method;
  head.target = target;
  return ParseTarget(head);
}

// RFC 9112 §3.2: origin form, absolute form, and the asterisk for OPTIONS. Nobody tunnels through a registry.
bool HeadParser::ParseTarget(RequestHead& head) {
  std::string_view target = head.target;
  if (target.find('#') != std::string_view::npos) return false;
  if (target == "*") {
    head.path = target;
    return head.method == "OPTIONS";
  }
  if (target.front() != '/') {
    const size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return false;
    const std::string_view name = target.substr(0, scheme);
    if (!EqualsIgnoreCase(name, "http") && !EqualsIgnoreCase(name, "https")) return false;
    target.remove_prefix(scheme + 3);
    const size_t slash = std::min(target.find_first_of("/?"), target.size());
    head.host = target.substr(0, slash);
    if (head.host.empty() || !IsHostText(head.host)) return false;
    absolute_target_ = true;
    target.remove_prefix(slash);
    if (target.empty() || target.front() == '?') {
      head.path = "/";
      if (!target.empty()) head.query = target.substr(1);
      return true;
    }
  }
  const size_t question = target.find('?');
  head.path = target.substr(0, question);
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  return true;
}

bool HeadParser::ParseField(std::string_view line, RequestHead& head) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  // A leading space (a folded line) and a space before the colon are no token characters.
  const http::Header field{line.substr(0, colon), Trim(line.substr(colon + 1))};
  if (!IsToken(field.name) || !IsFieldValue(field.value)) return false;
  if (head.headers.size() == kMaxFields) {
    status_ = 431;
    return false;
  }
  head.headers.push_back(field);
  return Interpret(field, head);
}

bool HeadParser::Interpret(const http::Header& field, RequestHead& head) {
  switch (field.name.size()) {
    case 4:
      if (!EqualsIgnoreCase(field.name, "host")) return true;
      if (seen_host_ || !IsHostText(field.value)) return false;
      seen_host_ = true;
      if (!absolute_target_) head.host = field.value;
      return true;
    case 6:
      if (!EqualsIgnoreCase(field.name, "expect")) return true;
      head.expect_continue = EqualsIgnoreCase(field.value, "100-continue");
      if (!head.expect_continue) status_ = 417;
      return head.expect_continue;
    case 10:
      if (!EqualsIgnoreCase(field.name, "connection")) return true;
      ForEachToken(field.value, [&](std::string_view token) {
        connection_close_ |= EqualsIgnoreCase(token, "close");
        connection_keep_alive_ |= EqualsIgnoreCase(token, "keep-alive");
      });
      return true;
    case 14: {
      if (!EqualsIgnoreCase(field.name, "content-length")) return true;
      const auto length = ParseNumber<uint64_t>(field.value);
      if (head.has_content_length || !length || field.value.size() > 19) return false;
      head.has_content_length = true;
      head.content_length = *length;
      return true;
    }
    case 17:
      if (!EqualsIgnoreCase(field.name, "transfer-encoding")) return true;
      if (head.chunked || head.http_1_0) return false;
      head.chunked = EqualsIgnoreCase(field.value, "chunked");
      if (!head.chunked) status_ = 501;
      return head.chunked;
    default:
      return true;
  }
}

bool HeadParser::Conclude(RequestHead& head) {
  if (head.chunked && head.has_content_length) return false;
  if (!seen_host_ && !head.http_1_0) return false;
  if (head.http_1_0) head.expect_continue = false;  // RFC 9110 §10.1.1
  if (!head.HasBody()) head.expect_continue = false;
  head.keep_alive = !connection_close_ && (!head.http_1_0 || connection_keep_alive_);
  return true;
}

}  // namespace berth::http_server
