// The grammar of names: OCI distribution-spec "Pulling manifests" (<name>, <reference> as a tag).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::registry {

// "ns/repo", "ns/a/b". One segment means the library: "nginx" is "library/nginx", as on Docker Hub.
struct RepositoryName {
  std::string full;        // canonical, at most 255 characters
  std::string namespace_;  // the first segment
  std::string name;        // the rest

  static Result<RepositoryName> Parse(std::string_view text);  // kNameInvalid
};

bool IsTag(std::string_view text);             // [A-Za-z0-9_][A-Za-z0-9._-]{0,127}
Result<void> CheckTag(std::string_view text);  // kTagInvalid

}  // namespace berth::registry
