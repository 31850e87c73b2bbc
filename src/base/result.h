// Result<T>: a value or an Error. Expected failures are returned, exceptions are for bugs.
//
//   Result<Tag> FindTag(...) {
//     TRY(auto repository, store.Find(name));   // returns the error to our caller
//     TRY_VOID(Check(repository));
//     ...
//   }
//
// TRY declares its first argument; it is a statement of its own, never part of a braced initialiser (g++ 12 leaks
// there).
#pragma once

#include <expected>
#include <utility>

#include "base/error.h"

namespace berth {

template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using Base = std::expected<T, Error>;
  using Base::Base;
  Result(Error error) : Base(std::unexpected(std::move(error))) {}  // NOLINT: implicit by design
  Result(Base base) : Base(std::move(base)) {}                      // NOLINT
};

inline std::unexpected<Error> Fail(ErrorCode code, std::string message, std::string field = {}) {
  return std::unexpected(Error(code, std::move(message), std::move(field)));
}
inline std::unexpected<Error> Fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace berth

#define BERTH_CONCAT_INNER(a, b) a##b
#define BERTH_CONCAT(a, b) BERTH_CONCAT_INNER(a, b)
#define BERTH_TRY_IMPL(tmp, decl, expression)                           \
  auto tmp = (expression);                                              \
  if (!tmp.has_value()) return std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define TRY(decl, ...) BERTH_TRY_IMPL(BERTH_CONCAT(berth_try_, __LINE__), decl, (__VA_ARGS__))
#define TRY_VOID(...)                                                     \
  do {                                                                    \
    if (auto berth_try_void = (__VA_ARGS__); !berth_try_void.has_value()) \
      return std::unexpected(std::move(berth_try_void).error());          \
  } while (false)
