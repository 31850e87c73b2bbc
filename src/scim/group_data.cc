#include "scim/group_data.h"

#include "base/text.h"
#include "scim/filter.h"
#include "scim/json_input.h"
#include "scim/user_data.h"

namespace berth::scim {
namespace {

constexpr size_t kMaxMembers = 10'000;

// An array of {value}, one of them, or an id alone.
Result<std::vector<std::string>> ReadIds(const json::Value& value) {
  std::vector<std::string> ids;
  const auto read = [&](const json::Value& member) -> Result<void> {
    const auto id = member.IsObject() ? FindMember(member, "value") : std::optional(member);
    if (!id || !id->IsString()) return Refuse(kInvalidValue, "a member needs a value");
    TRY(ids.emplace_back(), ReadText(*id, "members.value"));
    return {};
  };
  if (value.IsNull()) return ids;
  if (!value.IsArray()) {
    TRY_VOID(read(value));
    return ids;
  }
  if (value.size() > kMaxMembers) return Refuse(kInvalidValue, "at most 10000 members at once");
  Result<void> outcome;
  value.EachElement([&](json::Value element) {
    if (outcome) outcome = read(element);
  });
  if (!outcome) return Fail(outcome.error());
  return ids;
}

// The ids that `value eq "…" or value eq "…"` names.
Result<void> CollectIds(const Filter& filter, std::vector<std::string>& ids) {
  if (filter.kind == Filter::Kind::kOr) {
    for (const Filter& part : filter.parts) TRY_VOID(CollectIds(part, ids));
    return {};
  }
  if (filter.kind != Filter::Kind::kCompare || filter.compare != Compare::kEqual ||
      filter.path != AttributePath{"", "value", ""} || filter.value.kind != Literal::Kind::kText) {
    return Refuse(kInvalidFilter, "members are chosen by value eq");
  }
  ids.push_back(filter.value.text);
  return {};
}

Result<void> PatchMembers(PatchOp op, const Path& path, const json::Value& value, GroupChange& change) {
  MemberStep step;
  if (path.selected) {
    TRY_VOID(CollectIds(*path.selected, step.ids));
    // Okta never does, Entra's newer form adds by an array: there is nothing to set of a member but its id.
    if (op != PatchOp::kRemove) return Refuse(kInvalidPath, "members are added by value");
    step.kind = MemberStep::Kind::kRemove;
  } else {
    TRY(step.ids, ReadIds(value));
    const bool all = value.IsNull();
    if (op == PatchOp::kReplace || (op == PatchOp::kRemove && all)) {
      step.kind = MemberStep::Kind::kReplace;
    } else {
      step.kind = op == PatchOp::kAdd ? MemberStep::Kind::kAdd : MemberStep::Kind::kRemove;
    }
  }
  change.steps.push_back(std::move(step));
  return {};
}

Result<void> PatchOne(PatchOp op, const Path& path, const json::Value& value, bool by_path, GroupChange& change) {
  const AttributePath& name = path.attribute;
  if (!name.schema.empty() && !EqualsIgnoreCase(name.schema, kGroupSchema)) return {};
  if (name.attribute == "members" && (name.sub.empty() || name.sub == "value")) {
    return PatchMembers(op, path, value, change);
  }
  if (name.attribute == "displayname" && name.sub.empty() && !path.selected) {
    if (op == PatchOp::kRemove) return Refuse(kMutability, "displayName can't be removed");
    TRY(change.display_name.emplace(), ReadText(value, "displayName"));
    return {};
  }
  if (name.attribute == "externalid" && name.sub.empty() && !path.selected) {
    change.external_id.emplace();
    if (op != PatchOp::kRemove) {
      TRY(*change.external_id, ReadText(value, "externalId"));
    }
    return {};
  }
  if (name.attribute == "id" || name.attribute == "schemas" || name.attribute == "meta") {
    // Okta sends the id along in values without a path.
    return by_path ? Refuse(kMutability, name.attribute + " is read-only") : Result<void>();
  }
  return Refuse(kInvalidPath, "a group has no " + name.attribute);
}

Result<void> CheckName(const GroupChange& change) {
  if (change.display_name && Trim(*change.display_name).empty()) {
    return Refuse(kInvalidValue, "displayName is required");
  }
  return {};
}

}  // namespace

Result<GroupChange> ReadGroup(const json::Value& body) {
  if (!body.IsObject()) return Refuse(kInvalidSyntax, "the body must be a JSON object");
  GroupChange change;
  const auto name = FindMember(body, "displayName");
  if (!name) return Refuse(kInvalidValue, "displayName is required");
  TRY(change.display_name.emplace(), ReadText(*name, "displayName"));
  change.external_id.emplace();
  if (const auto id = FindMember(body, "externalId")) {
    TRY(*change.external_id, ReadText(*id, "externalId"));
  }
  MemberStep step;
  step.kind = MemberStep::Kind::kReplace;
  if (const auto members = FindMember(body, "members")) {
    TRY(step.ids, ReadIds(*members));
  }
  change.steps.push_back(std::move(step));
  TRY_VOID(CheckName(change));
  return change;
}

Result<GroupChange> PatchGroup(const json::Value& body) {
  GroupChange change;
  TRY_VOID(EachOperation(body, [&](PatchOp op, const Path& path, const json::Value& value, bool by_path) {
    return PatchOne(op, path, value, by_path, change);
  }));
  TRY_VOID(CheckName(change));
  return change;
}

}  // namespace berth::scim
