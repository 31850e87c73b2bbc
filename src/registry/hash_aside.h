// Hashes a piece on a thread of its own while the caller writes it to the disk, so that a large upload waits for the
// slower of the two instead of both. Thread-safe.
//
// There is one such thread: it is for the few large uploads. Where many run, they fill each other's waits, and whoever
// finds the thread busy hashes by himself.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/function_ref.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace berth::registry {

class HashAside {
 public:
  HashAside();
  ~HashAside();  // no Run may be running or come
  HashAside(const HashAside&) = delete;
  HashAside& operator=(const HashAside&) = delete;

  // Both have ended on return; `bytes` are in `hasher` whatever `write` answered, unless it threw.
  Result<void> Run(Hasher& hasher, std::string_view bytes, FunctionRef<Result<void>()> write);

 private:
  // A piece that was offered; lives on the stack of who waits for it.
  struct Piece {
    Hasher& hasher;
    std::string_view bytes;
    bool begun = false;  // the rest by the thread; guarded by mutex_
    bool done = false;
  };
  // Takes an offer back or waits for its end.
  class Offer;

  void Work();

  std::mutex mutex_;
  std::condition_variable offered_;
  std::condition_variable done_;
  Piece* piece_ = nullptr;  // offered or being hashed
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace berth::registry
