// What all I/O threads of one server share.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/router.h"
#include "http_server/exchange.h"
#include "http_server/forwarded.h"
#include "http_server/piece_memory.h"
#include "http_server/pool.h"
#include "http_server/server.h"
#include "http_server/tls.h"

namespace berth::http_server {

class IoThread;

inline constexpr size_t kMaxQueuedJobs = 4096;

// /dev/null, to read files into the page cache.
struct Nowhere {
  Nowhere() : fd(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {}
  ~Nowhere() {
    if (fd >= 0) ::close(fd);
  }
  Nowhere(const Nowhere&) = delete;
  Nowhere& operator=(const Nowhere&) = delete;
  const int fd;
};

struct Core {
  Core(Options o, const http::Router& r, Hooks h)
      : options(std::move(o)),
        router(r),
        hooks(std::move(h)),
        pool(static_cast<size_t>(options.pool_threads), kMaxQueuedJobs) {}

  const Options options;
  const http::Router& router;
  const Hooks hooks;
  // Replaced while requests run; a connection asks once for its peer.
  std::atomic<std::shared_ptr<const TrustedProxies>> proxies{std::make_shared<const TrustedProxies>()};
  std::unique_ptr<TlsState> tls;
  std::string request_id_prefix;  // random, so ids of two runs differ
  int max_connections = 0;
  std::string network_congestion_control;  // what connections from a network are given; empty: they have it
  std::vector<IoThread*> threads;          // fixed before the first of them runs

  std::atomic<int> connections = 0;
  std::atomic<int> uploads = 0;
  std::atomic<bool> draining = false;

  const Nowhere nowhere;
  PieceMemory piece_memory;

  // Wakes who waits for the last connection to end.
  std::mutex mutex;
  std::condition_variable empty;

  Pool pool;
};

// Counts one upload against max_uploads while it lives.
class UploadSlot {
 public:
  explicit UploadSlot(Core& core) : core_(core), number_(core.uploads.fetch_add(1) + 1) {}
  ~UploadSlot() { core_.uploads.fetch_sub(1); }
  UploadSlot(const UploadSlot&) = delete;
  UploadSlot& operator=(const UploadSlot&) = delete;
  bool admitted() const { return number_ <= core_.options.max_uploads; }

 private:
  Core& core_;
  int number_;
};

}  // namespace berth::http_server
