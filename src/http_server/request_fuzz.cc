// The two parsers that see bytes from anybody. Whatever arrives: no crash, the same verdict however it is cut, and
// nothing accepted that a laxer parser behind us could read in another way.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http_server/chunk_decoder.h"
#include "http_server/request_head.h"

namespace {

using berth::http_server::ChunkDecoder;
using berth::http_server::HeadParser;
using berth::http_server::RequestHead;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckAccepted(std::string_view text, const RequestHead& head) {
  Require(head.size <= text.size() && text.substr(0, head.size).ends_with("\r\n\r\n"));
  const std::string_view inside = text.substr(0, head.size);
  Require(inside.find('\0') == std::string_view::npos);
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\n') Require(i > 0 && inside[i - 1] == '\r');
    if (inside[i] == '\r') Require(i + 1 < inside.size() && inside[i + 1] == '\n');
  }
  Require(!(head.chunked && head.has_content_length));
  Require(!head.path.empty() && (head.path.front() == '/' || head.path == "*"));
  for (const auto& field : head.headers) {
    Require(!field.name.empty() && field.name.find_first_of(" \t:\r\n") == std::string_view::npos);
    Require(field.value.find_first_of("\r\n") == std::string_view::npos);
  }
}

void FuzzHead(const std::string& text, size_t cut) {
  HeadParser whole;
  RequestHead head;
  const auto verdict = whole.Parse(text, head);
  if (verdict == HeadParser::State::kComplete) CheckAccepted(text, head);

  HeadParser parts;
  RequestHead again;
  const std::string first = text.substr(0, cut);
  auto state = parts.Parse(first, again);
  if (state == HeadParser::State::kMore) state = parts.Parse(text, again);
  // A refusal may come earlier than completeness, never instead of it or the other way round.
  if (verdict == HeadParser::State::kComplete)
    Require(state == HeadParser::State::kComplete && again.size == head.size);
  if (state == HeadParser::State::kComplete) Require(verdict == HeadParser::State::kComplete);
}

void FuzzChunks(const std::string& text, size_t cut) {
  std::string whole(text.size(), '\0');
  ChunkDecoder one;
  const auto all = one.Decode(text.data(), text.size(), whole.data());
  Require(all.consumed <= text.size() && all.produced <= all.consumed);

  std::string parts = text;
  ChunkDecoder two;
  const auto front = two.Decode(parts.data(), cut, parts.data());
  ChunkDecoder::Step back;
  if (!two.done() && !two.failed()) {
    back = two.Decode(parts.data() + cut, parts.size() - cut, parts.data() + cut);
  }
  Require(one.done() == two.done() && one.failed() == two.failed());
  Require(all.produced == front.produced + back.produced && all.consumed == front.consumed + back.consumed);
  Require(whole.substr(0, front.produced) == parts.substr(0, front.produced));
  Require(whole.substr(front.produced, back.produced) == parts.substr(cut, back.produced));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const bool head = data[0] & 1;
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t cut = text.empty() ? 0 : data[1] % (text.size() + 1);
  head ? FuzzHead(text, cut) : FuzzChunks(text, cut);
  return 0;
}
