#include "scim/query.h"

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "scim/user_data.h"

namespace berth::scim {

enum class AttributeKind { kText, kExactText, kFlag, kTime, kInside };

struct Query::Attribute {
  std::string_view name;  // "userName" in lower case, or "name.givenname"
  AttributeKind kind;
  std::string_view expression;           // SQL; of kInside: unused
  const Context& (*inside)() = nullptr;  // of kInside: what stands in its brackets
};

struct Query::Context {
  std::string_view schema;
  std::vector<Attribute> attributes;
  // For values of a multi-valued attribute: EXISTS (SELECT 1 FROM … WHERE …, to be followed by a condition.
  std::string_view exists;

  const Attribute* Find(const AttributePath& path) const {
    const bool known_schema =
        path.schema.empty() || EqualsIgnoreCase(path.schema, schema) || EqualsIgnoreCase(path.schema, kDockerSchema);
    const std::string name = path.attribute + (path.sub.empty() ? "" : "." + path.sub);
    const auto found =
        std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == name; });
    return known_schema && found != attributes.end() ? &*found : nullptr;
  }
};

const Query::Context& Query::Users() {
  static const Context kContext{
      kUserSchema,
      {{"id", AttributeKind::kExactText, "a.uuid"},
       {"externalid", AttributeKind::kExactText, "COALESCE(s.external_id, '')"},
       {"username", AttributeKind::kText,
        "COALESCE(s.user_name, CASE WHEN a.email <> '' THEN a.email ELSE a.name END)"},
       {"displayname", AttributeKind::kText, "COALESCE(NULLIF(s.display_name, ''), NULLIF(a.full_name, ''), a.name)"},
       {"name.givenname", AttributeKind::kText, "COALESCE(s.given_name, '')"},
       {"name.familyname", AttributeKind::kText, "COALESCE(s.family_name, '')"},
       {"name.formatted", AttributeKind::kText, "COALESCE(NULLIF(s.formatted, ''), a.full_name)"},
       {"active", AttributeKind::kFlag, "CASE WHEN m.account_id IS NULL THEN 0 ELSE 1 END"},
       {"emails", AttributeKind::kInside, "", &Query::Emails},
       {"groups", AttributeKind::kInside, "", &Query::GroupsOfUser},
       {"dockerrole", AttributeKind::kText, "COALESCE(m.role, s.role, 'member')"},
       {"meta.resourcetype", AttributeKind::kText, "'User'"},
       {"meta.created", AttributeKind::kTime, "COALESCE(s.created_at, m.created_at)"},
       {"meta.lastmodified", AttributeKind::kTime, "COALESCE(s.updated_at, m.created_at)"}},
      ""};
  return kContext;
}

const Query::Context& Query::Emails() {
  static const Context kContext{
      kUserSchema,
      {{"", AttributeKind::kText, "e.value"},
       {"value", AttributeKind::kText, "e.value"},
       {"type", AttributeKind::kText, "e.type"},
       {"display", AttributeKind::kText, "e.display"},
       {"primary", AttributeKind::kFlag, "e.is_primary"}},
      "EXISTS (SELECT 1 FROM (SELECT x.value, x.type, x.display, x.is_primary FROM scim_email x "
      "WHERE x.organization_id = $1 AND x.account_id = a.id "
      "UNION ALL SELECT a.email, 'work', '', 1 WHERE s.account_id IS NULL AND a.email <> '') e WHERE "};
  return kContext;
}

const Query::Context& Query::GroupsOfUser() {
  static const Context kContext{kUserSchema,
                                {{"", AttributeKind::kExactText, "t.uuid"},
                                 {"value", AttributeKind::kExactText, "t.uuid"},
                                 {"display", AttributeKind::kText, "COALESCE(g.display_name, t.name)"}},
                                "EXISTS (SELECT 1 FROM team_member tm JOIN team t ON t.id = tm.team_id "
                                "LEFT JOIN scim_group g ON g.team_id = t.id "
                                "WHERE tm.account_id = a.id AND t.organization_id = $1 AND "};
  return kContext;
}

