// Whatever the text: no crash; what parses serializes to a text that parses to the same.
#include <cstdint>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "json/describe.h"

namespace {

struct Sample {
  berth::json::Required<std::string> name;
  int32_t number = 0;
  double ratio = 0;
  std::optional<berth::Timestamp> at;
  std::vector<std::map<std::string, bool>> list;
  berth::json::RawJson raw;
};
BOOST_DESCRIBE_STRUCT(Sample, (), (name, number, ratio, at, list, raw))

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = berth::json::Document::Parse(text);
  if (!document) return 0;
  Require(berth::IsValidUtf8(text));
  const std::string once = document->root().Serialize();
  const auto again = berth::json::Document::Parse(once);
  Require(again.has_value());
  Require(again->root().Serialize() == once);
  if (const auto sample = berth::json::Decode<Sample>(document->root())) {
    Require(berth::json::Decode<Sample>(berth::json::Encode(*sample)).has_value());
  }
  return 0;
}
