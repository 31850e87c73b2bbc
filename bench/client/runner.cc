#include "runner.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <sstream>

#include "histogram.h"
#include "workload.h"

namespace berth::bench {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
// Keeps a dead server from spinning the client.
constexpr uint64_t kMaxErrors = 100'000;

uint64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * kSecond + static_cast<uint64_t>(now.tv_nsec);
}

double OwnCpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / kSecond;
}

// User and system time of the processes, from /proc/PID/stat fields 14 and 15.
double CpuSeconds(const std::vector<std::string>& pids) {
  double ticks = 0;
  for (const std::string& pid : pids) {
    const std::string stat = ReadFile("/proc/" + pid + "/stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string field;
    for (int number = 3; number < 14; ++number) fields >> field;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    ticks += user + system;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct LoadClass;

struct Lane {
  Lane(const Endpoint& endpoint, const Content& content, LoadClass& load_class)
      : connection(endpoint, content), owner(load_class) {}
  Connection connection;
  LoadClass& owner;
  std::unique_ptr<Worker> worker;
  int watched_fd = -1;
  bool watching_write = false;
  bool busy = false;
  bool exhausted = false;
  uint64_t started = 0;
};

struct LoadClass {
  std::string name;
  std::unique_ptr<Workload> workload;
  std::deque<Lane> lanes;
  std::vector<Lane*> idle;
  double rate = 0;
  uint64_t interval = 0;
  uint64_t next_due = 0;
  std::deque<uint64_t> due;

  Histogram latency;
  uint64_t operations = 0;
  uint64_t errors = 0;
  uint64_t bytes_before = 0;
  std::map<int, uint64_t> bad_statuses;

  uint64_t Bytes() const {
    uint64_t sum = 0;
    for (const Lane& lane : lanes) {
      sum += lane.connection.bytes_sent() + lane.connection.bytes_received();
    }
    return sum;
  }
};

class Runner {
 public:
  explicit Runner(const Plan& plan);
  ~Runner();
  std::string Run();

 private:
  void Connect();
  void StartMeasuring(uint64_t now);
  void ReleaseDue(uint64_t now);
  void Dispatch(LoadClass& load_class);
  void Begin(Lane& lane, uint64_t started);
  void Handle(Lane& lane);
  void Advance(Lane& lane, Progress progress);
  void Finish(Lane& lane, bool good, int status);
  void Watch(Lane& lane);
  bool AnythingLeft() const;
  uint64_t NextDue(uint64_t end) const;
  std::string Report(uint64_t elapsed) const;

  Content content_;
  Endpoint endpoint_;
  SSL_CTX* tls_ = nullptr;
  int epoll_ = -1;
  std::deque<LoadClass> classes_;
  std::vector<std::string> pids_;
  uint64_t warmup_ = 0;
  uint64_t duration_ = 0;
  uint64_t limit_ = 0;  // operations in all; 0: none
  bool hold_ = false;
  uint64_t launched_ = 0;
  size_t busy_ = 0;
  uint64_t all_errors_ = 0;
  bool measuring_ = false;
  uint64_t measure_start_ = 0;
  double cpu_before_ = 0;
  double own_cpu_before_ = 0;
};

Runner::Runner(const Plan& plan)
    : content_(plan.global.Integer("seed", 1)),
      warmup_(static_cast<uint64_t>(plan.global.Number("warmup", 0) * kSecond)),
      duration_(static_cast<uint64_t>(plan.global.Number("duration", 600) * kSecond)),
      limit_(plan.global.Integer("operations", 0)),
      hold_(plan.global.Text("hold", "no") == "yes") {
  endpoint_.host = plan.global.Text("host", endpoint_.host);
  endpoint_.port = static_cast<uint16_t>(plan.global.Integer("port", 5000));
  endpoint_.receive_buffer = static_cast<int>(plan.global.Integer("receive_buffer", 0));
  if (plan.global.Text("tls", "no") == "yes") {
    tls_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // The benchmark's own certificate on loopback: nothing to check it against.
    SSL_CTX_set_verify(tls_, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_ciphersuites(tls_, "TLS_AES_128_GCM_SHA256");
    endpoint_.tls = tls_;
  }
  std::istringstream pids(plan.global.Text("pids"));
  for (std::string pid; std::getline(pids, pid, ',');) pids_.push_back(pid);
  const std::string host = endpoint_.host + ":" + std::to_string(endpoint_.port);
  for (const Section& section : plan.classes) {
    LoadClass& load_class = classes_.emplace_back();
    load_class.name = section.name;
    load_class.workload = MakeWorkload(section, host, content_);
    load_class.rate = section.Number("rate", 0);
    if (load_class.rate > 0) {
      load_class.interval = static_cast<uint64_t>(kSecond / load_class.rate);
    }
    const uint64_t count = section.Integer("connections", 1);
    for (uint64_t i = 0; i < count; ++i) {
      Lane& lane = load_class.lanes.emplace_back(endpoint_, content_, load_class);
      lane.worker = load_class.workload->MakeWorker(i);
    }
  }
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
}

Runner::~Runner() {
  classes_.clear();
  close(epoll_);
  SSL_CTX_free(tls_);
}

void Runner::Watch(Lane& lane) {
  const bool write = lane.connection.wants_write();
  const int fd = lane.connection.fd();
  if (fd < 0) {
    lane.watched_fd = -1;
    return;
  }
  if (fd == lane.watched_fd && write == lane.watching_write) return;
  epoll_event event{};
  event.events = write ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &lane;
  epoll_ctl(epoll_, fd == lane.watched_fd ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  lane.watched_fd = fd;
  lane.watching_write = write;
}

void Runner::Connect() {
  for (LoadClass& load_class : classes_) {
    for (Lane& lane : load_class.lanes) {
      if (!lane.connection.Open()) Die(std::string("cannot connect: ") + std::strerror(errno));
      Watch(lane);
      load_class.idle.push_back(&lane);
    }
  }
}

void Runner::StartMeasuring(uint64_t now) {
  measuring_ = true;
  measure_start_ = now;
  for (LoadClass& load_class : classes_) {
    load_class.latency.Clear();
    load_class.operations = 0;
    load_class.errors = 0;
    load_class.bytes_before = load_class.Bytes();
  }
  cpu_before_ = CpuSeconds(pids_);
  own_cpu_before_ = OwnCpuSeconds();
}

void Runner::Begin(Lane& lane, uint64_t started) {
  Request request;
  if (!lane.connection.Open()) Die(std::string("cannot connect: ") + std::strerror(errno));
  if (!lane.worker->Begin(request)) {
    lane.exhausted = true;
    Watch(lane);
    return;
  }
  ++launched_;
  ++busy_;
  lane.busy = true;
  lane.started = started;
  Advance(lane, lane.connection.Start(request));
}

void Runner::Dispatch(LoadClass& load_class) {
  while (!load_class.idle.empty() && (limit_ == 0 || launched_ < limit_)) {
    uint64_t started = 0;
    if (load_class.interval > 0) {
      if (load_class.due.empty()) return;
      started = load_class.due.front();
      load_class.due.pop_front();
    } else {
      started = Now();
    }
    Lane* lane = load_class.idle.back();
    load_class.idle.pop_back();
    Begin(*lane, started);
  }
}

void Runner::ReleaseDue(uint64_t now) {
  for (LoadClass& load_class : classes_) {
    while (load_class.interval > 0 && load_class.next_due <= now) {
      load_class.due.push_back(load_class.next_due);
      load_class.next_due += load_class.interval;
    }
    Dispatch(load_class);
  }
}

void Runner::Finish(Lane& lane, bool good, int status) {
  LoadClass& load_class = lane.owner;
  lane.busy = false;
  --busy_;
  if (good) {
    load_class.latency.Record(Now() - lane.started);
    ++load_class.operations;
  } else {
    ++load_class.errors;
    ++load_class.bad_statuses[status];
    if (++all_errors_ > kMaxErrors) Die("too many errors");
  }
  load_class.idle.push_back(&lane);
}

void Runner::Advance(Lane& lane, Progress progress) {
  if (progress == Progress::kDone) {
    const Response& response = lane.connection.response();
    const int status = response.status;
    Request next;
    const Step step = lane.worker->Next(response, next);
    if (step == Step::kMore) {
      // A new connection may get the number of the old one, which epoll has forgotten.
      if (lane.connection.fd() < 0) lane.watched_fd = -1;
      progress = lane.connection.Open() ? lane.connection.Start(next) : Progress::kFailed;
    } else {
      Finish(lane, step == Step::kDone, status);
    }
  }
  if (progress == Progress::kFailed) {
    lane.connection.Close();
    Finish(lane, false, 0);
  }
  Watch(lane);
}

void Runner::Handle(Lane& lane) {
  if (!lane.busy) {  // an idle keep-alive connection that the server closed
    lane.connection.Close();
    lane.watched_fd = -1;
    return;
  }
  const Progress progress = lane.connection.OnReady();
  Advance(lane, progress);
  Dispatch(lane.owner);
}

bool Runner::AnythingLeft() const {
  if (busy_ > 0 || hold_) return true;
  if (limit_ > 0 && launched_ >= limit_) return false;
  for (const LoadClass& load_class : classes_) {
    for (const Lane& lane : load_class.lanes) {
      if (!lane.exhausted) return true;
    }
  }
  return false;
}

uint64_t Runner::NextDue(uint64_t end) const {
  for (const LoadClass& load_class : classes_) {
    if (load_class.interval > 0) end = std::min(end, load_class.next_due);
  }
  return end;
}

std::string Runner::Run() {
  Connect();
  const uint64_t start = Now();
  for (LoadClass& load_class : classes_) load_class.next_due = start;
  const uint64_t warm_end = start + warmup_;
  const uint64_t end = warm_end + duration_;
  if (warmup_ == 0) StartMeasuring(start);
  std::vector<epoll_event> events(512);
  while (AnythingLeft()) {
    const uint64_t now = Now();
    if (!measuring_ && now >= warm_end) StartMeasuring(now);
    if (now >= end) break;
    ReleaseDue(now);
    const uint64_t wake = NextDue(measuring_ ? end : warm_end);
    const uint64_t wait = wake > now ? wake - now : 0;
    const timespec timeout{static_cast<time_t>(wait / kSecond), static_cast<long>(wait % kSecond)};
    const int ready = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < ready; ++i) Handle(*static_cast<Lane*>(events[i].data.ptr));
  }
  return Report(Now() - measure_start_);
}

std::string Runner::Report(uint64_t elapsed) const {
  const double seconds = static_cast<double>(elapsed) / kSecond;
  char text[256];
  std::snprintf(text, sizeof text, "{\"elapsed\":%.6f,\"server_cpu\":%.3f,\"client_cpu\":%.3f,\"classes\":{", seconds,
                CpuSeconds(pids_) - cpu_before_, OwnCpuSeconds() - own_cpu_before_);
  std::string out = text;
  bool first = true;
  for (const LoadClass& load_class : classes_) {
    if (!first) out += ',';
    first = false;
    std::snprintf(text, sizeof text, "\"%s\":{\"operations\":%llu,\"errors\":%llu,\"bytes\":%llu,\"bad_statuses\":{",
                  load_class.name.c_str(), static_cast<unsigned long long>(load_class.operations),
                  static_cast<unsigned long long>(load_class.errors),
                  static_cast<unsigned long long>(load_class.Bytes() - load_class.bytes_before));
    out += text;
    bool first_status = true;
    for (const auto& [status, count] : load_class.bad_statuses) {
      if (!first_status) out += ',';
      first_status = false;
      out += '"' + std::to_string(status) + "\":" + std::to_string(count);
    }
    out += "},\"latency\":" + load_class.latency.ToJson() + "}";
  }
  return out + "}}";
}

}  // namespace

std::string RunPlan(const Plan& plan) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_TIMERSLACK, 1UL);  // wake when an operation falls due, not 50 us later
  return Runner(plan).Run();
}

}  // namespace berth::bench