const Query::Context& Query::Groups() {
  static const Context kContext{kGroupSchema,
                                {{"id", AttributeKind::kExactText, "t.uuid"},
                                 {"externalid", AttributeKind::kExactText, "COALESCE(g.external_id, '')"},
                                 {"displayname", AttributeKind::kText, "COALESCE(g.display_name, t.name)"},
                                 {"members", AttributeKind::kInside, "", &Query::MembersOfGroup},
                                 {"meta.resourcetype", AttributeKind::kText, "'Group'"},
                                 {"meta.created", AttributeKind::kTime, "t.created_at"},
                                 {"meta.lastmodified", AttributeKind::kTime, "COALESCE(g.updated_at, t.created_at)"}},
                                ""};
  return kContext;
}

const Query::Context& Query::MembersOfGroup() {
  static const Context kContext{kGroupSchema,
                                {{"", AttributeKind::kExactText, "a.uuid"},
                                 {"value", AttributeKind::kExactText, "a.uuid"},
                                 {"type", AttributeKind::kText, "'User'"}},
                                "EXISTS (SELECT 1 FROM team_member tm JOIN account a ON a.id = tm.account_id "
                                "WHERE tm.team_id = t.id AND "};
  return kContext;
}

namespace {

std::unexpected<Error> NotSupported(const AttributePath& path) {
  return Refuse(kInvalidFilter, "the filter asks what " + path.attribute + " can't answer");
}

std::string_view Sign(Compare compare) {
  switch (compare) {
    case Compare::kNotEqual:
      return " <> ";
    case Compare::kGreater:
      return " > ";
    case Compare::kGreaterEqual:
      return " >= ";
    case Compare::kLess:
      return " < ";
    case Compare::kLessEqual:
      return " <= ";
    default:
      return " = ";
  }
}

bool IsPart(Compare compare) {
  return compare == Compare::kContains || compare == Compare::kStartsWith || compare == Compare::kEndsWith;
}

// A LIKE pattern (ESCAPE '\').
std::string Pattern(Compare compare, std::string_view text) {
  std::string pattern = compare == Compare::kStartsWith ? "" : "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return compare == Compare::kEndsWith ? pattern : pattern + "%";
}

}  // namespace

std::string Query::Text(std::string text) {
  values_.push_back({.text = std::move(text)});
  return "$" + std::to_string(values_.size());
}

std::string Query::Number(int64_t number) {
  values_.push_back({.number = number});
  return "$" + std::to_string(values_.size());
}

std::vector<sql::Value> Query::values() const {
  std::vector<sql::Value> values;
  for (const Parameter& p : values_) values.push_back(p.text ? sql::Value(*p.text) : sql::Value(p.number));
  return values;
}

Result<std::string> Query::CompileText(const Filter& filter, const Attribute& attribute) {
  const std::string expression(attribute.expression);
  if (filter.kind == Filter::Kind::kPresent) return "(" + expression + ") <> ''";
  if (filter.value.kind == Literal::Kind::kNull) {
    if (filter.compare == Compare::kEqual) return "(" + expression + ") = ''";
    if (filter.compare == Compare::kNotEqual) return "(" + expression + ") <> ''";
  }
  if (filter.value.kind != Literal::Kind::kText) return NotSupported(filter.path);
  if (IsPart(filter.compare)) {
    return "lower(" + expression + ") LIKE " + Text(Pattern(filter.compare, AsciiLower(filter.value.text))) +
           " ESCAPE '\\'";
  }
  if (attribute.kind == AttributeKind::kExactText) {
    return "(" + expression + ")" + std::string(Sign(filter.compare)) + Text(filter.value.text);
  }
  return "lower(" + expression + ")" + std::string(Sign(filter.compare)) + Text(AsciiLower(filter.value.text));
}

// Entra writes "True".
Result<std::string> Query::CompileFlag(const Filter& filter, const Attribute& attribute) {
  if (filter.kind == Filter::Kind::kPresent) return std::string("1 = 1");
  const bool equal = filter.compare == Compare::kEqual;
  if (!equal && filter.compare != Compare::kNotEqual) return NotSupported(filter.path);
  std::optional<bool> wanted;
  if (filter.value.kind == Literal::Kind::kBool) wanted = filter.value.boolean;
  if (filter.value.kind == Literal::Kind::kText && EqualsIgnoreCase(filter.value.text, "true")) wanted = true;
  if (filter.value.kind == Literal::Kind::kText && EqualsIgnoreCase(filter.value.text, "false")) wanted = false;
  if (!wanted) return NotSupported(filter.path);
  return "(" + std::string(attribute.expression) + ") = " + (*wanted == equal ? "1" : "0");
}

