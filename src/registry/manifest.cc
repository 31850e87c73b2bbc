#include "registry/manifest.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "json/value.h"

namespace berth::registry {
namespace {

constexpr size_t kMaxDescriptors = 8192;
constexpr std::string_view kSchema1 = "application/vnd.docker.distribution.manifest.v1+json";
constexpr std::string_view kSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";

std::unexpected<Error> Invalid(std::string message, std::string field = {}) {
  return Fail(ErrorCode::kManifestInvalid, std::move(message), std::move(field));
}

bool IsKnownType(std::string_view type) {
  return type == kOciManifest || type == kOciIndex || type == kDockerManifest || type == kDockerList;
}

// Two readers of one manifest must not see two contents, so a name may stand once only in every object.
bool HasDuplicateKeys(json::Value value) {
  bool duplicate = false;
  if (value.IsArray()) {
    value.EachElement([&](json::Value element) { duplicate = duplicate || HasDuplicateKeys(element); });
    return duplicate;
  }
  if (!value.IsObject()) return false;
  std::vector<std::string_view> keys;
  value.EachMember([&](std::string_view key, json::Value member) {
    keys.push_back(key);
    duplicate = duplicate || HasDuplicateKeys(member);
  });
  std::ranges::sort(keys);
  return duplicate || std::ranges::adjacent_find(keys) != keys.end();
}

// A member that may be absent but must be text when it is there.
Result<std::string> OptionalText(json::Value object, std::string_view key, const std::string& field) {
  const auto member = object.Find(key);
  if (!member || member->IsNull()) return std::string();
  const auto text = member->AsString();
  if (!text) return Invalid(field + " must be a string", field);
  return std::string(*text);
}

Result<Platform> ReadPlatform(json::Value descriptor, const std::string& field) {
  Platform platform;
  const auto value = descriptor.Find("platform");
  if (!value || value->IsNull()) return platform;
  if (!value->IsObject()) return Invalid(field + ".platform must be an object", field + ".platform");
  TRY(platform.os, OptionalText(*value, "os", field + ".platform.os"));
  TRY(platform.architecture, OptionalText(*value, "architecture", field + ".platform.architecture"));
  TRY(platform.variant, OptionalText(*value, "variant", field + ".platform.variant"));
  TRY(platform.os_version, OptionalText(*value, "os.version", field + ".platform.os.version"));
  return platform;
}

bool IsDistributable(std::string_view media_type) {
  return media_type.find("nondistributable") == std::string_view::npos &&
         media_type.find(".foreign.") == std::string_view::npos;
}

// OCI image-spec "Content Descriptors".
Result<Descriptor> ReadDescriptor(json::Value value, const std::string& field) {
  if (!value.IsObject()) return Invalid(field + " must be a descriptor", field);
  Descriptor descriptor;
  TRY(descriptor.media_type, OptionalText(value, "mediaType", field + ".mediaType"));
  if (descriptor.media_type.empty()) return Invalid(field + ".mediaType is missing", field + ".mediaType");
  TRY(const std::string text, OptionalText(value, "digest", field + ".digest"));
  auto digest = Digest::Parse(text);
  if (!digest) return Invalid(field + ".digest is not a sha256 or sha512 digest", field + ".digest");
  descriptor.digest = *std::move(digest);
  const auto member = value.Find("size");
  const auto size = member ? member->AsInt() : std::nullopt;
  if (!size || *size < 0) return Invalid(field + ".size must be a number of bytes", field + ".size");
  descriptor.size = *size;
  TRY(descriptor.platform, ReadPlatform(value, field));
  descriptor.distributable = IsDistributable(descriptor.media_type);
  return descriptor;
}

Result<std::vector<Descriptor>> ReadDescriptors(json::Value root, const std::string& key) {
  std::vector<Descriptor> result;
  const auto list = root.Find(key);
  if (!list || list->IsNull()) return result;
  if (!list->IsArray()) return Invalid(key + " must be an array", key);
  if (list->size() > kMaxDescriptors) return Invalid(key + " has too many entries", key);
  std::optional<Error> error;
  list->EachElement([&](json::Value element) {
    if (error) return;
    auto descriptor = ReadDescriptor(element, key + "[" + std::to_string(result.size()) + "]");
    if (descriptor) {
      result.push_back(*std::move(descriptor));
    } else {
      error = std::move(descriptor).error();
    }
  });
  if (error) return Fail(*std::move(error));
  return result;
}

Result<std::string> ReadMediaType(json::Value root, std::string_view content_type) {
  const std::string header = AsciiLower(Trim(content_type.substr(0, content_type.find(';'))));
  TRY(std::string declared, OptionalText(root, "mediaType", "mediaType"));
  if (header == kSchema1 || header == kSchema1Signed || declared == kSchema1 || declared == kSchema1Signed) {
    return Invalid("manifest schema 1 is not supported; push schema 2 or OCI");
  }
  // A generic header says nothing; the manifest itself may.
  const bool generic = header.empty() || header == "application/json" || header == "application/octet-stream";
  if (generic && declared.empty())
    return Invalid("neither Content-Type nor mediaType says what manifest this is", "mediaType");
  if (!generic && !declared.empty() && header != declared) {
    return Invalid("mediaType is " + declared + ", but Content-Type is " + header, "mediaType");
  }
  std::string type = generic ? declared : header;
  if (!IsKnownType(type)) return Invalid("unknown manifest type " + type, "mediaType");
  return type;
}

Result<void> CheckSchemaVersion(json::Value root) {
  const auto member = root.Find("schemaVersion");
  const auto version = member ? member->AsInt() : std::nullopt;
  if (version == 1) return Invalid("manifest schema 1 is not supported; push schema 2 or OCI", "schemaVersion");
  if (version != 2) return Invalid("schemaVersion must be 2", "schemaVersion");
  return {};
}

Result<void> ReadImage(json::Value root, ParsedManifest& manifest) {
  if (root.Find("manifests")) return Invalid("an image manifest must not have manifests", "manifests");
  const auto config = root.Find("config");
  if (!config) return Invalid("config is missing", "config");
  TRY(manifest.config, ReadDescriptor(*config, "config"));
  TRY(manifest.layers, ReadDescriptors(root, "layers"));
  for (const Descriptor& layer : manifest.layers) {
    if (layer.size > std::numeric_limits<int64_t>::max() - manifest.content_size)
      return Invalid("layers are too large", "layers");
    manifest.content_size += layer.size;
  }
  return {};
}

Result<void> ReadIndex(json::Value root, ParsedManifest& manifest) {
  if (root.Find("layers")) return Invalid("an index must not have layers", "layers");
  if (root.Find("config")) return Invalid("an index must not have a config", "config");
  TRY(manifest.children, ReadDescriptors(root, "manifests"));
  return {};
}

Result<void> ReadSubject(json::Value root, ParsedManifest& manifest) {
  const auto subject = root.Find("subject");
  if (!subject || subject->IsNull()) return {};
  TRY(const Descriptor descriptor, ReadDescriptor(*subject, "subject"));
  manifest.subject = descriptor.digest;
  return {};
}

Result<void> ReadAnnotations(json::Value root, ParsedManifest& manifest) {
  const auto annotations = root.Find("annotations");
  if (!annotations || annotations->IsNull()) return {};
  if (!annotations->IsObject()) return Invalid("annotations must be an object", "annotations");
  bool texts = true;
  annotations->EachMember([&](std::string_view, json::Value value) { texts = texts && value.IsString(); });
  if (!texts) return Invalid("annotations must be strings", "annotations");
  if (annotations->size() > 0) manifest.annotations = annotations->Serialize();
  return {};
}

}  // namespace

bool IsIndexType(std::string_view media_type) { return media_type == kOciIndex || media_type == kDockerList; }

Result<ParsedManifest> ParseManifest(std::string_view payload, std::string_view content_type) {
  auto document = json::Document::Parse(payload);
  if (!document) return Invalid("the manifest is not JSON: " + document.error().message);
  const json::Value root = document->root();
  if (!root.IsObject()) return Invalid("the manifest is not a JSON object");
  if (HasDuplicateKeys(root)) return Invalid("the manifest has a duplicate key");
  ParsedManifest manifest;
  TRY(manifest.media_type, ReadMediaType(root, content_type));
  TRY_VOID(CheckSchemaVersion(root));
  manifest.is_index = IsIndexType(manifest.media_type);
  TRY_VOID(manifest.is_index ? ReadIndex(root, manifest) : ReadImage(root, manifest));
  TRY(manifest.artifact_type, OptionalText(root, "artifactType", "artifactType"));
  if (manifest.artifact_type.empty() && manifest.config) manifest.artifact_type = manifest.config->media_type;
  TRY_VOID(ReadSubject(root, manifest));
  TRY_VOID(ReadAnnotations(root, manifest));
  return manifest;
}

Platform ParseConfigPlatform(std::string_view config) {
  Platform platform;
  const auto document = json::Document::Parse(config);
  if (!document || !document->root().IsObject()) return platform;
  const auto text = [&](std::string_view key) {
    const auto member = document->root().Find(key);
    return std::string(member ? member->AsString().value_or("") : "");
  };
  platform.os = text("os");
  platform.architecture = text("architecture");
  platform.variant = text("variant");
  platform.os_version = text("os.version");
  return platform;
}

}  // namespace berth::registry
