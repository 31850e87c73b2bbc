// One HTTP/1.1 client connection: sends one request at a time and checks the answer as it arrives.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "plan.h"
#include "statistics.h"

namespace berth::load {

// Not thread-safe. The owner waits for readiness and calls Write and Read; neither ever blocks.
class Connection {
 public:
  enum class State { kClosed, kConnecting, kIdle, kSending, kReading };
  enum class Progress { kMore, kAnswered, kFailed };

  explicit Connection(Statistics& statistics) : statistics_(statistics) {}
  ~Connection() { Close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Starts to connect to the loopback port; a small receive buffer makes a slow reader felt by the
  // server at once. False, with an error counted, when there is no descriptor or port left.
  bool Connect(std::uint16_t port, bool small_buffer);
  // Ends connecting. False, with an error counted, when the connection was refused.
  bool FinishConnect();
  void Close();

  // Begins a request: `target` must outlive it. Its latency counts from `begin`.
  void Begin(const Target& target, Clock::time_point begin);
  // Sends up to `limit` bytes, or reads up to `limit` bytes of the answer. On kFailed the error is
  // counted and the connection closed; on kAnswered the latency is counted.
  Progress Write(std::uint64_t limit);
  Progress Read(std::uint64_t limit);

  int fd() const { return fd_; }
  State state() const { return state_; }
  // When the bytes read last came to this machine's socket.
  Clock::time_point arrived() const { return arrived_; }

 private:
  struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  Progress Fail(const std::string& what);
  Progress Consume(const char* data, std::uint64_t size);
  bool ParseHead();
  Progress Finish();

  Statistics& statistics_;
  int fd_ = -1;
  State state_ = State::kClosed;
  const Target* target_ = nullptr;
  Clock::time_point begin_;
  Clock::time_point arrived_;
  std::uint64_t sent_ = 0;
  std::string head_;  // of the answer, until it is complete
  bool head_done_ = false;
  bool server_closes_ = false;
  int status_ = 0;
  std::uint64_t left_ = 0;  // bytes of the answer's body that are still to come
  std::unique_ptr<EVP_MD_CTX, FreeDigest> digest_;
};

}  // namespace berth::load