Result<std::string> Query::CompileTime(const Filter& filter, const Attribute& attribute) {
  if (filter.kind == Filter::Kind::kPresent) return std::string("1 = 1");
  const auto time = filter.value.kind == Literal::Kind::kText ? ParseRfc3339(filter.value.text) : std::nullopt;
  if (!time || IsPart(filter.compare)) return NotSupported(filter.path);
  return "(" + std::string(attribute.expression) + ")" + std::string(Sign(filter.compare)) + Number(ToMicros(*time));
}

// `emails.type eq "work"`, `emails eq "a@b"`, `emails[…]`, `emails pr`.
Result<std::string> Query::CompileInside(const Filter& filter, const Context& context) {
  if (filter.kind == Filter::Kind::kHas) {
    TRY(const std::string inner, Compile(filter.parts.front(), context));
    return std::string(context.exists) + inner + ")";
  }
  Filter inner = filter;
  inner.path = {"", filter.path.sub, ""};
  TRY(const std::string condition, CompileAttribute(inner, context));
  return std::string(context.exists) + condition + ")";
}

Result<std::string> Query::CompileAttribute(const Filter& filter, const Context& context) {
  const Attribute* attribute = context.Find(filter.path);
  if (attribute == nullptr) {
    // A part of a multi-valued attribute.
    const Attribute* whole = context.Find({filter.path.schema, filter.path.attribute, ""});
    if (whole == nullptr || whole->kind != AttributeKind::kInside) return NotSupported(filter.path);
    return CompileInside(filter, whole->inside());
  }
  if (attribute->kind == AttributeKind::kInside) return CompileInside(filter, attribute->inside());
  if (filter.kind == Filter::Kind::kHas) return NotSupported(filter.path);
  if (attribute->kind == AttributeKind::kFlag) return CompileFlag(filter, *attribute);
  if (attribute->kind == AttributeKind::kTime) return CompileTime(filter, *attribute);
  return CompileText(filter, *attribute);
}

Result<std::string> Query::CompileJoined(const Filter& filter, const Context& context) {
  const std::string_view word = filter.kind == Filter::Kind::kAnd ? " AND " : " OR ";
  std::string out;
  for (const Filter& part : filter.parts) {
    TRY(const std::string condition, Compile(part, context));
    if (!out.empty()) out += word;
    out += condition;
  }
  return "(" + out + ")";
}

Result<std::string> Query::Compile(const Filter& filter, const Context& context) {
  switch (filter.kind) {
    case Filter::Kind::kAnd:
    case Filter::Kind::kOr:
      return CompileJoined(filter, context);
    case Filter::Kind::kNot: {
      TRY(const std::string condition, Compile(filter.parts.front(), context));
      return "NOT (" + condition + ")";
    }
    default:
      return CompileAttribute(filter, context);
  }
}

void Query::Narrow(const Filter& filter) {
  if (filter.kind == Filter::Kind::kAnd) {
    for (const Filter& part : filter.parts) {
      if (candidates_.empty()) Narrow(part);
    }
  }
  if (filter.kind == Filter::Kind::kHas && filter.path.attribute == "emails") {
    // emails[type eq "work" and value eq "…"]
    for (const Filter& part : filter.parts.front().parts) {
      if (candidates_.empty() && filter.parts.front().kind == Filter::Kind::kAnd && part.path.attribute == "value") {
        Filter address = part;
        address.path = {"", "emails", "value"};
        Narrow(address);
      }
    }
  }
  if (filter.kind != Filter::Kind::kCompare || filter.compare != Compare::kEqual ||
      filter.value.kind != Literal::Kind::kText) {
    return;
  }
  const std::string& name = filter.path.attribute;
  const std::string& text = filter.value.text;
  if (name == "username") {
    const std::string key = Text(AsciiLower(text));
    candidates_ = "SELECT account_id FROM scim_user WHERE organization_id = $1 AND user_key = " + key +
                  " UNION SELECT id FROM account WHERE email = " + key +
                  " UNION SELECT id FROM account WHERE name = " + key;
  } else if (name == "emails" && (filter.path.sub.empty() || filter.path.sub == "value")) {
    const std::string key = Text(AsciiLower(text));
    candidates_ = "SELECT account_id FROM scim_email WHERE organization_id = $1 AND value_key = " + key +
                  " UNION SELECT id FROM account WHERE email = " + key;
  } else if (name == "externalid" && !text.empty()) {
    candidates_ = "SELECT account_id FROM scim_user WHERE organization_id = $1 AND external_id = " + Text(text);
  } else if (name == "id") {
    candidates_ = "SELECT id FROM account WHERE uuid = " + Text(text);
  }
}

