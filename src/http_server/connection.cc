#include "http_server/connection.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <exception>

#include "base/log.h"

namespace berth::http_server {
namespace {

constexpr size_t kSendBudget = 2 << 20;  // bytes before other connections get their turn
constexpr uint64_t kLingerBytes = 4 << 20;
constexpr std::chrono::milliseconds kLingerTime{1000};
// A connection that has just been answered keeps its buffer for so long: the next request mostly comes at once.
constexpr std::chrono::milliseconds kWarmTime{500};
constexpr int kPipelineBurst = 32;  // requests without a wait before others get their turn

}  // namespace

bool PoolCall::Start(Pool::Job job, bool must_run) {
  running_ = true;
  Pool::Job wrapped = [this, job = std::move(job)]() mutable {
    job();
    job = nullptr;  // what it holds goes here, not on the I/O thread
    asio::post(thread_.context(), [this] { Finished(); });
  };
  if (must_run) {
    thread_.core().pool.Post(std::move(wrapped));
  } else if (!thread_.core().pool.TryPost(wrapped)) {
    running_ = false;
  }
  return running_;
}

void PoolCall::Finished() {
  running_ = false;
  if (waiter_) std::exchange(waiter_, nullptr)();
}

Task<void> PoolCall::Join() {
  if (!running_) co_return;
  auto park = [this](auto handler) { waiter_ = std::move(handler); };
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(park, kUse);
}

Connection::Connection(IoThread& thread, Socket socket, Transport transport, const Address& peer)
    : thread_(thread),
      core_(thread.core()),
      socket_(std::move(socket)),
      transport_(std::move(transport)),
      call_(thread),
      peer_(peer.ToString()),
      trusted_peer_(core_.proxies.load()->Contains(peer)) {
  thread_.Register(*this);
}

Connection::~Connection() {
  if (transport_.secure()) transport_.ShutdownWrite();
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (exchange_) exchange_->outgoing.Clear();
  thread_.Unregister(*this);
}

void Connection::CheckDeadline(int64_t now_ms) {
  if (deadline_ms_ == 0 || now_ms < deadline_ms_) return;
  deadline_ms_ = 0;
  expired_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::CloseIfIdle() {
  if (idle_) Kill();
}

void Connection::Kill() {
  killed_ = true;
  ::shutdown(transport_.fd(), SHUT_RDWR);
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

// False: closed, killed or (expired_) too late.
Task<bool> Connection::Wait(IoStatus what, std::chrono::milliseconds limit) {
  if (killed_) co_return false;
  expired_ = false;
  deadline_ms_ = IoThread::NowMs() + limit.count();
  boost::system::error_code error;
  auto token = asio::redirect_error(kUse, error);
  if (what == IoStatus::kWantWrite) {
    co_await socket_.async_wait(Socket::wait_write, token);
  } else {
    co_await socket_.async_wait(Socket::wait_read, token);
  }
  deadline_ms_ = 0;
  drained_ = false;
  co_return !error && !expired_ && !killed_;
}

// Waits and reads in one, without TLS: the event loop need not be told anew what to watch for. kWantRead: too late.
Task<IoStatus> Connection::ReadLater(char* out, size_t size, size_t& got, std::chrono::milliseconds limit) {
  got = 0;
  if (killed_) co_return IoStatus::kClosed;
  expired_ = false;
  deadline_ms_ = IoThread::NowMs() + limit.count();
  boost::system::error_code error;
  auto token = asio::redirect_error(kUse, error);
  const asio::mutable_buffer buffer(out, size);
  got = co_await socket_.async_read_some(buffer, token);
  deadline_ms_ = 0;
  drained_ = got < size;
  if (killed_) co_return IoStatus::kClosed;
  if (!error) co_return IoStatus::kOk;
  co_return expired_&& error == asio::error::operation_aborted ? IoStatus::kWantRead : IoStatus::kClosed;
}

Task<bool> Connection::Handshake() {
  const int64_t end = IoThread::NowMs() + std::chrono::milliseconds(core_.options.head_timeout).count();
  for (;;) {
    const IoStatus status = transport_.Handshake();
    if (status == IoStatus::kOk) co_return true;
    if (status == IoStatus::kClosed) co_return false;
    const std::chrono::milliseconds left(std::max<int64_t>(end - IoThread::NowMs(), 1));
    const bool ready = co_await Wait(status, left);
    if (!ready) co_return false;
  }
}

IoStatus Connection::ReadInput() {
  Buffer& input = exchange_->input;
  if (input.size == input.capacity) input.Reserve(std::min(input.capacity * 2, core_.options.max_head_bytes + 1));
  size_t got = 0;
  const size_t room = input.capacity - input.size;
  const IoStatus status = transport_.Read(input.data.get() + input.size, room, got);
  input.size += got;
  drained_ = status == IoStatus::kOk && got < room && !transport_.secure();
  return status;
}

HeadParser::State Connection::TryHead() {
  Exchange& ex = *exchange_;
  if (ex.input.size == 0) return HeadParser::State::kMore;
  const HeadParser::State state = ex.parser.Parse(ex.input.View(), ex.head);
  if (state == HeadParser::State::kRefused) ex.refused = ex.parser.status();
  const size_t length = state == HeadParser::State::kComplete ? ex.head.size : ex.input.size;
  if (state != HeadParser::State::kRefused && length > core_.options.max_head_bytes) {
    ex.refused = 431;
    return HeadParser::State::kRefused;
  }
  return state;
}

// True when there is something to answer: a head, or the refusal of one.
Task<bool> Connection::ReadHead() {
  head_deadline_ms_ = 0;
  for (;;) {
    if (!exchange_) exchange_ = thread_.TakeExchange();
    if (TryHead() != HeadParser::State::kMore) co_return true;
    IoStatus status = IoStatus::kWantRead;
    if (!drained_) status = ReadInput();
    if (status == IoStatus::kOk) continue;
    if (status == IoStatus::kClosed) co_return false;

    idle_ = exchange_->input.size == 0;
    std::chrono::milliseconds limit = core_.options.idle_timeout;
    if (idle_ && core_.draining.load(std::memory_order_relaxed)) co_return false;
    if (idle_ && served_ && !transport_.secure() && thread_.warm < IoThread::kMaxWarm) {
      Buffer& input = exchange_->input;
      ++thread_.warm;
      status = co_await ReadLater(input.data.get(), input.capacity, input.size, std::min(limit / 2, kWarmTime));
      --thread_.warm;
      idle_ = status == IoStatus::kWantRead;
      if (status == IoStatus::kOk) continue;
      if (status == IoStatus::kClosed) co_return false;
    }
    if (idle_) {
      thread_.GiveBack(std::move(exchange_));
    } else {
      const int64_t now = IoThread::NowMs();
      if (head_deadline_ms_ == 0)
        head_deadline_ms_ = now + std::chrono::milliseconds(core_.options.head_timeout).count();
      limit = std::chrono::milliseconds(std::max<int64_t>(head_deadline_ms_ - now, 1));
    }
    const bool ready = co_await Wait(status, limit);
    const bool was_idle = std::exchange(idle_, false);
    if (ready) continue;
    if (!expired_ || killed_ || was_idle) co_return false;
    exchange_->refused = 408;
    co_return true;
  }
}

// Before sendfile: pages that are not in memory are read by a pool thread, so that the disk never holds up an I/O
// thread.
Task<void> Connection::WarmFile() {
  const Outgoing& outgoing = exchange_->outgoing;
  const http::FileSlice* file = outgoing.file();
  if (file == nullptr || outgoing.file_left() == 0) co_return;
  const int fd = file->fd;
  const auto begin = static_cast<off_t>(outgoing.file_position());
  const auto size = static_cast<off_t>(std::min<uint64_t>(outgoing.file_left(), kSendBudget));
  char byte;
  iovec into{&byte, 1};
  if (::preadv2(fd, &into, 1, begin + size - 1, RWF_NOWAIT) >= 0 || errno != EAGAIN) co_return;
  Pool::Job job = [fd, begin, size, nowhere = core_.nowhere.fd] {
    // Read in order, without a copy: the kernel then reads ahead and keeps large folios, which cost it half as much to
    // send as the single pages of posix_fadvise(2).
    off_t at = begin;
    while (at < begin + size && ::sendfile(nowhere, fd, &at, static_cast<size_t>(begin + size - at)) > 0) {
    }
    char last;
    (void)!::pread(fd, &last, 1, begin + size - 1);  // where the kernel would not
  };
  if (call_.Start(std::move(job), false)) co_await call_.Join();
}

Task<bool> Connection::SendQueued() {
  Exchange& ex = *exchange_;
  const bool has_file = ex.outgoing.file() != nullptr;
  for (;;) {
    if (has_file) co_await WarmFile();
    const IoStatus status = ex.outgoing.Pump(transport_, thread_.scratch(), kSendBudget, ex.bytes_out);
    if (ex.outgoing.done()) co_return true;
    if (status == IoStatus::kClosed || killed_) break;
    if (status == IoStatus::kOk) {
      co_await asio::post(thread_.context(), kUse);
      continue;
    }
    const bool ready = co_await Wait(status, core_.options.body_timeout);
    if (!ready) break;
  }
  lost_ = true;
  co_return false;
}

// Closing with unread bytes would reset the connection and could take our answer along. So: say that we are done, then
// read on for a moment.
Task<void> Connection::Linger() {
  transport_.ShutdownWrite();
  const int64_t end = IoThread::NowMs() + kLingerTime.count();
  uint64_t dropped = 0;
  while (dropped < kLingerBytes) {
    size_t got = 0;
    const IoStatus status = transport_.Discard(256 << 10, got);
    dropped += got;
    if (status == IoStatus::kClosed) co_return;
    if (status == IoStatus::kOk) continue;
    const int64_t left = end - IoThread::NowMs();
    if (left <= 0) co_return;
    const bool ready = co_await Wait(status, std::chrono::milliseconds(left));
    if (!ready) co_return;
  }
}

void Connection::FinishExchange() {
  Exchange& ex = *exchange_;
  if (core_.hooks.done) {
    RequestDone done;
    done.request = &ex.request;
    done.status = ex.response.status;
    done.bytes_in = ex.bytes_in;
    done.bytes_out = ex.bytes_out;
    done.duration = std::chrono::steady_clock::now() - ex.started;
    core_.hooks.done(done);
  }
  ex.Next();
}

// One request and its answer. False when the connection ends with it.
Task<bool> Connection::ServeOne() {
  Next next = Dispatch();
  if (next == Next::kHandler) co_await RunHandler();
  if (next == Next::kUpload) co_await RunUpload();
  if (lost_) co_return false;
  const bool sent = co_await SendResponse();
  FinishExchange();
  served_ = true;
  co_return sent && !close_;
}

Task<void> Connection::Run() {
  const bool ready = co_await Handshake();
  if (!ready) co_return;
  int burst = 0;
  for (;;) {
    const bool got = co_await ReadHead();
    if (!got) co_return;
    const bool go_on = co_await ServeOne();
    if (!go_on) break;
    if (++burst < kPipelineBurst || exchange_->input.size == 0) continue;
    burst = 0;
    co_await asio::post(thread_.context(), kUse);
  }
  if (linger_ && !lost_) co_await Linger();
}

Task<void> RunConnection(std::unique_ptr<Connection> connection) {
  try {
    co_await connection->Run();
  } catch (const std::exception& e) {
    log::Error("http", "a connection failed", {{"error", e.what()}});
  }
  // A pool thread may still work for it.
  co_await connection->JoinCall();
}

}  // namespace berth::http_server
