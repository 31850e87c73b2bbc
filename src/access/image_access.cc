#include "access/image_access.h"

#include "access/badge.h"

namespace berth::access {
namespace {

// The strictest word of all organizations that the user belongs to.
constexpr sql::Query kRestriction{
    "access.image_restriction",
    "SELECT MIN(s.allow_official_images), MIN(s.allow_verified_publishers) FROM organization_member m "
    "JOIN organization_image_access s ON s.organization_id = m.organization_id AND s.is_enabled = 1 "
    "WHERE m.account_id = $1 HAVING COUNT(*) > 0"};
constexpr sql::Query kPublisher{
    "access.image_publisher",
    "SELECT r.badge, a.name, a.badge, (SELECT COUNT(*) FROM organization_member m WHERE m.organization_id = a.id "
    "AND m.account_id = $2) FROM repository r JOIN account a ON a.id = r.account_id WHERE r.id = $1"};

struct Restriction {
  bool official = true;
  bool verified = true;
};

struct Publisher {
  bool is_official = false;
  bool is_verified = false;
  bool is_own_organization = false;
};

Publisher PublisherFromRow(const sql::Row& row) {
  const std::string_view badge = ShownBadge(row.Text(0), row.Text(1), row.Text(2));
  return {.is_official = badge == "official",
          .is_verified = badge == "verified_publisher",
          .is_own_organization = row.Bool(3)};
}

}  // namespace

Result<bool> ImageAccessAllows(sql::Connection& connection, const accounts::Caller& caller,
                               const RepositoryFacts& repository) {
  using accounts::CredentialKind;
  const bool is_person = caller.kind == CredentialKind::kPassword || caller.kind == CredentialKind::kSession ||
                         caller.kind == CredentialKind::kPersonalToken;
  if (!is_person || caller.account == repository.owner) return true;
  TRY(const auto restriction, connection.One(kRestriction, {caller.account}, [](const sql::Row& row) {
    return Restriction{row.Bool(0), row.Bool(1)};
  }));
  if (!restriction) return true;
  TRY(const auto publisher, connection.One(kPublisher, {repository.id, caller.account}, PublisherFromRow));
  if (!publisher) return false;
  return publisher->is_own_organization || (publisher->is_official && restriction->official) ||
         (publisher->is_verified && restriction->verified);
}

}  // namespace berth::access
