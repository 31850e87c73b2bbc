// An organization with an owner, and its users and groups as an identity provider sees them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "accounts/account_links.h"
#include "accounts/account_store.h"
#include "accounts/custom_role_service.h"
#include "accounts/test_accounts.h"
#include "scim/connection.h"
#include "scim/group_service.h"
#include "scim/resource.h"
#include "scim/user_service.h"

namespace berth::scim {

using accounts::Account;
using accounts::OrganizationRole;
using accounts::OrganizationStore;

inline constexpr std::string_view kPage = "/reset-password";

class ScimTest : public accounts::AccountsTest {
 protected:
  ScimTest() : owner_(MakeUser("owner")), acme_(MakeOrganization("acme", owner_)) {}

  Users users() { return {database(), services().cache, clock_}; }
  Groups groups() { return {database(), clock_}; }

  static UserData Ann() {
    UserData data;
    data.user_name = "Ann.Lee@corp.example";
    data.external_id = "00u1";
    data.given_name = "Ann";
    data.family_name = "Lee";
    data.emails.push_back({"ann.lee@corp.example", "", "work", true});
    return data;
  }
  Result<UserRecord> Make(const UserData& data) { return users().Create(acme_, data, actor_); }
  UserRecord MakeNamed(const std::string& user_name) {
    UserData data;
    data.user_name = user_name;
    return Make(data).value();
  }
  Result<UserRecord> Set(const std::string& id, const std::function<void(UserData&)>& change) {
    return users().Update(
        acme_, id,
        [&](UserData& data) -> Result<void> {
          change(data);
          return {};
        },
        actor_);
  }
  Result<UserRecord> Switch(const std::string& id, bool on) {
    return Set(id, [on](UserData& data) { data.active = on; });
  }
  std::optional<OrganizationRole> RoleOf(AccountId user) {
    return database().Read([&](sql::Connection& c) { return OrganizationStore::FindRole(c, acme_.id, user); }).value();
  }
  Account Reread(AccountId id) { return services().accounts.FindById(id).value(); }
  std::vector<std::string> MembersOf(const std::string& group) {
    std::vector<std::string> names;
    const auto found = groups().Find(acme_.id, group, true);
    for (const auto& member : found->members) names.push_back(member.display);
    return names;
  }
  GroupRecord MakeGroup(const std::string& name, std::vector<std::string> members = {}) {
    GroupChange change;
    change.display_name = name;
    change.steps.push_back({MemberStep::Kind::kReplace, std::move(members)});
    return groups().Create(acme_, change, actor_).value();
  }
  Result<GroupRecord> Step(const GroupRecord& group, MemberStep::Kind kind, std::vector<std::string> ids) {
    GroupChange change;
    change.steps.push_back({kind, std::move(ids)});
    return groups().Update(acme_, group.team.uuid, change, actor_);
  }
  // User names that a filter finds, in order; or the type of the refusal.
  std::vector<std::string> Found(const std::string& filter, const Order& order = {}) {
    Query query(acme_.id);
    const auto parsed = ParseFilter(filter);
    EXPECT_TRUE(parsed.has_value()) << filter;
    if (const auto compiled = query.FilterUsers(*parsed); !compiled) return {compiled.error().field};
    if (const auto ordered = query.OrderUsers(order); !ordered) return {ordered.error().field};
    const auto page = users().List(acme_.id, query, 0, 100);
    EXPECT_TRUE(page.has_value()) << page.error().message << " for " << filter;
    std::vector<std::string> names;
    for (const auto& user : page->users) names.push_back(user.data.user_name);
    EXPECT_EQ(static_cast<int64_t>(names.size()), page->total);
    return names;
  }
  std::vector<std::string> FoundGroups(const std::string& filter) {
    Query query(acme_.id);
    if (const auto compiled = query.FilterGroups(*ParseFilter(filter)); !compiled) return {compiled.error().field};
    const auto page = groups().List(query, 0, 100, false);
    EXPECT_TRUE(page.has_value()) << page.error().message << " for " << filter;
    std::vector<std::string> names;
    for (const auto& group : page->groups) names.push_back(group.display_name);
    return names;
  }

  accounts::HeldMail LastMail() {
    return database().Read([](sql::Connection& c) { return accounts::MailStore::ListUnsent(c, 0, 100); })->back();
  }

  Account owner_, acme_;
  events::Actor actor_{.id = {}, .name = "acme", .credential = "scim", .address = {}};
};

using Names = std::vector<std::string>;

}  // namespace berth::scim
