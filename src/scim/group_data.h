// What an identity provider says of a group. Values; no database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace berth::scim {

// One step of changing who is in a group. Ids are those of users.
struct MemberStep {
  enum class Kind { kAdd, kRemove, kReplace };
  Kind kind = Kind::kAdd;
  std::vector<std::string> ids;
  bool operator==(const MemberStep&) const = default;
};

struct GroupChange {
  std::optional<std::string> display_name;
  std::optional<std::string> external_id;
  std::vector<MemberStep> steps;  // in order
};

// The body of POST and PUT: members that are left out are none. kInvalidArgument.
Result<GroupChange> ReadGroup(const json::Value& body);
Result<GroupChange> PatchGroup(const json::Value& body);

}  // namespace berth::scim
