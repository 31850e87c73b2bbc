// For suites that need accounts: all services over a fresh database, with a clock to turn and cheap password hashes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.h"
#include "sql/test_databases.h"

namespace berth::accounts {

inline constexpr std::string_view kTestPassword = "correct horse";
inline constexpr std::string_view kTestAddress = "192.0.2.1";

class AccountsTest : public sql::DatabaseTest {
 protected:
  AccountsTest() : box_(crypto::SecretBox::FromText(std::string(64, 'a')).value()) { Start(); }

  static AccountsOptions Options() {
    AccountsOptions options;
    options.password = {.memory_bytes = 64 << 10, .passes = 1};
    return options;
  }
  // As after a restart, or as another copy of the server over the same database.
  void Start(const AccountsOptions& options = Options()) {
    services_ = std::make_unique<Accounts>(database(), box_, clock_, options);
  }
  Accounts& services() { return *services_; }

  Account MakeUser(const std::string& name, bool is_admin = false) {
    return services()
        .accounts
        .CreateUser({.name = name,
                     .password = std::string(kTestPassword),
                     .email = name + "@example.com",
                     .is_admin = is_admin,
                     .email_verified = true},
                    NameRule::kAdministrator, {})
        .value();
  }
  Account MakeOrganization(const std::string& name, const Account& owner) {
    return services().organizations.Create(name, "", owner.id, NameRule::kAdministrator, ActorOf(owner)).value();
  }
  CreatedToken MakePersonalToken(const Account& user, TokenScope scope = TokenScope::kAdmin) {
    return services()
        .tokens.Create(user, TokenKind::kPersonal, {.label = "test", .scopes = {scope}}, ActorOf(user))
        .value();
  }
  CreatedToken MakeOrganizationToken(const Account& organization, std::vector<TokenResource> resources) {
    return services()
        .tokens.Create(organization, TokenKind::kOrganization, {.label = "test", .resources = std::move(resources)}, {})
        .value();
  }
  Result<Identity> SignIn(std::string_view name, std::string_view secret, std::string_view address = kTestAddress) {
    return services().authenticator.SignIn(name, secret, address);
  }
  static events::Actor ActorOf(const Account& account) {
    return {.id = account.id, .name = account.name, .credential = {}, .address = std::string(kTestAddress)};
  }
  // "type name by actor" of every event, oldest first.
  std::vector<std::string> Events() {
    static constexpr sql::Query kEvents{"test.events", "SELECT type, name, actor FROM event ORDER BY id"};
    return database()
        .Read([](sql::Connection& c) {
          return c.All(kEvents, {}, [](const sql::Row& row) {
            return row.String(0) + " " + row.String(1) + " by " + row.String(2);
          });
        })
        .value();
  }

  ManualClock clock_;
  crypto::SecretBox box_;
  std::unique_ptr<Accounts> services_;
};

}  // namespace berth::accounts
