#include "accounts/bootstrap.h"

#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "accounts/test_accounts.h"

namespace berth::accounts {
namespace {

class BootstrapTest : public AccountsTest {
 protected:
  BootstrapTest() : data_(folder() / "data") { std::filesystem::create_directories(data_); }
  std::string PasswordIn(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string password;
    std::getline(in, password);
    return password;
  }
  std::filesystem::path data_;
};
INSTANTIATE_TEST_SUITE_P(Backends, BootstrapTest, sql::AllBackends(), sql::BackendName);

TEST_P(BootstrapTest, TheFirstStartMakesTheAdministratorAndLibrary) {
  const auto outcome = Bootstrap(database(), services().hasher, data_, clock_).value();
  EXPECT_TRUE(outcome.created);
  struct stat facts{};
  ASSERT_EQ(::stat(outcome.password_file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(outcome.password_file.filename(), "initial-admin-password");
  const auto identity = SignIn("admin", PasswordIn(outcome.password_file));
  ASSERT_TRUE(identity.has_value());
  EXPECT_TRUE(identity->caller.is_site_admin);
  EXPECT_TRUE(identity->caller.email_verified);
  const Account library = services().accounts.Find("library").value();
  EXPECT_FALSE(library.IsUser());
  const auto role = database().Read(
      [&](sql::Connection& c) { return OrganizationStore::FindRole(c, library.id, identity->caller.account); });
  EXPECT_EQ(role.value(), OrganizationRole::kOwner);
  EXPECT_EQ(Events(), (std::vector<std::string>{"user.create admin by ", "org.create library by "}));
}

TEST_P(BootstrapTest, LaterStartsChangeNothing) {
  const auto first = Bootstrap(database(), services().hasher, data_, clock_).value();
  const std::string password = PasswordIn(first.password_file);
  const auto second = Bootstrap(database(), services().hasher, data_, clock_).value();
  EXPECT_FALSE(second.created);
  EXPECT_EQ(PasswordIn(first.password_file), password);
  EXPECT_EQ(Events().size(), 2u);
}

TEST_P(BootstrapTest, CopiesThatStartAtOnceMakeOneAdministrator) {
  std::vector<BootstrapOutcome> outcomes(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto own = data_ / std::to_string(i);
      std::filesystem::create_directories(own);
      outcomes[i] = Bootstrap(database(), services().hasher, own, clock_).value();
    });
  }
  for (auto& thread : threads) thread.join();
  int created = 0;
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(std::filesystem::exists(outcome.password_file), outcome.created);
    if (!outcome.created) continue;
    ++created;
    EXPECT_TRUE(SignIn("admin", PasswordIn(outcome.password_file)).has_value());
  }
  EXPECT_EQ(created, 1);
}

TEST_P(BootstrapTest, WithoutAFileThereIsNoAccount) {
  const auto outcome = Bootstrap(database(), services().hasher, data_ / "missing", clock_);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(Events().empty());
}

}  // namespace
}  // namespace berth::accounts
