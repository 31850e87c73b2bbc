// What an identity provider says of a user: read from the body of POST and PUT, changed by PATCH, as Okta and Microsoft
// Entra ID really send them. Values; no database.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace berth::scim {

inline constexpr std::string_view kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr std::string_view kGroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
inline constexpr std::string_view kDockerSchema = "urn:ietf:params:scim:schemas:extension:docker:2.0:User";

struct Email {
  std::string value;
  std::string display;
  std::string type;  // "work"
  bool primary = false;
  bool operator==(const Email&) const = default;
};

struct UserData {
  std::string user_name;
  std::string external_id;
  std::string given_name;
  std::string family_name;
  std::string formatted;
  std::string display_name;
  std::vector<Email> emails;
  bool active = true;
  std::string role;          // dockerRole: "member", "editor", "owner"; empty: not said
  std::string organization;  // dockerOrg; empty: not said
  std::string team;          // dockerTeam; empty: not said
  bool operator==(const UserData&) const = default;
};

// Takes a whole resource over into `user`: what may be left out (the user's name, addresses and whether it is active)
// stays, anything else that is missing becomes empty. Unknown members are ignored. kInvalidArgument.
Result<void> ReadUser(const json::Value& body, UserData& user);
// Applies the operations of a PATCH body in order. Attributes of RFC 7643 that are not kept here are accepted and
// dropped; anything else is invalidPath.
Result<void> PatchUser(const json::Value& body, UserData& user);

// The address that stands for the user: the primary one, else one for work, else the first, else a user name that is an
// address. Lower case; empty when there is none.
std::string AddressOf(const UserData& user);
// What the user is called in full; empty when nothing was said.
std::string FullNameOf(const UserData& user);

}  // namespace berth::scim
