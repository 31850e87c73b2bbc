#include "accounts/invitation_service.h"

#include <map>
#include <set>

#include "accounts/account_links.h"
#include "accounts/account_store.h"
#include "accounts/custom_role_store.h"
#include "accounts/email.h"
#include "accounts/membership.h"
#include "accounts/organization_service.h"
#include "accounts/token_service.h"
#include "base/text.h"
#include "crypto/random.h"
#include "json/writer.h"
#include "limits/plan.h"
#include "limits/quota.h"

namespace berth::accounts {
namespace {

Error NotOpen() { return Error(ErrorCode::kNotFound, "this invitation is unknown, was answered or is over"); }

// What one row asks for, found in the organization.
struct Offer {
  GivenRole role;
  std::optional<TeamId> team;
  std::string team_name;
};

// Finds roles and teams of a request once each.
class Offers {
 public:
  Offers(sql::Connection& connection, AccountId organization, const GrantLimit& limit)
      : connection_(connection), organization_(organization), limit_(limit) {}

  Result<Offer> Find(std::string_view role, std::string_view team, std::string_view place) {
    const std::string prefix = place.empty() ? "" : std::string(place) + ".";
    const auto known = known_.find({std::string(role), std::string(team)});
    if (known != known_.end()) return known->second;
    TRY(const auto given, CustomRoleStore::Resolve(connection_, organization_, role));
    if (!given)
      return Fail(ErrorCode::kInvalidArgument, "must be owner, editor, member or a custom role", prefix + "role");
    Offer offer;
    offer.role = *given;
    if (!team.empty()) {
      TRY(const auto found, OrganizationStore::FindTeam(connection_, organization_, team));
      if (!found) return Fail(ErrorCode::kInvalidArgument, "no such team", prefix + "team");
      // Being in that team is being an owner.
      if (found->name == kOwnersTeam) offer.role = OrganizationRole::kOwner;
      offer.team = found->id;
      offer.team_name = found->name;
    }
    TRY_VOID(CheckGrant(offer.role));
    known_.emplace(std::pair(std::string(role), std::string(team)), offer);
    return offer;
  }

 private:
  Result<void> CheckGrant(const GivenRole& role) {
    if (role.custom != 0) TRY_VOID(limits::CheckFeature(connection_, organization_, limits::Feature::kCustomRoles));
    if (limit_.unlimited) return {};
    PermissionSet custom;
    if (role.custom != 0) {
      TRY(custom, CustomRoleStore::Permissions(connection_, role.custom));
    }
    if (limit_.Covers(role.base, custom)) return {};
    return Fail(ErrorCode::kPermissionDenied,
                "the role " + std::string(role.name()) + " allows more than you may do yourself");
  }

  sql::Connection& connection_;
  AccountId organization_;
  const GrantLimit& limit_;
  std::map<std::pair<std::string, std::string>, Offer> known_;
};

// Whom a row names.
struct Addressee {
  std::string invitee;  // in the form that is kept
  std::string email;
  std::optional<Account> account;
};

Result<std::optional<Addressee>> FindAddressee(sql::Connection& connection, std::string_view text) {
  Addressee addressee;
  addressee.invitee = AsciiLower(Trim(text));
  if (addressee.invitee.empty() || !IsValidUtf8(addressee.invitee) || addressee.invitee.find('\0') != std::string::npos)
    return std::optional<Addressee>();
  if (addressee.invitee.find('@') != std::string::npos) {
    if (!CheckEmail(addressee.invitee)) return std::optional<Addressee>();
    addressee.email = addressee.invitee;
    TRY(addressee.account, AccountStore::FindUserByEmail(connection, addressee.email));
    // Somebody else may have written the address down; only its owner could confirm it.
    if (addressee.account && !addressee.account->email_verified) addressee.account.reset();
    return std::optional(std::move(addressee));
  }
  TRY(addressee.account, AccountStore::FindByName(connection, addressee.invitee));
  if (!addressee.account || !addressee.account->IsUser() || !addressee.account->is_active)
    return std::optional<Addressee>();
  return std::optional(std::move(addressee));
}

std::optional<AccountId> IdOf(const Addressee& addressee) {
  if (!addressee.account) return std::nullopt;
  return addressee.account->id;
}

// Where the mail goes; empty: nowhere, the invitation waits on the site.
std::string MailAddress(const std::string& invited_email, const std::optional<Account>& account) {
  if (!invited_email.empty()) return invited_email;
  return account && account->email_verified ? account->email : std::string();
}

Result<void> SendMail(sql::Transaction& tx, const Invitation& invitation, const std::string& to,
                      const std::string& link, Timestamp now) {
  if (to.empty()) return {};
  const std::string& organization =
      invitation.organization.full_name.empty() ? invitation.organization.name : invitation.organization.full_name;
  std::string body = "Hello,\n\n" + invitation.inviter + " invites you to join " + organization + " (" +
                     invitation.organization.name + ") as " + std::string(invitation.role.name());
  if (!invitation.team_name.empty()) body += ", in the team " + invitation.team_name;
  body += ":\n\n" + link + "\n\nThe link works for 14 days. If you do not want to join, ignore this mail.\n";
  return MailStore::Add(
      tx, {0, to, invitation.inviter + " invites you to " + invitation.organization.name, body, link, now});
}

Result<void> LogSent(sql::Transaction& tx, const Invitation& invitation, std::string_view username,
                     const events::Actor& actor, Timestamp now) {
  json::Writer w;
  w.BeginObject().Key("invite_id").String(invitation.uuid).Key("invitee").String(invitation.invitee);
  w.Key("username").String(username).Key("role").String(invitation.role.name());
  w.Key("team").String(invitation.team_name).EndObject();
  events::Event event;
  event.type = "org.member.invite.send";
  event.account_id = invitation.organization.id;
  event.account = invitation.organization.name;
  event.name = invitation.invitee;
  event.data = w.text();
  return events::Append(tx, actor, event, now);
}

// One request at work: what the rows before have taken counts too.
class Round {
 public:
  Round(const Account& organization, const InviteRequest& request, const events::Actor& actor, Timestamp now)
      : organization_(organization), request_(request), actor_(actor), now_(now) {}

