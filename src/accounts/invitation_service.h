// The rules of invitations. One is for a user or for an e-mail address; its link works for 14 days, and it stays open
// after that: whom it is for can still answer it, and its senders can send it anew or cancel it. An open invitation
// takes a seat. Each change writes its event. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/invitation_store.h"
#include "accounts/role_permission.h"
#include "base/clock.h"
#include "events/event_log.h"
#include "sql/database.h"

namespace berth::accounts {

struct Invitee {
  std::string text;  // e-mail address or user name
  // As requests name them; empty: what the whole request says. `place` is that of the row, for errors.
  std::string role;
  std::string team;
  std::string place;
};

struct InviteRequest {
  std::vector<Invitee> invitees;  // 1 to 1000
  std::string role = "member";
  std::string team;       // empty: none
  bool dry_run = false;   // only say what would happen
  std::string link_page;  // path that the link's token is appended to: "/invitations/"
};

enum class InviteStatus { kInvited, kExists, kDuplicate, kInvalid, kNoSeat };
std::string_view ToString(InviteStatus status);  // "no_seat"

struct InviteOutcome {
  std::string invitee;
  InviteStatus status = InviteStatus::kInvited;
  std::optional<Invitation> invitation;  // when one was sent
};

class InvitationService {
 public:
  static constexpr std::chrono::hours kLinkLifetime{14 * 24};
  static constexpr size_t kMaxInvitees = 1000;

  InvitationService(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // One outcome an invitee, in order. All or nothing where the request itself is wrong: kInvalidArgument with the field
  // (`invitees`, `role`, `team`), kPermissionDenied for a role beyond `limit`.
  Result<std::vector<InviteOutcome>> Invite(const Account& organization, const InviteRequest& request,
                                            const GrantLimit& limit, const events::Actor& actor);
  // A new link for another 14 days; the old one stops working. kNotFound.
  Result<void> Resend(std::string_view uuid, std::string_view link_page, const events::Actor& actor);
  Result<void> Cancel(std::string_view uuid);  // kNotFound

  // Whether the invitation is for this user: his account or his confirmed address.
  static bool IsFor(const Invitation& invitation, const Account& user);
  // Joins the organization and the team. One who is a member already keeps his role. kNotFound when it is not open or
  // not for this user.
  Result<Membership> Accept(std::string_view uuid, const Account& user, const events::Actor& actor);
  // By the link. Whoever has the link to an address may use it; one for a user is for that user alone (kNotFound).
  Result<Membership> AcceptByToken(std::string_view token, const Account& user, const events::Actor& actor);
  Result<void> Decline(std::string_view uuid, const Account& user);  // kNotFound

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace berth::accounts
