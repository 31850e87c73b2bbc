// Row ids that can't be mixed up: Id<struct AccountTag> is no Id<struct RepositoryTag>.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace berth {

template <typename Tag>
struct Id {
  int64_t value = 0;

  Id() = default;
  explicit constexpr Id(int64_t v) : value(v) {}
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

using AccountId = Id<struct AccountTag>;  // a user or an organization
using RepositoryId = Id<struct RepositoryTag>;
using ManifestId = Id<struct ManifestTag>;
using BlobId = Id<struct BlobTag>;
using TeamId = Id<struct TeamTag>;
using EventId = Id<struct EventTag>;

}  // namespace berth

template <typename Tag>
struct std::hash<berth::Id<Tag>> {
  size_t operator()(berth::Id<Tag> id) const noexcept { return std::hash<int64_t>()(id.value); }
};
