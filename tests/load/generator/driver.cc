#include "driver.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>

#include "pauses.h"

namespace berth::load {
namespace {

using std::chrono::milliseconds;

// How often a throttled connection moves some bytes, and how long an error keeps one from coming back.
constexpr milliseconds kThrottleStep{50};
constexpr milliseconds kRetryPause{50};
constexpr milliseconds kLongestWait{100};
constexpr milliseconds kLongestConnect{1000};
constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};
constexpr std::uint64_t kInput = ~std::uint64_t{0};
// Connections that are opened before the first of them is waited for: within a listener's backlog.
constexpr int kConnectBatch = 64;

}  // namespace

Driver::Driver(const Options& options) : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!options_.hold) {
    epoll_event input{};
    input.events = EPOLLIN;
    input.data.u64 = kInput;
    // A regular file cannot be watched; then only the time limit ends the run.
    epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  }
  for (int i = 0; i < options_.connections; ++i) clients_.emplace_back(statistics_);
}

Driver::~Driver() { close(epoll_); }

void Driver::Run() {
  RunPass();
  Report();
  if (!options_.hold) return;
  std::array<char, 64> line;
  if (read(STDIN_FILENO, line.data(), line.size()) <= 0) return;
  statistics_ = Statistics();
  RunPass();
  Report();
}

void Driver::Report() { std::cout << statistics_.ToJson(Clock::now() - begin_, CountOpen()) << std::endl; }

void Driver::RunPass() {
  begin_ = Clock::now();
  rate_started_ = false;
  std::optional<PauseWatch> watch;
  if (options_.skip_pauses) watch.emplace();
  const std::chrono::duration<double> limit(options_.seconds > 0 ? options_.seconds : 1e6);
  end_ = begin_ + std::chrono::duration_cast<Clock::duration>(limit);
  StartClients();
  std::array<epoll_event, 256> events;
  while (!Over()) {
    const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(UntilNextEvent());
    const timespec timeout{wait.count() / 1000000000, wait.count() % 1000000000};
    const int count = epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kInput) {
        input_ended_ = true;
      } else {
        HandleEvent(events[i].data.u64, events[i].events);
      }
    }
    HandleWakes();
    SendDueRequests();
  }
  if (watch && watch->working()) statistics_.LeaveOut(watch->Stop());
}

void Driver::StartClients() {
  unfinished_ = clients_.size();
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[i];
    client.next = options_.order == Order::kOnce ? 0 : i % options_.targets.size();
    client.remaining = options_.order == Order::kOwn ? 1 : options_.targets.size();
    client.done = false;
    if (client.connection.state() == Connection::State::kIdle) {
      BecomeFree(i);
    } else {
      // Opened in batches a few milliseconds apart, so that no listener's backlog overflows.
      wakes_.push({begin_ + milliseconds(2) * (i / kConnectBatch), i});
    }
  }
}

bool Driver::Over() const {
  return Clock::now() >= end_ || input_ended_ || (options_.order != Order::kLoop && unfinished_ == 0);
}

bool Driver::Throttled(const Connection& connection) const {
  return (connection.state() == Connection::State::kSending && options_.write_rate > 0) ||
         (connection.state() == Connection::State::kReading && options_.read_rate > 0);
}

void Driver::Connect(std::size_t index) {
  if (!clients_[index].connection.Connect(options_.port, options_.read_rate > 0)) {
    Retry(index);
    return;
  }
  Watch(index, true);
}

// Throttled transfers are not watched but woken by time.
void Driver::Watch(std::size_t index, bool add) {
  const Connection& connection = clients_[index].connection;
  if (connection.fd() < 0) return;
  epoll_event event{};
  event.data.u64 = index;
  const bool writing =
      connection.state() == Connection::State::kConnecting || connection.state() == Connection::State::kSending;
  event.events = Throttled(connection) ? 0U : writing ? EPOLLOUT : EPOLLIN;
  epoll_ctl(epoll_, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, connection.fd(), &event);
}

void Driver::HandleEvent(std::size_t index, unsigned events) {
  Connection& connection = clients_[index].connection;
  if (connection.state() == Connection::State::kConnecting) {
    if (!connection.FinishConnect()) {
      Retry(index);
      return;
    }
    Watch(index, false);
    BecomeFree(index);
  } else if (connection.state() == Connection::State::kSending && (events & EPOLLOUT) != 0) {
    Advance(index, connection.Write(kUnlimited));
  } else if (connection.state() != Connection::State::kClosed) {
    const bool reading = connection.state() == Connection::State::kReading;
    const std::uint64_t rate = options_.read_rate;
    const std::uint64_t limit = reading && rate > 0 ? rate / 20 + 1 : kUnlimited;
    Advance(index, connection.Read(limit));
  }
}

