#include "api/hub/views.h"

#include <algorithm>

namespace berth::api::hub {
namespace {

std::string HexId(std::string uuid) {
  std::erase(uuid, '-');
  return uuid;
}

template <typename View>
View Filled(const accounts::Account& account) {
  View view;
  view.id = HexId(account.uuid);
  view.uuid = account.uuid;
  view.full_name = account.full_name;
  view.location = account.location;
  view.company = account.company;
  view.profile_url = account.profile_url;
  view.date_joined = account.created_at;
  view.gravatar_email = account.gravatar_email;
  view.badge = account.badge;
  return view;
}

}  // namespace

UserView MakeUserView(const accounts::Account& account) {
  auto view = Filled<UserView>(account);
  view.username = account.name;
  return view;
}

CurrentUserView MakeCurrentUserView(const accounts::Account& account) {
  auto view = Filled<CurrentUserView>(account);
  view.username = account.name;
  view.is_staff = view.is_admin = account.is_admin;
  view.email = account.email;
  return view;
}

OrganizationView MakeOrganizationView(const accounts::Account& account) {
  auto view = Filled<OrganizationView>(account);
  view.orgname = account.name;
  view.is_active = account.is_active;
  return view;
}

std::string RoleTitle(const accounts::GivenRole& role) {
  if (role.custom != 0) return role.custom_name;
  switch (role.base) {
    case accounts::OrganizationRole::kOwner:
      return "Owner";
    case accounts::OrganizationRole::kEditor:
      return "Editor";
    case accounts::OrganizationRole::kMember:
      break;
  }
  return "Member";
}

}  // namespace berth::api::hub
