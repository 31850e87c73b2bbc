// Lines on their way to a file descriptor: Push copies a line into memory and returns, a thread writes what has
// gathered with one write(2). Nothing is dropped: when `capacity` bytes are waiting, Push writes them itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace berth::log {

// Writes all of `bytes`; waits where the descriptor would block. Gives up on any other error (a closed pipe).
void WriteAll(int fd, std::string_view bytes);

// Thread-safe. The descriptor stays the caller's.
class LineQueue {
 public:
  struct Options {
    size_t capacity = 4 << 20;             // bytes
    std::chrono::milliseconds linger{50};  // how long lines gather before they are written
  };
  LineQueue(int fd, Options options);
  ~LineQueue();  // writes what waits
  LineQueue(const LineQueue&) = delete;
  LineQueue& operator=(const LineQueue&) = delete;

  void Push(std::string_view line);  // without line end
  void Flush();                      // answers when every line pushed before is written

 private:
  void Run();
  void WriteWaiting();

  const int fd_;
  const Options options_;
  std::mutex sink_mutex_;  // held while writing, taken before mutex_: lines keep their order
  std::string writing_;    // guarded by sink_mutex_; kept for its capacity
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string waiting_;  // guarded by mutex_
  bool sleeping_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace berth::log
