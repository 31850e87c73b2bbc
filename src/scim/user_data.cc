#include "scim/user_data.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scim/filter.h"
#include "scim/json_input.h"

namespace berth::scim {
namespace {

constexpr size_t kMaxEmails = 20;

// Singular texts, by the lower-case names of their paths.
struct TextAttribute {
  std::string_view attribute, sub;
  std::string UserData::* member;
};
constexpr auto kTexts = std::to_array<TextAttribute>({
    {"username", "", &UserData::user_name},
    {"externalid", "", &UserData::external_id},
    {"displayname", "", &UserData::display_name},
    {"name", "givenname", &UserData::given_name},
    {"name", "familyname", &UserData::family_name},
    {"name", "formatted", &UserData::formatted},
});
constexpr auto kDockerTexts = std::to_array<TextAttribute>({
    {"dockerrole", "", &UserData::role},
    {"dockerorg", "", &UserData::organization},
    {"dockerteam", "", &UserData::team},
});
// Of RFC 7643 section 4.1, and not kept.
constexpr auto kDropped = std::to_array<std::string_view>(
    {"nickname", "profileurl", "title", "usertype", "preferredlanguage", "locale", "timezone", "password",
     "phonenumbers", "ims", "photos", "addresses", "entitlements", "roles", "x509certificates"});
constexpr auto kReadOnly = std::to_array<std::string_view>({"id", "meta", "schemas", "groups"});

template <typename List>
bool Contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

Result<void> CheckRole(UserData& user) {
  user.role = AsciiLower(user.role);
  if (user.role.empty() || user.role == "member" || user.role == "editor" || user.role == "owner") return {};
  return Refuse(kInvalidValue, "dockerRole must be member, editor or owner");
}

// ---- Addresses

// An object {value, type, …} or just the address.
Result<Email> ReadEmail(const json::Value& value) {
  Email email;
  if (value.IsString()) {
    TRY(email.value, ReadText(value, "emails"));
  } else if (value.IsObject()) {
    const auto text = [&](std::string_view name, std::string& out) -> Result<void> {
      const auto member = FindMember(value, name);
      if (member) {
        TRY(out, ReadText(*member, "emails." + std::string(name)));
      }
      return {};
    };
    TRY_VOID(text("value", email.value));
    TRY_VOID(text("display", email.display));
    TRY_VOID(text("type", email.type));
    const auto primary = FindMember(value, "primary");
    if (primary && !primary->IsNull()) {
      TRY(email.primary, ReadBool(*primary, "emails.primary"));
    }
  } else {
    return Refuse(kInvalidValue, "an address must be an object with a value");
  }
  if (email.value.empty()) return Refuse(kInvalidValue, "an address needs a value");
  return email;
}

Result<std::vector<Email>> ReadEmails(const json::Value& value) {
  std::vector<Email> emails;
  if (value.IsNull()) return emails;
  if (!value.IsArray()) {
    TRY(emails.emplace_back(), ReadEmail(value));
    return emails;
  }
  if (value.size() > kMaxEmails) return Refuse(kInvalidValue, "at most 20 addresses");
  Result<void> outcome;
  value.EachElement([&](json::Value element) {
    if (!outcome) return;
    auto email = ReadEmail(element);
    if (email) {
      emails.push_back(*std::move(email));
    } else {
      outcome = Fail(email.error());
    }
  });
  if (!outcome) return Fail(outcome.error());
  return emails;
}

// At most one is primary: the last one said to be.
void KeepOnePrimary(std::vector<Email>& emails) {
  bool seen = false;
  for (auto email = emails.rbegin(); email != emails.rend(); ++email) {
    if (email->primary && seen) email->primary = false;
    seen = seen || email->primary;
  }
}

void AddEmail(std::vector<Email>& emails, Email email) {
  const auto same = std::find_if(emails.begin(), emails.end(),
                                 [&](const Email& e) { return EqualsIgnoreCase(e.value, email.value); });
  if (same == emails.end()) {
    emails.push_back(std::move(email));
  } else {
    *same = std::move(email);
    std::rotate(same, same + 1, emails.end());
  }
}

bool CompareText(std::string_view have, Compare compare, std::string_view wanted) {
  const std::string left = AsciiLower(have), right = AsciiLower(wanted);
  switch (compare) {
    case Compare::kEqual:
      return left == right;
    case Compare::kNotEqual:
      return left != right;
    case Compare::kContains:
      return left.find(right) != std::string::npos;
    case Compare::kStartsWith:
      return left.starts_with(right);
    case Compare::kEndsWith:
      return left.ends_with(right);
    case Compare::kGreater:
      return left > right;
    case Compare::kGreaterEqual:
      return left >= right;
    case Compare::kLess:
      return left < right;
    case Compare::kLessEqual:
      return left <= right;
  }
  return false;
}

Result<bool> MatchesPart(const Email& email, const Filter& filter) {
  const std::string& name = filter.path.attribute;
  const bool is_present = filter.kind == Filter::Kind::kPresent;
  if (name == "primary") {
    if (is_present) return true;
    const bool is_text = filter.value.kind == Literal::Kind::kText;
    const bool wanted = is_text ? EqualsIgnoreCase(filter.value.text, "true") : filter.value.boolean;
    return (email.primary == wanted) == (filter.compare == Compare::kEqual);
  }
  const std::string* text = name == "value"     ? &email.value
                            : name == "type"    ? &email.type
                            : name == "display" ? &email.display
                                                : nullptr;
  if (text == nullptr) return Refuse(kInvalidFilter, "an address has no " + name);
  return is_present ? !text->empty() : CompareText(*text, filter.compare, filter.value.text);
}

Result<bool> Matches(const Email& email, const Filter& filter) {
  switch (filter.kind) {
    case Filter::Kind::kAnd:
    case Filter::Kind::kOr: {
      const bool is_or = filter.kind == Filter::Kind::kOr;
      for (const Filter& part : filter.parts) {
        TRY(const bool matches, Matches(email, part));
        if (matches == is_or) return is_or;
      }
      return !is_or;
    }
    case Filter::Kind::kNot: {
      TRY(const bool matches, Matches(email, filter.parts.front()));
      return !matches;
    }
    case Filter::Kind::kHas:
      return Refuse(kInvalidFilter, "a bracket inside a bracket");
    case Filter::Kind::kCompare:
    case Filter::Kind::kPresent:
      break;
  }
  return MatchesPart(email, filter);
}

// What an address must be to match `filter`, as far as `eq` says it: Entra sets `emails[type eq "work"].value` of users
// that have no such address yet.
void ImplyParts(const Filter& filter, Email& email) {
  if (filter.kind == Filter::Kind::kAnd) {
    for (const Filter& part : filter.parts) ImplyParts(part, email);
  }
  if (filter.kind != Filter::Kind::kCompare || filter.compare != Compare::kEqual) return;
  if (filter.path.attribute == "type") email.type = filter.value.text;
  if (filter.path.attribute == "value") email.value = filter.value.text;
  if (filter.path.attribute == "primary") email.primary = filter.value.boolean;
}

Result<void> SetPart(Email& email, std::string_view sub, const json::Value& value) {
  if (sub == "primary") {
    TRY(email.primary, ReadBool(value, "emails.primary"));
    return {};
  }
  std::string* text = sub == "value"     ? &email.value
                      : sub == "type"    ? &email.type
                      : sub == "display" ? &email.display
                                         : nullptr;
  if (text == nullptr) return Refuse(kInvalidPath, "an address has no " + std::string(sub));
  TRY(*text, ReadText(value, "emails." + std::string(sub)));
  return {};
}

Result<void> PatchSelected(PatchOp op, const Path& path, const json::Value& value, std::vector<Email>& emails) {
  std::vector<Email> kept;
  bool found = false;
  for (Email& email : emails) {
    bool matches = true;
    if (path.selected) {
      TRY(matches, Matches(email, *path.selected));
    }
    found = found || matches;
    if (!matches) {
      kept.push_back(std::move(email));
    } else if (op != PatchOp::kRemove) {
      if (path.attribute.sub.empty()) {
        TRY(email, ReadEmail(value));
      } else {
        TRY_VOID(SetPart(email, path.attribute.sub, value));
      }
      kept.push_back(std::move(email));
    }
  }
  if (!found && op != PatchOp::kRemove) {
    Email made;
    if (path.selected) ImplyParts(*path.selected, made);
    if (path.attribute.sub.empty()) {
      TRY(made, ReadEmail(value));
    } else {
      TRY_VOID(SetPart(made, path.attribute.sub, value));
    }
    if (!made.value.empty()) kept.push_back(std::move(made));
  }
  std::erase_if(kept, [](const Email& email) { return email.value.empty(); });
  emails = std::move(kept);
  return {};
}

Result<void> PatchEmails(PatchOp op, const Path& path, const json::Value& value, std::vector<Email>& emails) {
  if (path.selected || !path.attribute.sub.empty()) {
    TRY_VOID(PatchSelected(op, path, value, emails));
  } else if (op == PatchOp::kRemove) {
    emails.clear();
  } else {
    TRY(auto said, ReadEmails(value));
    if (op == PatchOp::kReplace) emails.clear();
    for (Email& email : said) AddEmail(emails, std::move(email));
  }
  if (emails.size() > kMaxEmails) return Refuse(kInvalidValue, "at most 20 addresses");
  KeepOnePrimary(emails);
  return {};
}

// ---- PATCH

// The path "urn:…:docker:2.0:User" itself: all of the extension.
bool IsWhole(const AttributePath& path, std::string_view schema) {
  return path.sub.empty() && EqualsIgnoreCase(path.schema + ":" + path.attribute, schema);
}

template <typename List>
Result<bool> PatchText(const List& list, PatchOp op, const AttributePath& path, const json::Value& value,
                       UserData& user) {
  for (const TextAttribute& text : list) {
    if (text.attribute != path.attribute || text.sub != path.sub) continue;
    if (op == PatchOp::kRemove) {
      (user.*text.member).clear();
    } else {
      TRY(user.*text.member, ReadText(value, path.attribute));
    }
    return true;
  }
  return false;
}

template <typename List>
Result<void> PatchWhole(const List& list, PatchOp op, std::string_view attribute, const json::Value& value,
                        UserData& user) {
  if (op != PatchOp::kRemove && !value.IsObject()) return Refuse(kInvalidValue, "the value must be an object");
  for (const TextAttribute& text : list) {
    if (!attribute.empty() && text.attribute != attribute) continue;
    const auto member = op == PatchOp::kRemove ? std::optional<json::Value>()
                                               : FindMember(value, attribute.empty() ? text.attribute : text.sub);
    if (op == PatchOp::kRemove) (user.*text.member).clear();
    if (member) {
      TRY(user.*text.member, ReadText(*member, text.attribute));
    }
  }
  return {};
}

Result<void> PatchDocker(PatchOp op, const AttributePath& path, const json::Value& value, UserData& user) {
  if (IsWhole(path, kDockerSchema)) return PatchWhole(kDockerTexts, op, "", value, user);
  TRY(const bool known, PatchText(kDockerTexts, op, path, value, user));
  if (!known) return Refuse(kInvalidPath, "the extension has no " + path.attribute);
  return {};
}

Result<void> PatchActive(PatchOp op, const json::Value& value, UserData& user) {
  if (op == PatchOp::kRemove) return Refuse(kMutability, "active can't be removed");
  TRY(user.active, ReadBool(value, "active"));
  return {};
}

Result<void> PatchOne(PatchOp op, const Path& path, const json::Value& value, bool by_path, UserData& user) {
  const AttributePath& name = path.attribute;
  if (EqualsIgnoreCase(name.schema, kDockerSchema) || IsWhole(name, kDockerSchema)) {
    return PatchDocker(op, name, value, user);
  }
  // What other extensions say is not kept.
  if (!name.schema.empty() && !EqualsIgnoreCase(name.schema, kUserSchema)) return {};
  if (name.attribute == "emails") return PatchEmails(op, path, value, user.emails);
  if (path.selected && !Contains(kDropped, name.attribute)) {
    return Refuse(kInvalidPath, name.attribute + " has no values to choose from");
  }
  if ((name.attribute == "active" || name.attribute == "enabled") && name.sub.empty()) {
    return PatchActive(op, value, user);
  }
  if (name.attribute == "name" && name.sub.empty()) return PatchWhole(kTexts, op, "name", value, user);
  if (Contains(kReadOnly, name.attribute)) {
    // Okta sends the id along in values without a path.
    return by_path ? Refuse(kMutability, name.attribute + " is read-only") : Result<void>();
  }
  if (Contains(kDropped, name.attribute) || name.attribute == "name") {
    if (name.attribute == "name") TRY_VOID(PatchText(kTexts, op, name, value, user));
    return {};
  }
  TRY(const bool known, PatchText(kTexts, op, name, value, user));
  if (!known) return Refuse(kInvalidPath, "a user has no " + name.attribute);
  if (user.user_name.empty()) return Refuse(kMutability, "userName can't be removed");
  return {};
}

}  // namespace

Result<void> ReadUser(const json::Value& body, UserData& user) {
  if (!body.IsObject()) return Refuse(kInvalidSyntax, "the body must be a JSON object");
  for (const TextAttribute& text : kTexts) {
    const auto parent = text.sub.empty() ? std::optional(body) : FindMember(body, text.attribute);
    if (parent && !text.sub.empty() && !parent->IsNull() && !parent->IsObject()) {
      return Refuse(kInvalidValue, "name must be an object");
    }
    const auto member = parent ? FindMember(*parent, text.sub.empty() ? text.attribute : text.sub) : std::nullopt;
    if (member) {
      TRY(user.*text.member, ReadText(*member, text.attribute));
    } else if (text.member != &UserData::user_name) {
      (user.*text.member).clear();
    }
  }
  if (user.user_name.empty()) return Refuse(kInvalidValue, "userName is required");
  for (const std::string_view name : {"enabled", "active"}) {
    const auto flag = FindMember(body, name);
    if (flag && !flag->IsNull()) {
      TRY(user.active, ReadBool(*flag, name));
    }
  }
  if (const auto emails = FindMember(body, "emails")) {
    TRY(auto said, ReadEmails(*emails));
    user.emails.clear();
    for (Email& email : said) AddEmail(user.emails, std::move(email));
    KeepOnePrimary(user.emails);
  }
  if (const auto docker = FindMember(body, kDockerSchema); docker && !docker->IsNull()) {
    TRY_VOID(PatchWhole(kDockerTexts, PatchOp::kReplace, "", *docker, user));
  }
  return CheckRole(user);
}

Result<void> PatchUser(const json::Value& body, UserData& user) {
  TRY_VOID(EachOperation(body, [&](PatchOp op, const Path& path, const json::Value& value, bool by_path) {
    return PatchOne(op, path, value, by_path, user);
  }));
  return CheckRole(user);
}

std::string AddressOf(const UserData& user) {
  const Email* best = nullptr;
  const auto rank = [](const Email& e) { return e.primary ? 2 : EqualsIgnoreCase(e.type, "work") ? 1 : 0; };
  for (const Email& email : user.emails) {
    if (best == nullptr || rank(email) > rank(*best)) best = &email;
  }
  if (best != nullptr) return AsciiLower(best->value);
  return user.user_name.find('@') == std::string::npos ? std::string() : AsciiLower(user.user_name);
}

std::string FullNameOf(const UserData& user) {
  if (!user.display_name.empty()) return user.display_name;
  if (!user.formatted.empty()) return user.formatted;
  const bool both = !user.given_name.empty() && !user.family_name.empty();
  return user.given_name + (both ? " " : "") + user.family_name;
}

}  // namespace berth::scim
