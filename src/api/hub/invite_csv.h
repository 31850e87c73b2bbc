// Invitees from a CSV file (RFC 4180).
#pragma once

#include <string_view>
#include <vector>

#include "accounts/invitation_service.h"
#include "base/result.h"

namespace berth::api::hub {

// A first row that names a column `email`, `username`, `role` or `team` (any letter case) is a header: the invitee
// stands in the column `email` or `username`, where a row has it, else in the first; role and team count when their
// columns are there. Without a header the first column is the invitee. Empty rows are left out. kInvalidArgument, field
// `body`.
Result<std::vector<accounts::Invitee>> ReadInviteCsv(std::string_view text);

}  // namespace berth::api::hub
