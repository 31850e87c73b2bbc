// Objects of the Hub API as clients read them, and how they are made from what is stored.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>

#include "accounts/account.h"
#include "accounts/organization_store.h"
#include "base/clock.h"
#include "http/types.h"

namespace berth::api::hub {

// Unknown text is the empty string, never null: clients decode plain strings.
struct UserView {
  std::string id;  // 32 hexadecimal digits
  std::string uuid;
  std::string username;
  std::string full_name;
  std::string location;
  std::string company;
  std::string profile_url;
  Timestamp date_joined;
  std::string gravatar_email;
  std::string gravatar_url;
  std::string type = "User";
  std::string badge;
};
BOOST_DESCRIBE_STRUCT(UserView, (),
                      (id, uuid, username, full_name, location, company, profile_url, date_joined, gravatar_email,
                       gravatar_url, type, badge))

struct CurrentUserView : UserView {
  bool is_staff = false;
  bool is_admin = false;
  std::string email;
};
BOOST_DESCRIBE_STRUCT(CurrentUserView, (UserView), (is_staff, is_admin, email))

struct OrganizationView {
  std::string id;
  std::string uuid;
  std::string orgname;
  std::string full_name;
  std::string location;
  std::string company;
  std::string profile_url;
  Timestamp date_joined;
  std::string gravatar_email;
  std::string gravatar_url;
  std::string type = "Organization";
  std::string badge;
  bool is_active = true;
};
BOOST_DESCRIBE_STRUCT(OrganizationView, (),
                      (id, uuid, orgname, full_name, location, company, profile_url, date_joined, gravatar_email,
                       gravatar_url, type, badge, is_active))

struct MembershipView : OrganizationView {
  std::string user_role;
  std::vector<std::string> user_groups;
  int64_t org_groups_count = 0;
  std::optional<std::string> plan_name;
  std::optional<std::string> parent_name;
};
BOOST_DESCRIBE_STRUCT(MembershipView, (OrganizationView),
                      (user_role, user_groups, org_groups_count, plan_name, parent_name))

UserView MakeUserView(const accounts::Account& account);
CurrentUserView MakeCurrentUserView(const accounts::Account& account);
OrganizationView MakeOrganizationView(const accounts::Account& account);

// "Owner", "Editor", "Member" or the name of a custom role, as listings write them.
std::string RoleTitle(const accounts::GivenRole& role);

}  // namespace berth::api::hub
