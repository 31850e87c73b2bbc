// One client connection: reads heads, finds routes, runs handlers, sends answers. Lives on its I/O thread.
//
// Coroutines keep to what g++ 12 compiles correctly: named locals, one co_await a statement, no lambdas that are
// coroutines.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http_server/io_thread.h"

namespace berth::http_server {

struct Upload;

// A job on the pool whose end is awaited on the I/O thread. One at a time.
class PoolCall {
 public:
  explicit PoolCall(IoThread& thread) : thread_(thread) {}

  // False when the pool's queue is full and `must_run` is not set. The job must not throw.
  bool Start(Pool::Job job, bool must_run);
  Task<void> Join();

 private:
  void Finished();

  IoThread& thread_;
  bool running_ = false;
  std::move_only_function<void()> waiter_;
};

class Connection {
 public:
  Connection(IoThread& thread, Socket socket, Transport transport, const Address& peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<void> Run();
  Task<void> JoinCall() { return call_.Join(); }

  // From the I/O thread, while Run is suspended.
  void CheckDeadline(int64_t now_ms);
  void CloseIfIdle();
  void Kill();

  size_t slot = 0;  // the I/O thread's place for it

 private:
  enum class Next { kSend, kHandler, kUpload };
  enum class BodyStatus { kOk, kBad, kTimeout, kLost };

  // connection.cc: bytes in and out
  Task<bool> Wait(IoStatus what, std::chrono::milliseconds limit);
  Task<IoStatus> ReadLater(char* out, size_t size, size_t& got, std::chrono::milliseconds limit);
  Task<bool> Handshake();
  Task<bool> ReadHead();
  HeadParser::State TryHead();
  IoStatus ReadInput();
  Task<bool> SendQueued();
  Task<void> WarmFile();
  Task<void> Linger();
  Task<bool> ServeOne();
  void FinishExchange();

  // exchange.cc: from head to response
  void FillRequest();
  void TrustProxy();
  Next Dispatch();
  Task<void> RunHandler();
  void CallHandler();
  bool TryFast();
  Task<bool> SendResponse();
  Task<bool> SendSource();
  Framing ChooseFraming(bool has_source) const;
  void Fail(int status);        // an error page as the response
  void FailUnread(int status);  // the same, ending the connection: more of the body may come
  void FailBody(BodyStatus status);

  // body.cc
  void BeginBody();
  Task<BodyStatus> ReadWholeBody(uint64_t limit, std::string_view& body);
  Task<BodyStatus> ReadBody(char* out, size_t size, size_t& got);
  size_t TakeBuffered(char* out, size_t size);
  Task<bool> SendContinue();

  // upload.cc
  Task<void> RunUpload();
  Task<void> PumpUpload(std::shared_ptr<Upload> upload);
  Task<void> AbandonUpload(std::shared_ptr<Upload> upload, Buffer& rest);
  Task<BodyStatus> FillPiece(Upload& upload, Buffer& piece);
  void MakeRoom(Upload& upload, Buffer& piece);
  void CarryRest(Upload& upload, Buffer& piece, Buffer& next);
  void UploadStep(Upload& upload, Buffer& piece, bool last);
  bool OpenUpload(Upload& upload);
  void UploadThrew(Upload& upload, const char* what);

  IoThread& thread_;
  Core& core_;
  Socket socket_;
  Transport transport_;
  PoolCall call_;
  std::unique_ptr<Exchange> exchange_;
  const std::string peer_;
  const bool trusted_peer_;

  int64_t deadline_ms_ = 0;  // 0: none
  int64_t head_deadline_ms_ = 0;
  bool idle_ = false;
  bool served_ = false;   // a request already
  bool expired_ = false;  // a deadline passed
  bool killed_ = false;
  bool lost_ = false;     // no further bytes can be exchanged
  bool drained_ = false;  // the last read took all there was
  bool close_ = false;    // after this exchange
  bool linger_ = false;   // bytes of the client may still come that nobody reads
};

Task<void> RunConnection(std::unique_ptr<Connection> connection);

}  // namespace berth::http_server
