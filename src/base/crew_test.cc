#include "base/crew.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <set>
#include <thread>
#include <vector>

#include "base/priority.h"

namespace berth {
namespace {

int NiceOfThisThread() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

TEST(CrewTest, WorksAtItsOwnPriorityOnAThreadThatStays) {
  Crew crew("test-crew", 1, kBackgroundNice);
  const int before = NiceOfThisThread();
  std::set<std::thread::id> threads;
  int nice = before;
  for (int i = 0; i < 10; ++i) {
    crew.Do([&] {
      threads.insert(std::this_thread::get_id());
      nice = NiceOfThisThread();
    });
  }
  EXPECT_EQ(threads.size(), 1U);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
  EXPECT_EQ(nice, std::min(before + kBackgroundNice, 19));
  EXPECT_EQ(NiceOfThisThread(), before);
}

TEST(CrewTest, RunsNoMoreAtOnceThanItHasThreads) {
  Crew crew("test-crew", 2, 0);
  std::atomic<int> inside = 0, most = 0, done = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      crew.Do([&] {
        const int now = ++inside;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --inside;
        ++done;
      });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 8);
  EXPECT_LE(most, 2);
}

TEST(CrewTest, TogetherIsAllAtOnceAndTheCallerTakesPart) {
  Crew crew("test-crew", 3, 0);
  for (int round = 0; round < 100; ++round) {
    std::barrier meeting(4);  // never passed unless all four are there
    std::atomic<bool> caller = false;
    std::atomic<int> done = 0;
    crew.DoTogether(3, [&, self = std::this_thread::get_id()] {
      if (std::this_thread::get_id() == self) caller = true;
      meeting.arrive_and_wait();
      ++done;
    });
    EXPECT_TRUE(caller);
    EXPECT_EQ(done, 4);
  }
}

TEST(CrewTest, WithoutThreadsTheCallerDoesItAll) {
  Crew crew("test-crew", 0, 0);
  int done = 0;
  crew.Do([&] { ++done; });
  crew.DoTogether(0, [&] { ++done; });
  crew.DoTogether(3, [&] { ++done; });
  EXPECT_EQ(done, 3);
}

}  // namespace
}  // namespace berth
