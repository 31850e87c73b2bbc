#include "base/priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace berth {
namespace {

int NiceOfThisThread() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

TEST(GiveWayTest, ConcernsTheCallingThreadOnly) {
  const int before = NiceOfThisThread();
  int inside = before;
  std::thread([&] {
    GiveWay(kBackgroundNice);
    inside = NiceOfThisThread();
  }).join();
  EXPECT_EQ(inside, std::min(before + kBackgroundNice, 19));
  EXPECT_EQ(NiceOfThisThread(), before);
}

}  // namespace
}  // namespace berth
