#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/fsck_command.h"
#include "app/serve.h"
#include "app/user_command.h"

namespace berth::app {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

// 0: done; 1: it could not be done; 2: the command line is wrong.
int Report(const Result<int>& outcome) {
  if (outcome) return *outcome;
  const Error& error = outcome.error();
  std::fprintf(stderr, "berth: %s\n", error.message.c_str());
  return error.code == ErrorCode::kInvalidArgument ? 2 : 1;
}

Result<int> Run(const Command& command) {
  return std::visit(Overloaded{
                        [](const ServeCommand& c) -> Result<int> {
                          TRY_VOID(Serve(c.config));
                          return 0;
                        },
                        [](const ConfigCommand& c) -> Result<int> {
                          std::fputs(c.reference.c_str(), stdout);
                          return 0;
                        },
                        [](const FsckCommand& c) { return RunFsck(c); },
                        [](const UserCommand& c) { return RunUserCommand(c); },
                        [](const PrintCommand& c) -> Result<int> {
                          std::fputs(c.text.c_str(), stdout);
                          return 0;
                        },
                    },
                    command);
}

int Main(int argc, char** argv) {
  const auto command = ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc));
  if (!command) return Report(Fail(command.error()));
  return Report(Run(*command));
}

}  // namespace
}  // namespace berth::app

int main(int argc, char** argv) {
  try {
    return berth::app::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "berth: internal error: %s\n", error.what());
    return 1;
  }
}
