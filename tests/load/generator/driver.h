// Drives all connections with one epoll instance until the plan is done.
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include "connection.h"
#include "plan.h"
#include "statistics.h"

namespace berth::load {

// Single-threaded; Run blocks until the plan is done and prints its result to standard output.
class Driver {
 public:
  explicit Driver(const Options& options);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  void Run();

 private:
  struct Client {
    explicit Client(Statistics& statistics) : connection(statistics) {}
    Connection connection;
    std::size_t next = 0;       // index of the next target
    std::size_t remaining = 0;  // targets left, for Order::kOnce and kOwn
    bool done = false;
  };
  // A time at which a client goes on: a throttled transfer, or a new connection after an error.
  struct Wake {
    Clock::time_point when;
    std::size_t client;
    bool operator<(const Wake& other) const { return when > other.when; }
  };

  void RunPass();
  void Report();
  void StartClients();
  void Connect(std::size_t index);
  void Watch(std::size_t index, bool add);
  void HandleEvent(std::size_t index, unsigned events);
  void Advance(std::size_t index, Connection::Progress progress);
  void Retry(std::size_t index);
  void BecomeFree(std::size_t index);
  void BeginNext(std::size_t index, Clock::time_point begin);
  void Transfer(std::size_t index);
  void SendDueRequests();
  void HandleWakes();
  Clock::duration UntilNextEvent() const;
  bool Over() const;
  bool Throttled(const Connection& connection) const;
  int CountOpen() const;

  const Options& options_;
  Statistics statistics_;
  std::deque<Client> clients_;
  std::deque<std::size_t> free_;  // idle clients, when a rate decides who sends and when
  std::priority_queue<Wake> wakes_;
  Clock::time_point begin_;
  Clock::time_point end_;
  Clock::time_point next_due_;
  bool rate_started_ = false;
  std::size_t unfinished_ = 0;
  bool input_ended_ = false;
  int epoll_ = -1;
};

}  // namespace berth::load
