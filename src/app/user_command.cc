#include "app/user_command.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "accounts/accounts.h"
#include "accounts/bootstrap.h"
#include "app/storage.h"

namespace berth::app {
namespace {

// Turns the terminal's echo off while it lives.
class QuietTerminal {
 public:
  QuietTerminal() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

Result<std::string> ReadLine() {
  std::string line;
  if (!std::getline(std::cin, line)) return Fail(ErrorCode::kInvalidArgument, "no password on standard input");
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Result<std::string> ReadPassword(bool from_stdin) {
  if (from_stdin) return ReadLine();
  if (isatty(STDIN_FILENO) == 0)
    return Fail(ErrorCode::kInvalidArgument, "no terminal to ask for the password; use --password-stdin");
  const QuietTerminal quiet;
  std::fputs("Password: ", stderr);
  TRY(std::string first, ReadLine());
  std::fputs("\nAgain: ", stderr);
  TRY(const std::string second, ReadLine());
  std::fputs("\n", stderr);
  if (first != second) return Fail(ErrorCode::kInvalidArgument, "the two passwords differ");
  return first;
}

}  // namespace

Result<int> RunUserCommand(const UserCommand& command) {
  TRY_VOID(PrepareDataFolder(command.config.data));
  TRY(const auto database, OpenDatabase(command.config));
  TRY(const auto box, OpenSecretBox(command.config));
  const SystemClock clock;
  accounts::Accounts accounts(*database, box, clock);
  TRY(const auto bootstrap, accounts::Bootstrap(*database, accounts.hasher, command.config.data, clock));
  TRY(const std::string password, ReadPassword(command.password_from_stdin));
  events::Actor actor;
  actor.name = "command line";
  if (command.verb == UserCommand::Verb::kCreate) {
    accounts::NewUser user;
    user.name = command.name;
    user.password = password;
    user.email = command.email;
    user.is_admin = command.admin;
    user.email_verified = true;  // the administrator vouches
    TRY(const auto created, accounts.accounts.CreateUser(user, accounts::NameRule::kAdministrator, actor));
    std::printf("user %s created\n", created.name.c_str());
    return 0;
  }
  TRY(const auto account, accounts.accounts.Find(command.name));
  TRY_VOID(accounts.accounts.SetPassword(account.id, password, actor));
  std::printf("password of %s set\n", account.name.c_str());
  return 0;
}

}  // namespace berth::app
