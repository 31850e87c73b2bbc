#include "access/repository_facts.h"

namespace berth::access {
namespace {

constexpr sql::Query kFind{"access.repository",
                           "SELECT id, account_id, is_private, is_archived FROM repository WHERE full_name = $1"};

}  // namespace

std::string FullRepositoryName(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return std::string(name);
  return "library/" + std::string(name);
}

std::string_view NamespaceOf(std::string_view full_name) { return full_name.substr(0, full_name.find('/')); }

Result<std::optional<RepositoryFacts>> FindRepositoryFacts(sql::Connection& connection, std::string_view full_name) {
  return connection.One(kFind, {full_name}, [&](const sql::Row& row) {
    RepositoryFacts facts;
    facts.id = row.IdAt<RepositoryId>(0);
    facts.owner = row.IdAt<AccountId>(1);
    facts.full_name = full_name;
    facts.is_private = row.Bool(2);
    facts.is_archived = row.Bool(3);
    return facts;
  });
}

}  // namespace berth::access