void Driver::Advance(std::size_t index, Connection::Progress progress) {
  Client& client = clients_[index];
  if (progress == Connection::Progress::kFailed) {
    Retry(index);
    return;
  }
  if (progress == Connection::Progress::kMore) {
    Watch(index, false);
    return;
  }
  --client.remaining;
  if (options_.order != Order::kLoop && client.remaining == 0) {
    client.done = true;
    --unfinished_;
    statistics_.AddClient(Clock::now() - begin_);
    Watch(index, false);
    return;
  }
  client.next = (client.next + 1) % options_.targets.size();
  if (client.connection.state() == Connection::State::kClosed) {
    Connect(index);
  } else {
    BecomeFree(index);
  }
}

// A looping client comes back after an error; any other has failed for good.
void Driver::Retry(std::size_t index) {
  Client& client = clients_[index];
  if (options_.order == Order::kLoop) {
    wakes_.push({Clock::now() + kRetryPause, index});
  } else if (!client.done) {
    client.done = true;
    --unfinished_;
  }
}

void Driver::BecomeFree(std::size_t index) {
  if (options_.rate > 0) {
    Watch(index, false);
    free_.push_back(index);
  } else {
    BeginNext(index, Clock::now());
  }
}

void Driver::BeginNext(std::size_t index, Clock::time_point begin) {
  Client& client = clients_[index];
  client.connection.Begin(options_.targets[client.next], begin);
  if (options_.write_rate > 0) {
    // Spread over the step, so that throttled clients do not all move at once.
    wakes_.push({Clock::now() + kThrottleStep * (index % 64) / 64, index});
    Watch(index, false);
  } else {
    Advance(index, client.connection.Write(kUnlimited));
    if (options_.read_rate > 0) wakes_.push({Clock::now() + kThrottleStep * (index % 64) / 64, index});
  }
}

// One step of a throttled transfer.
void Driver::Transfer(std::size_t index) {
  Connection& connection = clients_[index].connection;
  const auto steps = static_cast<std::uint64_t>(std::chrono::seconds(1) / kThrottleStep);
  const bool sending = connection.state() == Connection::State::kSending;
  const auto progress =
      sending ? connection.Write(options_.write_rate / steps + 1) : connection.Read(options_.read_rate / steps + 1);
  Advance(index, progress);
  if (progress == Connection::Progress::kMore && Throttled(connection)) {
    wakes_.push({Clock::now() + kThrottleStep, index});
  }
}

void Driver::HandleWakes() {
  const auto now = Clock::now();
  while (!wakes_.empty() && wakes_.top().when <= now) {
    const std::size_t index = wakes_.top().client;
    wakes_.pop();
    const Client& client = clients_[index];
    if (client.connection.state() == Connection::State::kClosed && !client.done) {
      Connect(index);
    } else if (Throttled(client.connection)) {
      Transfer(index);
    }
  }
}

// Requests are due at a constant rate, answered or not: the server is charged for a wait that it caused.
void Driver::SendDueRequests() {
  if (options_.rate <= 0) return;
  const auto step = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / options_.rate));
  const auto now = Clock::now();
  if (!rate_started_) {
    // Connecting is not measured: the first request is due when every client is connected.
    if (free_.size() < clients_.size() && now < begin_ + kLongestConnect) return;
    rate_started_ = true;
    next_due_ = now;
  }
  while (!free_.empty() && next_due_ <= now) {
    // The one that has rested longest: a server may close a connection that nobody uses, and that is no error.
    const std::size_t index = free_.front();
    free_.pop_front();
    if (clients_[index].connection.state() != Connection::State::kIdle) continue;
    // Late because all connections were busy counts, late because this program was does not.
    const bool all_busy = clients_[index].connection.arrived() > next_due_;
    BeginNext(index, all_busy ? next_due_ : Clock::now());
    next_due_ += step;
  }
}

Clock::duration Driver::UntilNextEvent() const {
  const auto now = Clock::now();
  auto next = std::min(end_, now + kLongestWait);
  if (!wakes_.empty()) next = std::min(next, wakes_.top().when);
  if (rate_started_ && !free_.empty()) next = std::min(next, next_due_);
  return std::max(next - now, Clock::duration::zero());
}

int Driver::CountOpen() const {
  int open = 0;
  for (const Client& client : clients_) open += client.connection.fd() >= 0 ? 1 : 0;
  return open;
}

}  // namespace berth::load
