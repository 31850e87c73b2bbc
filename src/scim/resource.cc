#include "scim/resource.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "json/value.h"
#include "json/writer.h"
#include "scim/user_data.h"

namespace berth::scim {
namespace {

constexpr std::string_view kListSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
constexpr std::string_view kErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

Result<std::vector<AttributePath>> ParseNames(std::string_view text) {
  std::vector<AttributePath> names;
  if (text.size() > 4096) return Refuse(kInvalidValue, "too many attributes");
  for (const std::string_view part : Split(text, ',')) {
    if (Trim(part).empty()) continue;
    if (auto name = ParseAttribute(Trim(part))) names.push_back(*std::move(name));
  }
  return names;
}

// The extension as a whole, or one of its attributes.
bool IsOfDocker(const AttributePath& name) {
  return EqualsIgnoreCase(name.schema, kDockerSchema) ||
         (name.sub.empty() && EqualsIgnoreCase(name.schema + ":" + name.attribute, kDockerSchema));
}

// The member of a resource that a name speaks of, in lower case.
std::string TopOf(const AttributePath& name) { return IsOfDocker(name) ? AsciiLower(kDockerSchema) : name.attribute; }

// What of that member: "" is all of it.
std::string SubOf(const AttributePath& name) {
  if (!IsOfDocker(name)) return name.sub;
  return EqualsIgnoreCase(name.schema, kDockerSchema) ? name.attribute : "";
}

bool IsAlways(std::string_view top) { return top == "id" || top == "schemas"; }

void WriteMeta(json::Writer& w, std::string_view type, std::string_view location, Timestamp created,
               Timestamp modified) {
  w.Key("meta").BeginObject().Key("resourceType").String(type).Key("location").String(location);
  w.Key("created").String(FormatRfc3339(created)).Key("lastModified").String(FormatRfc3339(modified)).EndObject();
}

void WriteIfSaid(json::Writer& w, std::string_view key, const std::string& text) {
  if (!text.empty()) w.Key(key).String(text);
}

void WriteName(json::Writer& w, const UserData& data) {
  w.Key("name").BeginObject();
  WriteIfSaid(w, "givenName", data.given_name);
  WriteIfSaid(w, "familyName", data.family_name);
  WriteIfSaid(w, "formatted", data.formatted.empty() ? FullNameOf(data) : data.formatted);
  w.EndObject();
}

void WriteEmails(json::Writer& w, const std::vector<Email>& emails) {
  w.Key("emails").BeginArray();
  for (const Email& email : emails) {
    w.BeginObject().Key("value").String(email.value);
    WriteIfSaid(w, "display", email.display);
    WriteIfSaid(w, "type", email.type);
    w.Key("primary").Bool(email.primary).EndObject();
  }
  w.EndArray();
}

void WriteDocker(json::Writer& w, const UserData& data, std::string_view organization) {
  w.Key(kDockerSchema).BeginObject();
  w.Key("dockerRole").String(data.role.empty() ? "member" : data.role).Key("dockerOrg").String(organization);
  WriteIfSaid(w, "dockerTeam", data.team);
  w.EndObject();
}

}  // namespace

Result<Projection> Projection::Parse(std::string_view attributes, std::string_view excluded) {
  Projection projection;
  TRY(projection.included_, ParseNames(attributes));
  TRY(projection.excluded_, ParseNames(excluded));
  if (!projection.included_.empty() && !projection.excluded_.empty()) {
    return Refuse(kInvalidValue, "attributes and excludedAttributes exclude each other");
  }
  return projection;
}

bool Projection::Wants(std::string_view attribute) const {
  return PartOf({"", std::string(attribute), ""}) != Part::kNone;
}

Projection::Part Projection::PartOf(const AttributePath& path) const {
  if (IsAlways(path.attribute)) return Part::kAll;
  Part part = included_.empty() ? Part::kAll : Part::kNone;
  for (const AttributePath& name : included_) {
    if (TopOf(name) != path.attribute) continue;
    const std::string sub = SubOf(name);
    if (sub.empty() || sub == path.sub) return Part::kAll;
    part = Part::kSome;
  }
  for (const AttributePath& name : excluded_) {
    if (TopOf(name) != path.attribute) continue;
    const std::string sub = SubOf(name);
    if (sub.empty() || sub == path.sub) return Part::kNone;
    part = Part::kSome;
  }
  // Of a member of which only parts are named, those that are not.
  if (part == Part::kSome && !path.sub.empty()) return included_.empty() ? Part::kAll : Part::kNone;
  return part;
}

std::string Projection::Apply(const std::string& resource) const {
  if (IsWhole()) return resource;
  const auto document = json::Document::Parse(resource);
  if (!document) return resource;
  json::Writer w;
  const auto write_parts = [&](const std::string& top, const json::Value& object) {
    w.BeginObject();
    object.EachMember([&](std::string_view key, json::Value value) {
      if (PartOf({"", top, AsciiLower(key)}) == Part::kAll) w.Key(key).Raw(value.Serialize());
    });
    w.EndObject();
  };
  w.BeginObject();
  document->root().EachMember([&](std::string_view key, json::Value value) {
    const std::string top = AsciiLower(key);
    const Part part = PartOf({"", top, ""});
    if (part == Part::kNone) return;
    w.Key(key);
    if (part == Part::kAll) {
      w.Raw(value.Serialize());
    } else if (value.IsArray()) {
      w.BeginArray();
      value.EachElement([&](json::Value element) { write_parts(top, element); });
      w.EndArray();
    } else {
      write_parts(top, value);
    }
  });
  w.EndObject();
  return std::move(w).Take();
}

std::string UserJson(const UserRecord& user, std::string_view organization, std::string_view base) {
  const UserData& data = user.data;
  json::Writer w;
  w.BeginObject().Key("schemas").BeginArray().String(kUserSchema).String(kDockerSchema).EndArray();
  w.Key("id").String(user.id);
  WriteIfSaid(w, "externalId", data.external_id);
  w.Key("userName").String(data.user_name);
  WriteName(w, data);
  const std::string full_name = FullNameOf(data);
  w.Key("displayName").String(full_name.empty() ? user.account_name : full_name);
  w.Key("active").Bool(data.active);
  WriteEmails(w, data.emails);
  w.Key("groups").BeginArray();
  for (const GroupReference& group : user.groups) {
    w.BeginObject().Key("value").String(group.id).Key("display").String(group.display).EndObject();
  }
  w.EndArray();
  WriteDocker(w, data, organization);
  WriteMeta(w, "User", std::string(base) + "/Users/" + user.id, user.created_at, user.updated_at);
  w.EndObject();
  return std::move(w).Take();
}

std::string GroupJson(const GroupRecord& group, std::string_view base) {
  json::Writer w;
  w.BeginObject().Key("schemas").BeginArray().String(kGroupSchema).EndArray();
  w.Key("id").String(group.team.uuid);
  WriteIfSaid(w, "externalId", group.external_id);
  w.Key("displayName").String(group.display_name).Key("members").BeginArray();
  for (const GroupMember& member : group.members) {
    w.BeginObject().Key("value").String(member.id).Key("display").String(member.display);
    w.Key("type").String("User").EndObject();
  }
  w.EndArray();
  WriteMeta(w, "Group", std::string(base) + "/Groups/" + group.team.uuid, group.team.created_at, group.updated_at);
  w.EndObject();
  return std::move(w).Take();
}

std::string ListJson(const std::vector<std::string>& resources, int64_t total, int64_t start_index) {
  json::Writer w;
  w.BeginObject().Key("schemas").BeginArray().String(kListSchema).EndArray();
  w.Key("totalResults").Int(total).Key("startIndex").Int(start_index);
  w.Key("itemsPerPage").Int(static_cast<int64_t>(resources.size())).Key("Resources").BeginArray();
  for (const std::string& resource : resources) w.Raw(resource);
  w.EndArray().EndObject();
  return std::move(w).Take();
}

std::string ErrorJson(int status, const Error& error) {
  constexpr auto kTypes = std::to_array<std::string_view>(
      {kInvalidFilter, kInvalidSyntax, kInvalidPath, kInvalidValue, kNoTarget, kMutability, kUniqueness, "tooMany"});
  std::string_view type;
  if (std::find(kTypes.begin(), kTypes.end(), error.field) != kTypes.end()) {
    type = error.field;
  } else if (status == 400) {
    type = kInvalidValue;
  }
  if (type.empty() && error.code == ErrorCode::kAlreadyExists) type = kUniqueness;
  json::Writer w;
  w.BeginObject().Key("schemas").BeginArray().String(kErrorSchema).EndArray();
  w.Key("status").String(std::to_string(status));
  if (!type.empty()) w.Key("scimType").String(type);
  w.Key("detail").String(error.code == ErrorCode::kInternal ? "internal error" : std::string_view(error.message));
  w.EndObject();
  return std::move(w).Take();
}

}  // namespace berth::scim
