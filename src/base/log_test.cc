#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/line_queue.h"
#include "base/text.h"

namespace berth::log {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  AppendJsonEscaped(out, text);
  return out;
}

TEST(Log, EscapesForJson) {
  EXPECT_EQ(Escaped("plain é 日本"), "plain é 日本");
  EXPECT_EQ(Escaped("a\"b\\c\n\r\t"), "a\\\"b\\\\c\\n\\r\\t");
  EXPECT_EQ(Escaped(std::string_view("\0\x1f\x7f", 3)), "\\u0000\\u001f\x7f");
  EXPECT_EQ(Escaped("x\xFFy\xC3"), "x\xEF\xBF\xBDy\xEF\xBF\xBD");
}

TEST(Log, OneJsonObjectALine) {
  testing::internal::CaptureStderr();
  Info("registry", "blob \"x\"", {{"digest", "sha256:1"}, {"bytes", 12}});
  Debug("registry", "below the level");
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(line.starts_with("{\"time\":\"20")) << line;
  EXPECT_TRUE(
      line.ends_with("Z\",\"level\":\"info\",\"area\":\"registry\",\"message\":\"blob "
                     "\\\"x\\\"\",\"digest\":\"sha256:1\",\"bytes\":12}\n"))
      << line;
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    ::close(read_end);
    if (write_end >= 0) ::close(write_end);
  }
  std::string ReadAll() {
    std::string all;
    char part[65536];
    for (ssize_t n; (n = ::read(read_end, part, sizeof part)) > 0;) all.append(part, static_cast<size_t>(n));
    return all;
  }
};

TEST(LineQueue, KeepsEveryLineInTheOrderOfItsThread) {
  Pipe pipe;
  std::string all;
  std::thread reader([&] { all = pipe.ReadAll(); });
  constexpr int kThreads = 4;
  constexpr int kLines = 20000;
  {
    LineQueue queue(pipe.write_end, {.capacity = 4096, .linger = std::chrono::milliseconds(1)});
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&queue, t] {
        for (int i = 0; i < kLines; ++i) queue.Push(std::to_string(t) + " " + std::to_string(i));
      });
    }
    for (auto& thread : threads) thread.join();
  }
  ::close(pipe.write_end);
  pipe.write_end = -1;
  reader.join();
  std::vector<int> next(kThreads, 0);
  for (std::string_view line : Split(all, '\n')) {
    if (line.empty()) continue;
    const auto parts = Split(line, ' ');
    ASSERT_EQ(parts.size(), 2U) << line;
    ASSERT_EQ(ParseNumber<int>(parts[1]), next[*ParseNumber<size_t>(parts[0])]++);
  }
  for (const int n : next) EXPECT_EQ(n, kLines);
}

TEST(LineQueue, WritesManyLinesAtOnce) {
  int ends[2];  // a packet pipe hands every write(2) over as one read(2)
  ASSERT_EQ(::pipe2(ends, O_DIRECT), 0);
  LineQueue queue(ends[1], {.capacity = 1 << 20, .linger = std::chrono::seconds(60)});
  for (int i = 0; i < 100; ++i) queue.Push("line");
  queue.Flush();
  char part[4096];
  EXPECT_EQ(::read(ends[0], part, sizeof part), 500);
  ::close(ends[0]);
}

TEST(LineQueue, AFullQueueIsWrittenByThePusher) {
  Pipe pipe;
  LineQueue queue(pipe.write_end, {.capacity = 10, .linger = std::chrono::seconds(60)});
  queue.Push("0123");
  queue.Push("56789");  // 11 bytes wait with line ends: over the bound
  char part[64];
  EXPECT_EQ(::read(pipe.read_end, part, sizeof part), 11);
}

}  // namespace
}  // namespace berth::log
