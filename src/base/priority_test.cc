#include "base/priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
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

// Nanoseconds; 0 where the system has no such thing.
uint64_t SliceOfThisThread() {
  std::ifstream file("/proc/thread-self/sched");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("se.slice")) return std::stoull(line.substr(line.find(':') + 1));
  }
  return 0;
}

TEST(AnswerSoonTest, AsksForAShorterSliceAndKeepsThePriority) {
  if (SliceOfThisThread() == 0) GTEST_SKIP() << "this system does not tell slices";
  const int before = NiceOfThisThread();
  const uint64_t slice_before = SliceOfThisThread();
  uint64_t inside = 0;
  int nice = before;
  std::thread([&] {
    AnswerSoon();
    inside = SliceOfThisThread();
    nice = NiceOfThisThread();
  }).join();
  EXPECT_EQ(nice, before);
  EXPECT_EQ(SliceOfThisThread(), slice_before);
  if (inside == slice_before) GTEST_SKIP() << "this system's slices are fixed";
  EXPECT_EQ(inside, 100'000U);
}

}  // namespace
}  // namespace berth
