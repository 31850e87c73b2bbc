// What clients sign in and ask with: Authorization headers, scopes of token requests, names and addresses.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "access/granted_actions.h"
#include "accounts/authenticator.h"
#include "accounts/email.h"
#include "accounts/names.h"
#include "base/encoding.h"
#include "base/text.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckScope(std::string_view text) {
  const auto entry = berth::access::ParseScope(text);
  if (!entry) return;
  Require(!entry->type.empty() && !entry->name.empty());
  for (const auto& action : entry->actions) Require(action.find(',') == std::string::npos);
}

void CheckName(std::string_view text) {
  using berth::accounts::NameRule;
  for (const auto rule : {NameRule::kSignUp, NameRule::kAdministrator}) {
    if (!berth::accounts::CheckAccountName(text, rule)) continue;
    Require(text.size() >= 2 && text.size() <= 30 && text.find("..") == std::string_view::npos);
    Require(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::accounts;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ParseBasic(text);
  const std::string bearer = "Bearer " + std::string(text);
  Require(bearer.find(ParseBearer(bearer)) != std::string::npos);
  Require(text.find(ParseBearer(text)) != std::string_view::npos);
  const auto basic = ParseBasic("Basic " + berth::Base64Encode("user:" + std::string(text)));
  if (basic) Require(basic->name == "user" && basic->secret == text);
  CheckScope(text);
  CheckName(text);
  if (CheckEmail(text)) Require(text.find_first_of("\r\n") == std::string_view::npos);
  return 0;
}
