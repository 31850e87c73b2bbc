#include "notifications/notifier.h"

#include <optional>
#include <string>
#include <vector>

#include "accounts/account_store.h"
#include "events/reader.h"
#include "json/value.h"
#include "limits/plan.h"
#include "notifications/notification_store.h"

namespace berth::notifications {
namespace {

using accounts::Account;
using accounts::AccountStore;

constexpr std::string_view kConsumer = "notifications";
constexpr int64_t kEventsAtOnce = 200;
constexpr int64_t kRowsAtOnce = 500;

constexpr sql::Query kOwners{
    "notification.owners",
    "SELECT account_id FROM organization_member WHERE organization_id = $1 AND role = 'owner' ORDER BY account_id"};
constexpr sql::Query kPrivateRepositories{"notification.private_repositories",
                                          "SELECT COUNT(*) FROM repository WHERE account_id = $1 AND is_private = 1"};
constexpr sql::Query kMembers{"notification.members",
                              "SELECT COUNT(*) FROM organization_member WHERE organization_id = $1"};
// Personal tokens concern their owner, an organization's tokens its owners.
constexpr sql::Query kExpiring{
    "notification.expiring_tokens",
    "SELECT COALESCE(m.account_id, a.id), t.uuid, t.label, a.name, a.kind, t.expires_at FROM access_token t "
    "JOIN account a ON a.id = t.account_id "
    "LEFT JOIN organization_member m ON a.kind = 'organization' AND m.organization_id = a.id AND m.role = 'owner' "
    "WHERE t.expires_at > $1 AND t.expires_at <= $2 AND t.is_active = 1 AND (a.kind = 'user' OR m.account_id IS NOT "
    "NULL) "
    "AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.account_id = COALESCE(m.account_id, a.id) "
    "AND n.subject = 'token:' || t.uuid) ORDER BY t.expires_at LIMIT $3"};
constexpr sql::Query kDeadJobs{
    "notification.dead_jobs",
    "SELECT a.id, j.id, j.claims, j.kind, j.last_error FROM job j JOIN account a ON a.is_admin = 1 AND a.is_active = 1 "
    "AND a.kind = 'user' WHERE j.state = 'dead' AND NOT EXISTS (SELECT 1 FROM notification n "
    "WHERE n.account_id = a.id AND n.subject = 'job:' || j.id || ':' || j.claims) ORDER BY j.id LIMIT $1"};

// An event that may concern somebody, copied out of the log.
struct Heard {
  int64_t id = 0;
  std::string type;
  AccountId account_id;
  std::string account;
  std::string name;
  AccountId actor_id;
  std::string actor;
  std::string data;
};

bool Concerns(std::string_view type) {
  return type == "org.member.invite.send" || type == "org.member.role.change" || type == "org.member.add" ||
         type == "repo.update" || type == "repo.create" || type == "repo.change_privacy" ||
         type == "user.device.approve";
}

// The first of `keys` that the event's data has as text.
std::string TextOf(const json::Document& data, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const auto member = data.root().Find(key);
    const auto text = member ? member->AsString() : std::nullopt;
    if (text && !text->empty()) return std::string(*text);
  }
  return {};
}

// Whom a name or an e-mail address of an event means today; an address only when it is proved.
Result<std::optional<Account>> FindPerson(sql::Connection& connection, const std::string& who) {
  const bool is_email = who.find('@') != std::string::npos;
  TRY(auto account,
      is_email ? AccountStore::FindUserByEmail(connection, who) : AccountStore::FindByName(connection, who));
  if (!account || !account->IsUser() || !account->is_active || (is_email && !account->email_verified)) {
    return std::optional<Account>();
  }
  return account;
}

std::string Article(std::string_view role) {
  return (role == "owner" || role == "editor" ? "an " : "a ") + std::string(role);
}

class Listener {
 public:
  Listener(sql::Transaction& tx, Timestamp now) : tx_(tx), now_(now) {}

  Result<void> Hear(const Heard& event) {
    TRY(const auto data, json::Document::Parse(event.data));
    if (event.type == "org.member.invite.send") return Invited(event, data);
    if (event.type == "org.member.role.change") return RoleChanged(event, data);
    if (event.type == "org.member.add") {
      TRY_VOID(Added(event, data));
      return SeatsFull(event);
    }
    if (event.type == "repo.update") return AccessGiven(event, data);
    if (event.type == "user.device.approve") return DeviceApproved(event, data);
    return PrivateRepositoriesFull(event);
  }

