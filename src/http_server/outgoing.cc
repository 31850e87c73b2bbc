#include "http_server/outgoing.h"

#include <algorithm>
#include <charconv>

namespace berth::http_server {
namespace {

constexpr size_t kSendfileBytes = 1 << 20;

void AppendNumber(std::string& out, uint64_t value) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  (void)error;  // 24 characters hold any uint64_t
  out.append(digits, static_cast<size_t>(end - digits));
}

}  // namespace

void WriteResponseHead(const HeadFacts& facts, std::string& out) {
  out.clear();
  if (facts.status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
  } else {
    out.append("HTTP/1.1 ");
    AppendNumber(out, static_cast<uint64_t>(facts.status));
    out.append(" ").append(http::ReasonPhrase(facts.status)).append("\r\n");
  }
  out.append(facts.date_line).append(facts.headers);
  if (facts.framing == Framing::kLength) {
    out.append("Content-Length: ");
    AppendNumber(out, facts.content_length);
    out.append("\r\n");
  } else if (facts.framing == Framing::kChunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  out.append("X-Request-Id: ").append(facts.request_id).append("\r\n");
  if (!facts.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (facts.http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

void Outgoing::Start(std::string_view head, http::Body body) {
  head_ = head;
  body_ = std::move(body);
  memory_ = {};
  file_left_ = 0;
  if (const auto* text = std::get_if<std::string>(&body_)) {
    memory_ = *text;
  } else if (const auto* shared = std::get_if<http::SharedBytes>(&body_)) {
    if (*shared) memory_ = **shared;
  } else if (const auto* file = std::get_if<http::FileSlice>(&body_)) {
    file_position_ = file->offset;
    file_left_ = file->length;
  }
}

void Outgoing::Clear() {
  head_ = memory_ = {};
  file_left_ = 0;
  body_ = std::monostate();
}

IoStatus Outgoing::PumpMemory(Transport& transport, std::span<char> scratch, size_t& sent) {
  iovec pieces[2];
  size_t count = 0;
  if (!head_.empty()) pieces[count++] = {const_cast<char*>(head_.data()), head_.size()};
  if (!memory_.empty()) pieces[count++] = {const_cast<char*>(memory_.data()), memory_.size()};
  const IoStatus status = transport.Write(std::span(pieces, count), file_left_ > 0, scratch, sent);
  const size_t of_head = std::min(sent, head_.size());
  head_.remove_prefix(of_head);
  memory_.remove_prefix(sent - of_head);
  return status;
}

IoStatus Outgoing::Pump(Transport& transport, std::span<char> scratch, size_t budget, uint64_t& total) {
  size_t spent = 0;
  while (!done() && spent < budget) {
    size_t sent = 0;
    IoStatus status;
    if (!head_.empty() || !memory_.empty()) {
      status = PumpMemory(transport, scratch, sent);
    } else {
      const auto chunk = static_cast<size_t>(std::min<uint64_t>(file_left_, kSendfileBytes));
      status = transport.SendFile(file()->fd, file_position_, chunk, scratch, sent);
      file_position_ += sent;
      file_left_ -= sent;
    }
    spent += sent;
    total += sent;
    if (status != IoStatus::kOk) return status;
  }
  return IoStatus::kOk;
}

}  // namespace berth::http_server
