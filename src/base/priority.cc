#include "base/priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace berth {
namespace {

// struct sched_attr of sched_setattr(2), whose header collides with <sched.h>.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = 0;  // SCHED_OTHER
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;  // nanoseconds: the slice
  uint64_t deadline = 0;
  uint64_t period = 0;
};

constexpr uint64_t kShortestSlice = 100'000;

}  // namespace

void GiveWay(int nice) {
  const auto thread = static_cast<id_t>(::gettid());
  // Refused at worst; then it runs like everything else.
  (void)::setpriority(PRIO_PROCESS, thread, std::min(::getpriority(PRIO_PROCESS, thread) + nice, 19));
}

void AnswerSoon() {
  SchedulingAttributes wanted;
  wanted.nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  wanted.runtime = kShortestSlice;
  // Refused at worst, as in a container that forbids the call.
  (void)::syscall(SYS_sched_setattr, 0, &wanted, 0U);
}

}  // namespace berth