 private:
  Result<void> Tell(AccountId account, const Heard& event, Kind kind, const std::string& title, const std::string& body,
                    const std::string& link) {
    // Nobody needs to be told what he did himself.
    if (account == event.actor_id && kind != Kind::kDeviceRequest && kind != Kind::kPlanLimit) return {};
    return Add(tx_, account, kind, "event:" + std::to_string(event.id), title, body, link, now_);
  }

  Result<void> Invited(const Heard& event, const json::Document& data) {
    std::string who = TextOf(data, {"username", "invitee"});
    if (who.empty()) who = event.name;
    TRY(const auto person, FindPerson(tx_, who));
    if (!person) return {};
    return Tell(person->id, event, Kind::kInvitation, "You are invited to " + event.account,
                event.actor.empty() ? "" : event.actor + " invites you to join the organization.", "/notifications");
  }

  Result<void> RoleChanged(const Heard& event, const json::Document& data) {
    TRY(const auto person, FindPerson(tx_, TextOf(data, {"username"})));
    if (!person) return {};
    const std::string role = TextOf(data, {"role"});
    return Tell(person->id, event, Kind::kRoleChanged, "You are now " + Article(role) + " of " + event.account,
                event.actor.empty() ? "" : event.actor + " changed your role.", "/orgs/" + event.account);
  }

  Result<void> Added(const Heard& event, const json::Document& data) {
    TRY(const auto person, FindPerson(tx_, TextOf(data, {"username"})));
    if (!person) return {};
    const std::string role = TextOf(data, {"role"});
    return Tell(person->id, event, Kind::kRoleChanged, "You are " + Article(role) + " of " + event.account + " now",
                event.actor.empty() ? "" : event.actor + " added you.", "/orgs/" + event.account);
  }

  Result<void> AccessGiven(const Heard& event, const json::Document& data) {
    const std::string who = TextOf(data, {"collaborator_added"});
    if (who.empty()) return {};
    TRY(const auto person, FindPerson(tx_, who));
    if (!person) return {};
    return Tell(person->id, event, Kind::kRoleChanged, "You can push to " + event.name,
                event.actor.empty() ? "" : event.actor + " made you a collaborator.", "/r/" + event.name);
  }

  Result<void> DeviceApproved(const Heard& event, const json::Document& data) {
    const std::string address = TextOf(data, {"address"});
    return Tell(event.account_id, event, Kind::kDeviceRequest, "A device signed in with your account",
                address.empty() ? "" : "The request came from " + address + ".", "/account/sessions");
  }

  // Heads of a namespace: the user, or the organization's owners.
  Result<void> TellHeads(const Account& account, const Heard& event, const std::string& subject,
                         const std::string& title, const std::string& body) {
    std::vector<AccountId> heads;
    if (account.IsUser()) {
      heads.push_back(account.id);
    } else {
      TRY(heads, tx_.All(kOwners, {account.id}, [](const sql::Row& row) { return row.IdAt<AccountId>(0); }));
    }
    for (const AccountId head : heads) {
      TRY_VOID(Add(tx_, head, Kind::kPlanLimit, subject, title, body,
                   account.IsUser() ? "/account/storage" : "/orgs/" + event.account + "/usage", now_));
    }
    return {};
  }

  struct Planned {
    Account account;
    limits::Plan plan;
  };
  // Only a plan that was assigned is a limit worth a word.
  Result<std::optional<Planned>> PlanOf(AccountId id) {
    TRY(auto account, AccountStore::FindById(tx_, id));
    if (!account || account->plan.empty()) return std::optional<Planned>();
    TRY(auto plan, limits::PlanStore::Find(tx_, account->plan));
    if (!plan) return std::optional<Planned>();
    return std::optional<Planned>(Planned{*std::move(account), *std::move(plan)});
  }

