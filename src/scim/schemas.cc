#include "scim/schemas.h"

#include <array>

#include "base/text.h"
#include "json/writer.h"
#include "scim/user_data.h"

namespace berth::scim {
namespace {

constexpr std::string_view kConfigSchema = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
constexpr std::string_view kTypeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
constexpr std::string_view kSchemaSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema";

struct Attribute {
  std::string_view name, type, description;
  bool multi_valued = false;
  bool required = false;
  bool case_exact = false;
  std::string_view mutability = "readWrite";
  std::string_view uniqueness = "none";
  std::vector<Attribute> parts = {};
};

struct Schema {
  std::string_view id, name, description;
  std::vector<Attribute> attributes;
};

struct ResourceType {
  std::string_view name, endpoint, description, schema, extension;
};

const std::vector<Schema>& AllSchemas() {
  static const std::vector<Schema> kSchemas = {
      {kUserSchema,
       "User",
       "A user of the organization",
       {{.name = "userName",
         .type = "string",
         .description = "What the user is known by, usually an e-mail address",
         .required = true,
         .uniqueness = "server"},
        {.name = "name",
         .type = "complex",
         .description = "The parts of the user's name",
         .parts = {{.name = "givenName", .type = "string", .description = "Given name"},
                   {.name = "familyName", .type = "string", .description = "Family name"},
                   {.name = "formatted", .type = "string", .description = "The whole name"}}},
        {.name = "displayName", .type = "string", .description = "The name that is shown"},
        {.name = "active", .type = "boolean", .description = "Whether the user is a member of the organization"},
        {.name = "emails",
         .type = "complex",
         .description = "E-mail addresses",
         .multi_valued = true,
         .parts = {{.name = "value", .type = "string", .description = "The address", .required = true},
                   {.name = "display", .type = "string", .description = "A label"},
                   {.name = "type", .type = "string", .description = "Such as work or home"},
                   {.name = "primary", .type = "boolean", .description = "Whether it is the preferred one"}}},
        {.name = "groups",
         .type = "complex",
         .description = "Groups that the user is in",
         .multi_valued = true,
         .mutability = "readOnly",
         .parts =
             {{.name = "value",
               .type = "string",
               .description = "The group's id",
               .case_exact = true,
               .mutability = "readOnly"},
              {.name = "display", .type = "string", .description = "The group's name", .mutability = "readOnly"}}}}},
      {kGroupSchema,
       "Group",
       "A team of the organization",
       {{.name = "displayName",
         .type = "string",
         .description = "The group's name",
         .required = true,
         .uniqueness = "server"},
        {.name = "members",
         .type = "complex",
         .description = "Users who are in the group",
         .multi_valued = true,
         .parts = {{.name = "value",
                    .type = "string",
                    .description = "The user's id",
                    .required = true,
                    .case_exact = true,
                    .mutability = "immutable"},
                   {.name = "display", .type = "string", .description = "The user's name", .mutability = "readOnly"},
                   {.name = "type", .type = "string", .description = "User", .mutability = "readOnly"}}}}},
      {kDockerSchema,
       "DockerUser",
       "What the user is in the organization",
       {{.name = "dockerRole", .type = "string", .description = "member, editor or owner"},
        {.name = "dockerOrg", .type = "string", .description = "The organization's name"},
        {.name = "dockerTeam", .type = "string", .description = "A team to join; made when it is missing"}}},
  };
  return kSchemas;
}

constexpr auto kTypes = std::to_array<ResourceType>({
    {"User", "/Users", "Users of the organization", kUserSchema, kDockerSchema},
    {"Group", "/Groups", "Teams of the organization", kGroupSchema, ""},
});

void WriteMeta(json::Writer& w, std::string_view type, const std::string& location) {
  w.Key("meta").BeginObject().Key("resourceType").String(type).Key("location").String(location).EndObject();
}

void WriteAttribute(json::Writer& w, const Attribute& a) {
  w.BeginObject().Key("name").String(a.name).Key("type").String(a.type).Key("multiValued").Bool(a.multi_valued);
  w.Key("description").String(a.description).Key("required").Bool(a.required).Key("caseExact").Bool(a.case_exact);
  w.Key("mutability").String(a.mutability).Key("returned").String("default").Key("uniqueness").String(a.uniqueness);
  if (!a.parts.empty()) {
    w.Key("subAttributes").BeginArray();
    for (const Attribute& part : a.parts) WriteAttribute(w, part);
    w.EndArray();
  }
  w.EndObject();
}

std::string ToJson(const Schema& schema, std::string_view base) {
  json::Writer w;
  w.BeginObject().Key("schemas").BeginArray().String(kSchemaSchema).EndArray();
  w.Key("id").String(schema.id).Key("name").String(schema.name).Key("description").String(schema.description);
  w.Key("attributes").BeginArray();
  for (const Attribute& attribute : schema.attributes) WriteAttribute(w, attribute);
  w.EndArray();
  WriteMeta(w, "Schema", std::string(base) + "/Schemas/" + std::string(schema.id));
  w.EndObject();
  return std::move(w).Take();
}

std::string ToJson(const ResourceType& type, std::string_view base) {
  json::Writer w;
  w.BeginObject().Key("schemas").BeginArray().String(kTypeSchema).EndArray();
  w.Key("id").String(type.name).Key("name").String(type.name).Key("description").String(type.description);
  w.Key("endpoint").String(type.endpoint).Key("schema").String(type.schema).Key("schemaExtensions").BeginArray();
  if (!type.extension.empty()) {
    w.BeginObject().Key("schema").String(type.extension).Key("required").Bool(false).EndObject();
  }
  w.EndArray();
  WriteMeta(w, "ResourceType", std::string(base) + "/ResourceTypes/" + std::string(type.name));
  w.EndObject();
  return std::move(w).Take();
}

void WriteSupported(json::Writer& w, std::string_view key, bool supported) {
  w.Key(key).BeginObject().Key("supported").Bool(supported).EndObject();
}

}  // namespace

std::string ServiceProviderConfig(std::string_view base) {
  json::Writer w;
  w.BeginObject().Key("schemas").BeginArray().String(kConfigSchema).EndArray();
  w.Key("documentationUri").String("https://www.rfc-editor.org/rfc/rfc7644");
  WriteSupported(w, "patch", true);
  w.Key("bulk").BeginObject().Key("supported").Bool(false).Key("maxOperations").Int(0).Key("maxPayloadSize").Int(0);
  w.EndObject();
  w.Key("filter").BeginObject().Key("supported").Bool(true).Key("maxResults").Int(kMaxCount).EndObject();
  WriteSupported(w, "changePassword", false);
  WriteSupported(w, "sort", true);
  WriteSupported(w, "etag", false);
  w.Key("authenticationSchemes").BeginArray().BeginObject();
  w.Key("name").String("OAuth Bearer Token").Key("description").String("The SCIM token of the organization");
  w.Key("specUri").String("https://www.rfc-editor.org/rfc/rfc6750").Key("type").String("oauthbearertoken");
  w.Key("primary").Bool(true).EndObject().EndArray();
  WriteMeta(w, "ServiceProviderConfig", std::string(base) + "/ServiceProviderConfig");
  w.EndObject();
  return std::move(w).Take();
}

std::vector<std::string> ResourceTypes(std::string_view base) {
  std::vector<std::string> types;
  for (const ResourceType& type : kTypes) types.push_back(ToJson(type, base));
  return types;
}

std::optional<std::string> FindResourceType(std::string_view base, std::string_view name) {
  for (const ResourceType& type : kTypes) {
    if (type.name == name) return ToJson(type, base);
  }
  return std::nullopt;
}

std::vector<std::string> Schemas(std::string_view base) {
  std::vector<std::string> schemas;
  for (const Schema& schema : AllSchemas()) schemas.push_back(ToJson(schema, base));
  return schemas;
}

std::optional<std::string> FindSchema(std::string_view base, std::string_view id) {
  for (const Schema& schema : AllSchemas()) {
    if (EqualsIgnoreCase(schema.id, id)) return ToJson(schema, base);
  }
  return std::nullopt;
}

}  // namespace berth::scim
