#include "events/event_log.h"

namespace berth::events {
namespace {

constexpr sql::Query kAppend{
    "event.append",
    "INSERT INTO event (type, account_id, account, repository_id, name, actor_id, actor, credential, "
    "address, data, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

}  // namespace

Result<void> Append(sql::Transaction& tx, const Actor& actor, const Event& event, Timestamp now) {
  TRY_VOID(tx.Run(kAppend, {event.type, event.account_id, event.account, event.repository_id, event.name, actor.id,
                            actor.name, actor.credential, actor.address, event.data, now}));
  return {};
}

}  // namespace berth::events