  Result<void> Full(const Heard& event, const sql::Query& count, int64_t limits::Plan::* limit,
                    const std::string& what) {
    TRY(const auto planned, PlanOf(event.account_id));
    if (!planned || planned->plan.*limit == limits::kUnlimited) return {};
    TRY(const auto used, tx_.One(count, {event.account_id}, [](const sql::Row& row) { return row.Int(0); }));
    const int64_t allowed = planned->plan.*limit;
    if (used.value_or(0) < allowed) return {};
    const std::string number = std::to_string(allowed);
    return TellHeads(planned->account, event, "plan:" + what + ":" + planned->plan.name + ":" + number,
                     event.account + " has used up its " + what,
                     "The plan " + planned->plan.title + " holds " + number + ".");
  }
  Result<void> PrivateRepositoriesFull(const Heard& event) {
    return Full(event, kPrivateRepositories, &limits::Plan::private_repositories, "private repositories");
  }
  Result<void> SeatsFull(const Heard& event) { return Full(event, kMembers, &limits::Plan::seats, "seats"); }

  sql::Transaction& tx_;
  const Timestamp now_;
};

struct ExpiringToken {
  AccountId account;
  std::string uuid, label, owner;
  bool is_personal;
  Timestamp expires_at;
};

Result<void> WarnOfTokens(sql::Transaction& tx, Timestamp now) {
  TRY(const auto tokens, tx.All(kExpiring, {now, now + Notifier::kTokenWarning, kRowsAtOnce}, [](const sql::Row& row) {
    return ExpiringToken{row.IdAt<AccountId>(0), row.String(1),         row.String(2),
                         row.String(3),          row.Text(4) == "user", row.Time(5)};
  }));
  for (const ExpiringToken& token : tokens) {
    const std::string whose = token.is_personal ? "" : " of " + token.owner;
    TRY_VOID(Add(tx, token.account, Kind::kTokenExpiring, "token:" + token.uuid,
                 "The token " + token.label + whose + " expires soon",
                 "It stops working on " + FormatRfc3339(token.expires_at).substr(0, 10) + ".",
                 token.is_personal ? "/account/tokens" : "/orgs/" + token.owner + "/tokens", now));
  }
  return {};
}

struct DeadJob {
  AccountId account;
  int64_t id;
  int64_t claims;  // grows with each lease: a job may die again after a replay
  std::string kind, error;
};

Result<void> TellOfJobs(sql::Transaction& tx, Timestamp now) {
  TRY(const auto jobs, tx.All(kDeadJobs, {kRowsAtOnce}, [](const sql::Row& row) {
    return DeadJob{row.IdAt<AccountId>(0), row.Int(1), row.Int(2), row.String(3), row.String(4)};
  }));
  for (const DeadJob& job : jobs) {
    const std::string subject = "job:" + std::to_string(job.id) + ":" + std::to_string(job.claims);
    TRY_VOID(Add(tx, job.account, Kind::kJobFailed, subject, "The job " + job.kind + " was given up", job.error,
                 "/admin/jobs", now));
  }
  return {};
}

}  // namespace

Result<bool> Notifier::ReadSome() {
  return database_.Write([&](sql::Transaction& tx) -> Result<bool> {
    TRY(const auto before, events::LoadCursor(tx, kConsumer));
    std::vector<Heard> heard;
    TRY(const auto after, events::ReadAfter(tx, before, kEventsAtOnce, [&](const events::StoredEvent& e) {
          if (!Concerns(e.type)) return;
          heard.push_back({e.position.id.value, std::string(e.type), e.account_id, std::string(e.account),
                           std::string(e.name), e.actor_id, std::string(e.actor), std::string(e.data)});
        }));
    if (after == before) return false;
    Listener listener(tx, clock_.Now());
    for (const Heard& event : heard) TRY_VOID(listener.Hear(event));
    TRY_VOID(events::SaveCursor(tx, kConsumer, after));
    return true;
  });
}

Result<void> Notifier::ReadLog() {
  // Without anything new it takes no write transaction.
  while (true) {
    TRY(const bool fresh, database_.Read([](sql::Connection& c) -> Result<bool> {
      TRY(const auto cursor, events::LoadCursor(c, kConsumer));
      TRY(const auto next, events::ReadAfter(c, cursor, 1, [](const events::StoredEvent&) {}));
      return next != cursor;
    }));
    if (!fresh) return {};
    TRY(const bool read, ReadSome());
    if (!read) return {};
  }
}

Result<void> Notifier::LookAround() {
  return database_.Write([&](sql::Transaction& tx) -> Result<void> {
    const Timestamp now = clock_.Now();
    TRY_VOID(WarnOfTokens(tx, now));
    TRY_VOID(TellOfJobs(tx, now));
    TRY_VOID(DeleteOlder(tx, now - kRetention, kRowsAtOnce));
    return {};
  });
}

}  // namespace berth::notifications
