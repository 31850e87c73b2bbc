// Bodies, forms, queries, cookies, cursors and files of the Hub API. The first byte picks how the text is sent.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "api/hub/binding.h"
#include "api/hub/csv.h"
#include "api/hub/cursor.h"
#include "api/hub/gate.h"
#include "api/hub/invite_csv.h"
#include "api/hub/page.h"

namespace {

using namespace berth;
using namespace berth::api::hub;

struct Inner {
  json::Required<std::string> id;
  std::optional<bool> flag;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (id, flag))

struct Sample {
  std::string name;
  json::Required<std::string> secret;
  std::optional<int64_t> limit;
  int32_t small = 0;
  bool flag = false;
  std::optional<Timestamp> from;
  std::vector<std::string> scopes;
  std::vector<Inner> rows;
  json::RawJson body;
};
BOOST_DESCRIBE_STRUCT(Sample, (), (name, secret, limit, small, flag, from, scopes, rows, body))

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckBinding(std::string_view text, uint8_t way) {
  const std::array<http::Header, 1> headers{{{"Content-Type", "application/x-www-form-urlencoded"}}};
  http::Request request;
  request.params = {{"name", "of-the-path"}};
  if ((way & 1) != 0) request.headers = headers;
  (way & 2) != 0 ? request.query = text : request.body = text;
  const auto bound = Bind<Sample>(request);
  if (!bound) {
    Require(bound.error().code == ErrorCode::kInvalidArgument);
    return;
  }
  Require(bound->name == "of-the-path");  // a body never speaks of another object than the path
  Require(IsValidUtf8(*bound->secret));
  for (const auto& scope : bound->scopes) Require(IsValidUtf8(scope));
  for (const auto& row : bound->rows) Require(IsValidUtf8(*row.id));
}

// A cookie alone never acts, only reads.
void CheckCookie(std::string_view text) {
  const std::string own = "berth_session=" + std::string(text);
  for (const std::string_view cookie : {text, std::string_view(own)}) {
    const std::array<http::Header, 2> headers{{{"Cookie", cookie}, {"X-Berth-CSRF", text}}};
    http::Request request;
    request.headers = headers;
    request.method = http::Method::kGet;
    const std::string read = AuthorizationOf(request);
    Require(read.empty() || (read.starts_with("Bearer ") && cookie.find(read.substr(7)) != cookie.npos));
    request.method = http::Method::kPost;
    const std::string written = AuthorizationOf(request);
    Require(written.empty() || CsrfTokenOf(std::string_view(written).substr(7)) == text);
  }
}

void CheckLists(std::string_view text) {
  if (const auto cursor = ReadCursor(text, "cursor"); cursor && *cursor) {
    const auto again = ReadCursor(MakeCursor(**cursor), "cursor");
    Require(again && *again && (*again)->key == (*cursor)->key && (*again)->id == (*cursor)->id);
    (void)CursorNumber(**cursor, "cursor");
  }
  if (const auto invitees = ReadInviteCsv(text)) {
    Require(!invitees->empty() && invitees->size() <= 1000);
    for (const auto& invitee : *invitees) Require(invitee.place.starts_with("row[") && IsValidUtf8(invitee.text));
  }
  const std::string field = CsvField(text);
  Require(field.size() >= text.size() + 2 && field.front() == '"' && field.back() == '"');
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != text.npos) Require(field[1] == '\'');
  const auto wanted = ParseNumber<int64_t>(text);
  for (const auto page : {wanted, std::optional(std::numeric_limits<int64_t>::max())}) {
    if (const auto range = MakePageRange(page, wanted)) Require(range->offset() >= 0 && range->size <= 100);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  CheckBinding(text, data[0]);
  CheckCookie(text);
  CheckLists(text);
  return 0;
}