Result<void> Query::FilterUsers(const Filter& filter) {
  TRY(condition_, Compile(filter, Users()));
  Narrow(filter);
  return {};
}

Result<void> Query::FilterGroups(const Filter& filter) {
  TRY(condition_, Compile(filter, Groups()));
  return {};
}

Result<std::string> Query::OrderBy(const Order& order, const Context& context, std::string_view id) {
  if (order.attribute.empty()) return std::string(id);
  const auto path = ParseAttribute(order.attribute);
  const Attribute* attribute = path ? context.Find(*path) : nullptr;
  if (attribute == nullptr || attribute->kind == AttributeKind::kInside) {
    return Refuse(kInvalidPath, "can't sort by this attribute");
  }
  const bool is_text = attribute->kind == AttributeKind::kText;
  const std::string expression(attribute->expression);
  return (is_text ? "lower(" + expression + ")" : "(" + expression + ")") + (order.descending ? " DESC, " : ", ") +
         std::string(id);
}

Result<void> Query::OrderUsers(const Order& order) {
  TRY(order_, OrderBy(order, Users(), "a.id"));
  return {};
}

Result<void> Query::OrderGroups(const Order& order) {
  TRY(order_, OrderBy(order, Groups(), "t.id"));
  return {};
}

// Members, and those whom the identity provider knows and who are none at present.
std::string Query::FromUsers() const {
  const std::string narrowed = candidates_.empty() ? "" : " AND account_id IN (" + candidates_ + ")";
  return " FROM (SELECT account_id FROM organization_member WHERE organization_id = $1" + narrowed +
         " UNION SELECT account_id FROM scim_user WHERE organization_id = $1" + narrowed +
         ") u JOIN account a ON a.id = u.account_id "
         "LEFT JOIN scim_user s ON s.organization_id = $1 AND s.account_id = a.id "
         "LEFT JOIN organization_member m ON m.organization_id = $1 AND m.account_id = a.id" +
         (condition_.empty() ? "" : " WHERE " + condition_);
}

std::string Query::CountUsers() const { return "SELECT COUNT(*)" + FromUsers(); }

std::string Query::SelectUsers(std::string_view columns, int64_t offset, int64_t limit) {
  std::string text = "SELECT " + std::string(columns) + FromUsers() + " ORDER BY " + (order_.empty() ? "a.id" : order_);
  text += " LIMIT " + Number(limit);
  return text + " OFFSET " + Number(offset);
}

namespace {
constexpr std::string_view kFromGroups =
    " FROM team t LEFT JOIN scim_group g ON g.team_id = t.id WHERE t.organization_id = $1";
}  // namespace

std::string Query::CountGroups() const {
  return "SELECT COUNT(*)" + std::string(kFromGroups) + (condition_.empty() ? "" : " AND " + condition_);
}

std::string Query::SelectGroups(std::string_view columns, int64_t offset, int64_t limit) {
  std::string text = "SELECT " + std::string(columns) + std::string(kFromGroups) +
                     (condition_.empty() ? "" : " AND " + condition_) + " ORDER BY " +
                     (order_.empty() ? "t.id" : order_);
  text += " LIMIT " + Number(limit);
  return text + " OFFSET " + Number(offset);
}

}  // namespace berth::scim
