#include "app/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace berth::app {
namespace {

Config Serve(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "serve");
  auto command = ParseCommandLine(std::move(arguments));
  EXPECT_TRUE(command.has_value()) << command.error().message;
  return std::get<ServeCommand>(*command).config;
}

std::string ErrorOf(std::vector<std::string> arguments) {
  auto command = ParseCommandLine(std::move(arguments));
  EXPECT_FALSE(command.has_value());
  return command ? "" : command.error().message;
}

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(CommandLine, SaysWhereEachValueCameFromAndHidesSecrets) {
  const Variable page("BERTH_MAX_PAGE", "77");
  const Variable mail("BERTH_SMTP_URL", "smtp://me:hunter2@mail.example:25");
  const Config c = Serve({"--smtp-password", "hunter2", "--no-sign-up", "--trusted-proxies", "10.0.0.1,::1",
                          "--database", "postgres://berth:hunter2@db.example/berth?password=hunter2"});
  const auto entry = [&](const std::string& name) {
    const auto found = std::ranges::find(c.entries, name, &ConfigEntry::name);
    EXPECT_NE(found, c.entries.end()) << name;
    return found == c.entries.end() ? ConfigEntry() : *found;
  };
  EXPECT_EQ(entry("max-page").value, "77");
  EXPECT_EQ(entry("max-page").default_value, "1000");
  EXPECT_EQ(entry("max-page").source, "environment");
  EXPECT_EQ(entry("sign-up").value, "false");
  EXPECT_EQ(entry("sign-up").source, "flag");
  EXPECT_EQ(entry("trusted-proxies").value, "10.0.0.1,::1");
  EXPECT_EQ(entry("listen").value, "127.0.0.1:5000");
  EXPECT_EQ(entry("listen").source, "default");
  EXPECT_EQ(entry("smtp-url").value, "smtp://********@mail.example:25");
  EXPECT_EQ(entry("database").value, "postgres://********@db.example/berth?********");
  EXPECT_EQ(entry("smtp-password").value, "********");
  EXPECT_EQ(entry("secret-key").value, "");
  for (const ConfigEntry& each : c.entries) {
    EXPECT_EQ(each.value.find("hunter2"), std::string::npos) << each.name;
    EXPECT_FALSE(each.description.empty()) << each.name;
  }
}

TEST(CommandLine, ReadsEveryKindOfOption) {
  const Config c =
      Serve({"--listen", "0.0.0.0:443", "--gc-grace=90m", "--max-manifest", "8MiB", "--max-uploads", "7",
             "--no-sign-up", "--trusted-proxies", "10.0.0.1,10.1.0.0/16", "--missing-references", "refuse"});
  EXPECT_EQ(c.listen, "0.0.0.0:443");
  EXPECT_EQ(c.gc_grace, std::chrono::minutes(90));
  EXPECT_EQ(c.max_manifest, 8u << 20);
  EXPECT_EQ(c.max_uploads, 7);
  EXPECT_FALSE(c.sign_up);
  EXPECT_EQ(c.trusted_proxies, (std::vector<std::string>{"10.0.0.1", "10.1.0.0/16"}));
  EXPECT_EQ(c.missing_references, "refuse");
}

TEST(CommandLine, FlagBeatsEnvironmentBeatsFile) {
  const auto file = std::filesystem::temp_directory_path() / ("berth-config-" + std::to_string(getpid()) + ".toml");
  std::ofstream(file) << "listen = \"127.0.0.1:1\"\ndata = \"/from/file\"\ngc-grace = \"1h\"\nsign-up = false\n";
  const Variable listen("BERTH_LISTEN", "127.0.0.1:2");
  const Variable data("BERTH_DATA", "/from/environment");
  const Config c = Serve({"--config", file.string(), "--listen", "127.0.0.1:3"});
  std::filesystem::remove(file);
  EXPECT_EQ(c.listen, "127.0.0.1:3");
  EXPECT_EQ(c.data, "/from/environment");
  EXPECT_EQ(c.gc_grace, std::chrono::hours(1));
  EXPECT_FALSE(c.sign_up);
}

TEST(CommandLine, NamesTheOptionThatIsWrong) {
  EXPECT_NE(ErrorOf({"serve", "--lisen", "x"}).find("--lisen"), std::string::npos);
  EXPECT_NE(ErrorOf({"serve", "--gc-grace", "soon"}).find("--gc-grace"), std::string::npos);
  EXPECT_NE(ErrorOf({"serve", "--max-uploads", "0"}).find("--max-uploads"), std::string::npos);
  EXPECT_NE(ErrorOf({"serve", "--max-manifest", "many"}).find("--max-manifest"), std::string::npos);
  EXPECT_NE(ErrorOf({"serve", "--missing-references", "odd"}).find("--missing-references"), std::string::npos);
  EXPECT_NE(ErrorOf({"sevre"}).find("sevre"), std::string::npos);
  EXPECT_NE(ErrorOf({"user", "create"}).find("NAME"), std::string::npos);
  const Variable bad("BERTH_MAX_UPLOADS", "lots");
  EXPECT_NE(ErrorOf({"serve"}).find("--max-uploads"), std::string::npos);
}

TEST(CommandLine, RefusesUnknownKeysOfTheFile) {
  const auto file = std::filesystem::temp_directory_path() / ("berth-config-bad-" + std::to_string(getpid()) + ".toml");
  std::ofstream(file) << "lisen = \"127.0.0.1:1\"\n";
  EXPECT_NE(ErrorOf({"serve", "--config", file.string()}).find("lisen"), std::string::npos);
  std::filesystem::remove(file);
}

TEST(CommandLine, ReferenceIsAFileThatServeReads) {
  const auto command = ParseCommandLine({"config"});
  ASSERT_TRUE(command.has_value());
  const std::string reference = std::get<ConfigCommand>(*command).reference;
  EXPECT_NE(reference.find("gc-grace = \"24h\""), std::string::npos);
  EXPECT_NE(reference.find("BERTH_GC_GRACE"), std::string::npos);
  const auto file = std::filesystem::temp_directory_path() / ("berth-reference-" + std::to_string(getpid()) + ".toml");
  std::ofstream(file) << reference;
  const Config c = Serve({"--config", file.string()});
  std::filesystem::remove(file);
  EXPECT_EQ(c.listen, Config().listen);
  EXPECT_EQ(c.gc_grace, Config().gc_grace);
}

TEST(CommandLine, ReadsUserCommands) {
  const auto command = ParseCommandLine({"user", "create", "alice", "--password-stdin", "--data", "/d"});
  ASSERT_TRUE(command.has_value()) << command.error().message;
  const auto& user = std::get<UserCommand>(*command);
  EXPECT_EQ(user.name, "alice");
  EXPECT_TRUE(user.password_from_stdin);
  EXPECT_EQ(user.config.data, "/d");
}

}  // namespace
}  // namespace berth::app
