#include "app/command_line.h"

#include <CLI/CLI.hpp>

#include "app/version.h"

namespace berth::app {
namespace {

constexpr std::string_view kUsage =
    R"(berth: a Docker Hub of one's own

Usage: berth COMMAND [OPTIONS]

Commands:
  serve                 run the server
  user create NAME      create a user
  user passwd NAME      set a user's password
  fsck                  verify everything that is stored
  config                print every option with its default

berth COMMAND --help lists a command's options; berth --version prints the version.
)";

// Parses `arguments` with `app`; empty when it went well, the text to print for --help.
Result<std::string> Parse(CLI::App& app, std::vector<std::string> arguments) {
  arguments = WithEnvironment(app, std::move(arguments));
  std::ranges::reverse(arguments);  // CLI11 takes them last first
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::ranges::replace(line, '\n', ' ');
    return Fail(ErrorCode::kInvalidArgument, line);
  }
  return std::string();
}

template <typename C, typename Declare>
Result<Command> ParseInto(const std::string& name, const std::string& about, std::vector<std::string> arguments,
                          Declare&& declare) {
  C command;
  CLI::App app(about, name);
  declare(app, command);
  DeclareOptions(app, command.config);
  TRY(std::string help, Parse(app, arguments));
  if (!help.empty()) return Command(PrintCommand{std::move(help)});
  command.config.entries = DescribeOptions(app, arguments);
  return Command(std::move(command));
}

Result<Command> ParseUser(std::vector<std::string> arguments) {
  const std::string verb = arguments.empty() ? "" : arguments.front();
  if (verb != "create" && verb != "passwd") {
    return Fail(ErrorCode::kInvalidArgument, "user: expected 'create NAME' or 'passwd NAME'");
  }
  arguments.erase(arguments.begin());
  return ParseInto<UserCommand>("berth user " + verb, "Creates a user or sets a password", std::move(arguments),
                                [&](CLI::App& app, UserCommand& c) {
                                  c.verb = verb == "create" ? UserCommand::Verb::kCreate : UserCommand::Verb::kPassword;
                                  app.add_option("NAME", c.name, "The account's name")->required();
                                  app.add_flag("--password-stdin", c.password_from_stdin,
                                               "Read the password from standard input");
                                  if (verb == "create") {
                                    app.add_option("--email", c.email, "E-mail address");
                                    app.add_flag("--admin", c.admin, "May administer the server");
                                  }
                                });
}

Result<Command> ParseConfig(std::vector<std::string> arguments) {
  Config config;
  CLI::App app("Prints every option with its default", "berth config");
  TRY(std::string help, Parse(app, std::move(arguments)));
  if (!help.empty()) return Command(PrintCommand{std::move(help)});
  CLI::App serve("serve");
  DeclareOptions(serve, config);
  return Command(ConfigCommand{ConfigReference(serve)});
}

}  // namespace

Result<Command> ParseCommandLine(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    return Command(PrintCommand{std::string(kUsage)});
  }
  if (arguments[0] == "--version") return Command(PrintCommand{"berth " + std::string(kVersion) + "\n"});
  const std::string name = arguments[0];
  arguments.erase(arguments.begin());
  if (name == "serve") {
    return ParseInto<ServeCommand>("berth serve", "Runs the server", std::move(arguments),
                                   [](CLI::App&, ServeCommand&) {});
  }
  if (name == "fsck") {
    return ParseInto<FsckCommand>(
        "berth fsck", "Verifies everything that is stored", std::move(arguments), [](CLI::App& app, FsckCommand& c) {
          app.add_flag("--json", c.json, "Report as JSON");
          app.add_flag("--quarantine,!--no-quarantine", c.quarantine, "Move broken blobs aside");
        });
  }
  if (name == "user") return ParseUser(std::move(arguments));
  if (name == "config") return ParseConfig(std::move(arguments));
  return Fail(ErrorCode::kInvalidArgument, "unknown command '" + name + "'; berth --help lists the commands");
}

}  // namespace berth::app
