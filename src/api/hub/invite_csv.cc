#include "api/hub/invite_csv.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"

namespace berth::api::hub {
namespace {

using Cells = std::vector<std::string>;

Error Malformed(const std::string& reason) {
  return Error(ErrorCode::kInvalidArgument, "the CSV file " + reason, "body");
}

// Reads rows one after another.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);  // as spreadsheets write it
  }

  bool AtEnd() const { return at_ >= text_.size(); }

  Result<Cells> Row() {
    Cells cells;
    while (true) {
      TRY(std::string cell, Cell());
      cells.push_back(std::move(cell));
      if (AtEnd()) return cells;
      const char c = text_[at_++];
      if (c == ',') continue;
      if (c == '\r' && !AtEnd() && text_[at_] == '\n') ++at_;
      return cells;
    }
  }

 private:
  Result<std::string> Cell() {
    if (AtEnd() || text_[at_] != '"') {
      const size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
      const std::string_view cell = text_.substr(at_, end - at_);
      at_ = end;
      return std::string(Trim(cell));
    }
    std::string cell;
    for (++at_; !AtEnd(); ++at_) {
      if (text_[at_] != '"') {
        cell += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        cell += text_[++at_];
      } else {
        ++at_;
        if (!AtEnd() && std::string_view(",\r\n").find(text_[at_]) == std::string_view::npos)
          return Fail(Malformed("has text behind a closing quote"));
        return cell;
      }
    }
    return Fail(Malformed("ends inside a quoted field"));
  }

  std::string_view text_;
  size_t at_ = 0;
};

struct Columns {
  std::optional<size_t> email, username, role, team;
  bool any() const { return email || username || role || team; }
};

Columns ReadHeader(const Cells& cells) {
  Columns columns;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string name = AsciiLower(Trim(cells[i]));
    if (name == "email" || name == "e-mail") columns.email = i;
    if (name == "username") columns.username = i;
    if (name == "role") columns.role = i;
    if (name == "team") columns.team = i;
  }
  return columns;
}

std::string At(const Cells& cells, std::optional<size_t> column) {
  return column && *column < cells.size() ? cells[*column] : std::string();
}

accounts::Invitee ReadInvitee(const Cells& cells, const Columns& columns) {
  accounts::Invitee invitee;
  invitee.text = At(cells, columns.email);
  if (invitee.text.empty()) invitee.text = At(cells, columns.username);
  if (invitee.text.empty() && !columns.email && !columns.username) invitee.text = At(cells, 0);
  invitee.role = At(cells, columns.role);
  invitee.team = At(cells, columns.team);
  return invitee;
}

}  // namespace

Result<std::vector<accounts::Invitee>> ReadInviteCsv(std::string_view text) {
  if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) return Fail(Malformed("is not UTF-8 text"));
  Reader reader(text);
  Columns columns;
  std::vector<accounts::Invitee> invitees;
  for (size_t row = 1; !reader.AtEnd(); ++row) {
    TRY(const Cells cells, reader.Row());
    if (std::ranges::all_of(cells, &std::string::empty)) continue;
    if (row == 1) {
      columns = ReadHeader(cells);
      if (columns.any()) continue;
    }
    if (invitees.size() >= accounts::InvitationService::kMaxInvitees)
      return Fail(Malformed("names more than 1000 people"));
    invitees.push_back(ReadInvitee(cells, columns));
    invitees.back().place = "row[" + std::to_string(row) + "]";
  }
  if (invitees.empty()) return Fail(Malformed("names nobody"));
  return invitees;
}

}  // namespace berth::api::hub
