#include "base/priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace berth {

void GiveWay(int nice) {
  const auto thread = static_cast<id_t>(::gettid());
  // Refused at worst; then it runs like everything else.
  (void)::setpriority(PRIO_PROCESS, thread, std::min(::getpriority(PRIO_PROCESS, thread) + nice, 19));
}

}  // namespace berth
