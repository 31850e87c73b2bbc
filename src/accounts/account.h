// Users and organizations as stored. Values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"

namespace berth::accounts {

enum class AccountKind { kUser, kOrganization };

struct Account {
  AccountId id;
  std::string uuid;
  std::string name;
  AccountKind kind = AccountKind::kUser;
  std::string email;
  std::string full_name;
  std::string company;
  std::string location;
  std::string profile_url;
  std::string gravatar_email;
  std::string badge;
  std::string plan;
  bool is_admin = false;  // of the whole site
  bool is_active = true;
  bool email_verified = false;   // without it, a user may only read
  bool default_private = false;  // what a first push makes
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> last_login_at;

  bool IsUser() const { return kind == AccountKind::kUser; }
};

enum class OrganizationRole { kMember, kEditor, kOwner };                      // higher implies lower
std::string_view ToString(OrganizationRole role);                              // "owner"
std::optional<OrganizationRole> ParseOrganizationRole(std::string_view text);  // any case

}  // namespace berth::accounts
