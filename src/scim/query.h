// Filters and orders of SCIM as SQL. Only fixed text and parameter numbers go into a statement; what a caller sent is
// always a parameter. Texts are compared without regard to case, but for `id` and `externalId` with eq and ne.
//
// A filter that names one user by an index (userName, externalId, id or an address, eq) narrows the statement to it, so
// that the look-ups which identity providers make for every user cost no walk through the organization.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "scim/filter.h"
#include "sql/value.h"

namespace berth::scim {

struct Order {
  std::string attribute;  // empty: as they were made
  bool descending = false;
};

// Builds one statement; $1 is the organization. Use once.
class Query {
 public:
  explicit Query(AccountId organization) { values_.push_back({.number = organization.value}); }

  // kInvalidArgument, invalidFilter: an attribute that can't be asked for, a comparison it does not have.
  Result<void> FilterUsers(const Filter& filter);
  Result<void> FilterGroups(const Filter& filter);
  // kInvalidArgument, invalidPath.
  Result<void> OrderUsers(const Order& order);
  Result<void> OrderGroups(const Order& order);

  std::string CountUsers() const;
  std::string CountGroups() const;
  // Columns as user_store.cc and group_store.cc read them.
  std::string SelectUsers(std::string_view columns, int64_t offset, int64_t limit);
  std::string SelectGroups(std::string_view columns, int64_t offset, int64_t limit);
  // Of the statement written last; views into this.
  std::vector<sql::Value> values() const;

 private:
  struct Attribute;
  struct Context;
  struct Parameter {
    std::optional<std::string> text;
    int64_t number = 0;
  };

  static const Context& Users();
  static const Context& Emails();
  static const Context& GroupsOfUser();
  static const Context& Groups();
  static const Context& MembersOfGroup();

  std::string Text(std::string text);
  std::string Number(int64_t number);
  Result<std::string> Compile(const Filter& filter, const Context& context);
  Result<std::string> CompileJoined(const Filter& filter, const Context& context);
  Result<std::string> CompileAttribute(const Filter& filter, const Context& context);
  Result<std::string> CompileInside(const Filter& filter, const Context& context);
  Result<std::string> CompileText(const Filter& filter, const Attribute& attribute);
  Result<std::string> CompileFlag(const Filter& filter, const Attribute& attribute);
  Result<std::string> CompileTime(const Filter& filter, const Attribute& attribute);
  static Result<std::string> OrderBy(const Order& order, const Context& context, std::string_view id);
  void Narrow(const Filter& filter);
  std::string FromUsers() const;

  std::string condition_;
  std::string order_;
  std::string candidates_;  // accounts that can match at all, as a statement; empty: any
  std::deque<Parameter> values_;
};

}  // namespace berth::scim
