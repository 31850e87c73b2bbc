#include "registry/immutable_tags.h"

#include <re2/re2.h>

#include "json/value.h"

namespace berth::registry {
namespace {

bool Matches(std::string_view pattern, std::string_view tag) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  const RE2 expression(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!expression.ok()) return true;
  return RE2::PartialMatch(re2::StringPiece(tag.data(), tag.size()), expression);
}

}  // namespace

bool IsImmutable(const Repository& repository, std::string_view tag) {
  if (repository.immutable_mode == "none") return false;
  if (repository.immutable_mode == "all") return true;
  const auto rules = json::Document::Parse(repository.immutable_rules);
  if (!rules || !rules->root().IsArray()) return true;
  bool immutable = false;
  rules->root().EachElement([&](json::Value rule) {
    const auto pattern = rule.AsString();
    immutable = immutable || !pattern || Matches(*pattern, tag);
  });
  return immutable;
}

Result<void> CheckMutable(const Repository& repository, std::string_view tag) {
  if (!IsImmutable(repository, tag)) return {};
  return Fail(Error(ErrorCode::kTagImmutable, "the tag is immutable").WithDetail(std::string(tag)));
}

}  // namespace berth::registry
