// Reads the command line into what is to be done. Errors are one line naming the option; main exits with 2 then.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace berth::app {

struct ServeCommand {
  Config config;
};
struct ConfigCommand {
  std::string reference;
};
struct FsckCommand {
  Config config;
  bool json = false;
  bool quarantine = true;
};
struct UserCommand {
  Config config;
  enum class Verb { kCreate, kPassword } verb = Verb::kCreate;
  std::string name;
  std::string email;
  bool admin = false;
  bool password_from_stdin = false;
};
// Help or version text for standard output.
struct PrintCommand {
  std::string text;
};

using Command = std::variant<ServeCommand, ConfigCommand, FsckCommand, UserCommand, PrintCommand>;

// `arguments` without the program's name. kInvalidArgument.
Result<Command> ParseCommandLine(std::vector<std::string> arguments);

}  // namespace berth::app
