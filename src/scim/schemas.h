// What the service says of itself (RFC 7643 sections 5 to 7): its abilities, its kinds of resources and their
// attributes, as JSON. Made once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::scim {

inline constexpr int kMaxCount = 200;  // results on a page

// `base` is the service's own address.
std::string ServiceProviderConfig(std::string_view base);
std::vector<std::string> ResourceTypes(std::string_view base);
std::optional<std::string> FindResourceType(std::string_view base, std::string_view name);
std::vector<std::string> Schemas(std::string_view base);
// By its URN, in any case.
std::optional<std::string> FindSchema(std::string_view base, std::string_view id);

}  // namespace berth::scim
