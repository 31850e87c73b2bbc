// Immutable tags (Docker Hub's repository setting): such a tag can't be pointed elsewhere or deleted once it exists.
#pragma once

#include <string_view>

#include "base/result.h"
#include "registry/repository_store.h"

namespace berth::registry {

// By the repository's mode and rules (RE2, matched anywhere in the tag as on Docker Hub). A rule that can't be read
// protects all.
bool IsImmutable(const Repository& repository, std::string_view tag);

// kTagImmutable when the tag is.
Result<void> CheckMutable(const Repository& repository, std::string_view tag);

}  // namespace berth::registry
