// Reading what identity providers send: names in any case, booleans as text ("False").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"
#include "json/value.h"
#include "scim/filter.h"

namespace berth::scim {

// The first member whose name is `name` in any case.
inline std::optional<json::Value> FindMember(const json::Value& object, std::string_view name) {
  std::optional<json::Value> found;
  object.EachMember([&](std::string_view key, json::Value value) {
    if (!found && EqualsIgnoreCase(key, name)) found = value;
  });
  return found;
}

// At most 1000 bytes. A null is an empty text. kInvalidArgument, invalidValue.
inline Result<std::string> ReadText(const json::Value& value, std::string_view name) {
  if (value.IsNull()) return std::string();
  const auto text = value.AsString();
  if (!text || text->size() > 1000 || text->find('\0') != std::string_view::npos) {
    return Refuse(kInvalidValue, std::string(name) + " must be a text of at most 1000 bytes");
  }
  return std::string(*text);
}

inline Result<bool> ReadBool(const json::Value& value, std::string_view name) {
  if (const auto flag = value.AsBool()) return *flag;
  const auto text = value.AsString();
  if (text && EqualsIgnoreCase(*text, "true")) return true;
  if (text && EqualsIgnoreCase(*text, "false")) return false;
  return Refuse(kInvalidValue, std::string(name) + " must be true or false");
}

enum class PatchOp { kAdd, kReplace, kRemove };

// Walks the Operations of a PATCH body (RFC 7644 section 3.5.2). An operation without a path hands over each member of
// its value as if the member's name were the path. `apply(op, path, value)`; the value is null where none was sent.
// kInvalidArgument.
template <typename Apply>
Result<void> EachOperation(const json::Value& body, Apply&& apply) {
  const auto operations = FindMember(body, "Operations");
  if (!operations || !operations->IsArray()) return Refuse(kInvalidSyntax, "Operations must be an array");
  if (operations->size() > 1000) return Refuse(kInvalidSyntax, "at most 1000 operations at once");
  Result<void> outcome;
  operations->EachElement([&](json::Value operation) {
    if (outcome) outcome = RunOperation(operation, apply);
  });
  return outcome;
}

inline std::optional<PatchOp> ReadOp(const json::Value& operation) {
  const auto member = FindMember(operation, "op");
  const std::string op = AsciiLower(member ? member->AsString().value_or("") : "");
  if (op == "add") return PatchOp::kAdd;
  if (op == "replace") return PatchOp::kReplace;
  if (op == "remove") return PatchOp::kRemove;
  return std::nullopt;
}

template <typename Apply>
Result<void> RunOperation(const json::Value& operation, Apply&& apply) {
  const auto op = ReadOp(operation);
  if (!op) return Refuse(kInvalidSyntax, "op must be add, replace or remove");
  const json::Value value = FindMember(operation, "value").value_or(json::Value());
  const auto path = FindMember(operation, "path");
  if (path && !path->IsNull()) {
    TRY(const std::string text, ReadText(*path, "path"));
    TRY(const Path parsed, ParsePath(text));
    return apply(*op, parsed, value, true);
  }
  if (*op == PatchOp::kRemove) return Refuse(kNoTarget, "remove needs a path");
  if (!value.IsObject()) return Refuse(kInvalidSyntax, "without a path, value must be an object");
  Result<void> outcome;
  value.EachMember([&](std::string_view key, json::Value member) {
    if (!outcome) return;
    auto parsed = ParsePath(key);
    outcome = parsed ? apply(*op, *parsed, member, false) : Result<void>(Fail(parsed.error()));
  });
  return outcome;
}

}  // namespace berth::scim
