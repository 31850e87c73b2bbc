#include "base/error.h"

namespace berth {

std::string_view ToString(ErrorCode code) {
  switch (code) {
#define BERTH_ERROR_CASE(c) \
  case ErrorCode::c:        \
    return std::string_view(#c).substr(1);
    BERTH_ERROR_CODES(BERTH_ERROR_CASE)
#undef BERTH_ERROR_CASE
  }
  return "Internal";
}

}  // namespace berth
