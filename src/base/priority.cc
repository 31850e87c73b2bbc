#include "base/priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace berth {

void GiveWay(int nice) {
  // Refused at worst; then it runs like everything else.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice);
}

}  // namespace berth