  // `tx` is null on a dry run.
  Result<std::vector<InviteOutcome>> Run(sql::Connection& connection, sql::Transaction* tx, const GrantLimit& limit) {
    TRY(const int64_t seats, limits::QuotaOf(connection, organization_.id, limits::Quota::kSeats));
    TRY(int64_t used, OrganizationStore::CountSeats(connection, organization_.id));
    Offers offers(connection, organization_.id, limit);
    std::vector<InviteOutcome> outcomes;
    for (const Invitee& row : request_.invitees) {
      TRY(const Offer offer, offers.Find(row.role.empty() ? request_.role : row.role,
                                         row.team.empty() ? request_.team : row.team, row.place));
      InviteOutcome outcome{row.text, InviteStatus::kInvited, std::nullopt};
      TRY(const auto addressee, FindAddressee(connection, row.text));
      TRY(outcome.status, StatusOf(connection, addressee));
      if (outcome.status == InviteStatus::kInvited && seats != limits::kUnlimited && used + 1 > seats)
        outcome.status = InviteStatus::kNoSeat;
      if (outcome.status == InviteStatus::kInvited) {
        ++used;
        Remember(*addressee);
        if (tx != nullptr) {
          TRY(outcome.invitation, Send(*tx, *addressee, offer));
        }
      }
      outcomes.push_back(std::move(outcome));
    }
    return outcomes;
  }

 private:
  Result<InviteStatus> StatusOf(sql::Connection& connection, const std::optional<Addressee>& addressee) {
    if (!addressee) return InviteStatus::kInvalid;
    const auto id = IdOf(*addressee);
    if (id) {
      TRY(const auto role, OrganizationStore::FindRole(connection, organization_.id, *id));
      if (role) return InviteStatus::kExists;
    }
    if (named_.contains(addressee->invitee) || (id && reached_.contains(*id))) return InviteStatus::kDuplicate;
    const bool confirmed = addressee->account && addressee->account->email_verified;
    TRY(const bool open, InvitationStore::IsOpen(connection, organization_.id, addressee->invitee, id,
                                                 confirmed ? addressee->account->email : addressee->email));
    return open ? InviteStatus::kDuplicate : InviteStatus::kInvited;
  }

  void Remember(const Addressee& addressee) {
    named_.insert(addressee.invitee);
    if (addressee.account) reached_.insert(addressee.account->id);
  }

  Result<Invitation> Send(sql::Transaction& tx, const Addressee& addressee, const Offer& offer) {
    Invitation invitation;
    invitation.uuid = crypto::NewUuid();
    invitation.organization = organization_;
    invitation.invitee = addressee.invitee;
    invitation.account = IdOf(addressee);
    invitation.email = addressee.email;
    invitation.inviter = actor_.name;
    invitation.team = offer.team;
    invitation.team_name = offer.team_name;
    invitation.role = offer.role;
    invitation.created_at = now_;
    invitation.expires_at = now_ + InvitationService::kLinkLifetime;
    const std::string token = crypto::RandomText(43);
    TRY_VOID(InvitationStore::Insert(tx, invitation, HashSecret(token)));
    TRY_VOID(
        SendMail(tx, invitation, MailAddress(addressee.email, addressee.account), request_.link_page + token, now_));
    TRY_VOID(LogSent(tx, invitation, addressee.account ? addressee.account->name : "", actor_, now_));
    return invitation;
  }

