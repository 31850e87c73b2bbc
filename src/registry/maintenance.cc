#include "registry/maintenance.h"

#include "base/log.h"
#include "base/priority.h"

namespace berth::registry {
namespace {

constexpr int64_t kExpireBatch = 100;

void Report(std::string_view what, const Error& error) {
  log::Warn("registry", "background work failed, will be tried again", {{"work", what}, {"reason", error.message}});
}

}  // namespace

void Maintenance::Start() {
  stop_ = false;
  const auto every = [this](Duration interval, auto work) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval, [this] { return stop_.load(); })) {
      lock.unlock();
      work();
      lock.lock();
    }
  };
  counters_ = std::thread([this, every] {
    every(registry_.options().counter_interval, [this] { FlushCounters(); });
    FlushCounters();
  });
  collector_ = std::thread([this, every] {
    GiveWay(kBackgroundNice);
    Collect();  // at once: a server that is restarted more often than its interval collects as well
    every(registry_.options().gc_interval, [this] { Collect(); });
  });
}

void Maintenance::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (counters_.joinable()) counters_.join();
  if (collector_.joinable()) collector_.join();
}

void Maintenance::FlushCounters() {
  if (auto done = registry_.pulls().Flush(); !done) Report("counters", done.error());
}

void Maintenance::Collect() {
  const auto expired = registry_.uploads().Expire(kExpireBatch);
  if (!expired) Report("uploads", expired.error());
  if (expired) registry_.garbage().totals().uploads += *expired;
  if (const auto done = registry_.garbage().Collect(stop_, false); !done) Report("garbage", done.error());
}

Result<void> Maintenance::Sweep(const std::atomic<bool>& stop) {
  // One does not keep the other from its work.
  const auto uploads = registry_.uploads().DropStrangers();
  if (uploads) registry_.garbage().totals().uploads += *uploads;
  const auto blobs = registry_.garbage().Sweep(stop);
  if (!uploads) return Fail(uploads.error());
  if (!blobs) return Fail(blobs.error());
  return {};
}

}  // namespace berth::registry
