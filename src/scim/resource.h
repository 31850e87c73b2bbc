// SCIM resources and messages as JSON (RFC 7643 sections 3 and 4, RFC 7644 sections 3.4 and 3.12).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "scim/filter.h"
#include "scim/group_store.h"
#include "scim/user_store.h"

namespace berth::scim {

// Which attributes an answer has (RFC 7644 section 3.9): those named by `attributes`, or all but those named by
// `excludedAttributes`; `id` and `schemas` are always there.
class Projection {
 public:
  // Comma-separated names; unknown ones name nothing. kInvalidArgument, invalidValue: both are given.
  static Result<Projection> Parse(std::string_view attributes, std::string_view excluded);
  bool IsWhole() const { return included_.empty() && excluded_.empty(); }
  // Whether anything of a top-level attribute (lower case) can be in the answer: what is not wanted need not be read.
  bool Wants(std::string_view attribute) const;
  // The resource with what is wanted of it.
  std::string Apply(const std::string& resource) const;

 private:
  enum class Part { kNone, kSome, kAll };
  Part PartOf(const AttributePath& path) const;

  std::vector<AttributePath> included_;
  std::vector<AttributePath> excluded_;
};

// `base` is the service's own address: "https://hub.example/v2/scim/2.0".
std::string UserJson(const UserRecord& user, std::string_view organization, std::string_view base);
std::string GroupJson(const GroupRecord& group, std::string_view base);
// `resources` are JSON.
std::string ListJson(const std::vector<std::string>& resources, int64_t total, int64_t start_index);
// `status` of HTTP; the type is the error's field where that is one of SCIM's.
std::string ErrorJson(int status, const Error& error);

}  // namespace berth::scim