  const Account& organization_;
  const InviteRequest& request_;
  const events::Actor& actor_;
  Timestamp now_;
  std::set<std::string> named_;
  std::set<AccountId> reached_;
};

Result<Membership> Join(sql::Transaction& tx, const Invitation& invitation, const Account& user,
                        const events::Actor& actor, Timestamp now) {
  TRY_VOID(InvitationStore::Delete(tx, invitation.row));
  TRY(const auto before, OrganizationStore::FindGivenRole(tx, invitation.organization.id, user.id));
  if (!before) TRY_VOID(SetMemberRole(tx, invitation.organization, user, invitation.role, actor, now));
  if (invitation.team && invitation.team_name != kOwnersTeam) {
    TRY(const auto team, OrganizationStore::FindTeamById(tx, invitation.organization.id, *invitation.team));
    if (team) TRY_VOID(JoinTeam(tx, invitation.organization, *team, user, actor, now));
  }
  Membership membership;
  membership.organization = invitation.organization;
  membership.role = before.value_or(invitation.role);
  return membership;
}

}  // namespace

std::string_view ToString(InviteStatus status) {
  switch (status) {
    case InviteStatus::kInvited:
      return "invited";
    case InviteStatus::kExists:
      return "exists";
    case InviteStatus::kDuplicate:
      return "duplicate";
    case InviteStatus::kInvalid:
      return "invalid";
    case InviteStatus::kNoSeat:
      return "no_seat";
  }
  return "invalid";
}

Result<std::vector<InviteOutcome>> InvitationService::Invite(const Account& organization, const InviteRequest& request,
                                                             const GrantLimit& limit, const events::Actor& actor) {
  if (request.invitees.empty() || request.invitees.size() > kMaxInvitees)
    return Fail(ErrorCode::kInvalidArgument, "must name 1 to 1000 people", "invitees");
  const Timestamp now = clock_.Now();
  if (request.dry_run) {
    return database_.Read([&](sql::Connection& connection) {
      return Round(organization, request, actor, now).Run(connection, nullptr, limit);
    });
  }
  return database_.Write(
      [&](sql::Transaction& tx) { return Round(organization, request, actor, now).Run(tx, &tx, limit); });
}

Result<void> InvitationService::Resend(std::string_view uuid, std::string_view link_page, const events::Actor& actor) {
  const Timestamp now = clock_.Now();
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(auto invitation, InvitationStore::Find(tx, uuid));
    if (!invitation) return Fail(NotOpen());
    std::optional<Account> account;
    if (invitation->account) {
      TRY(account, AccountStore::FindById(tx, *invitation->account));
    }
    const std::string token = crypto::RandomText(43);
    TRY_VOID(InvitationStore::Renew(tx, invitation->row, HashSecret(token), now + kLinkLifetime));
    TRY_VOID(SendMail(tx, *invitation, MailAddress(invitation->email, account), std::string(link_page) + token, now));
    return LogSent(tx, *invitation, account ? account->name : "", actor, now);
  });
}

Result<void> InvitationService::Cancel(std::string_view uuid) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto invitation, InvitationStore::Find(tx, uuid));
    if (!invitation) return Fail(NotOpen());
    TRY_VOID(InvitationStore::Delete(tx, invitation->row));
    return {};
  });
}

bool InvitationService::IsFor(const Invitation& invitation, const Account& user) {
  if (invitation.account == user.id) return true;
  return !invitation.email.empty() && user.email_verified && invitation.email == user.email;
}

Result<Membership> InvitationService::Accept(std::string_view uuid, const Account& user, const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<Membership> {
    TRY(const auto invitation, InvitationStore::Find(tx, uuid));
    if (!invitation || !IsFor(*invitation, user)) return Fail(NotOpen());
    return Join(tx, *invitation, user, actor, clock_.Now());
  });
}

Result<Membership> InvitationService::AcceptByToken(std::string_view token, const Account& user,
                                                    const events::Actor& actor) {
  return database_.Write([&](sql::Transaction& tx) -> Result<Membership> {
    TRY(const auto invitation, InvitationStore::FindByToken(tx, HashSecret(token), clock_.Now()));
    if (!invitation || (invitation->email.empty() && !IsFor(*invitation, user))) return Fail(NotOpen());
    return Join(tx, *invitation, user, actor, clock_.Now());
  });
}

Result<void> InvitationService::Decline(std::string_view uuid, const Account& user) {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    TRY(const auto invitation, InvitationStore::Find(tx, uuid));
    if (!invitation || !IsFor(*invitation, user)) return Fail(NotOpen());
    TRY_VOID(InvitationStore::Delete(tx, invitation->row));
    return {};
  });
}

}  // namespace berth::accounts
