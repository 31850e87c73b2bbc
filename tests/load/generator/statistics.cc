#include "statistics.h"

#include <algorithm>
#include <sstream>

namespace berth::load {
namespace {

constexpr std::size_t kKeptTexts = 5;

std::uint32_t Microseconds(Clock::duration time) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

void WritePercentiles(std::ostream& out, const char* name, std::vector<std::uint32_t> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) -> std::uint32_t {
    if (values.empty()) return 0;
    const auto last = static_cast<double>(values.size() - 1);
    return values[static_cast<std::size_t>(share * last + 0.5)];
  };
  out << "\"" << name << "\":{\"count\":" << values.size() << ",\"p50\":" << at(0.5) << ",\"p90\":" << at(0.9)
      << ",\"p99\":" << at(0.99) << ",\"max\":" << at(1.0) << "}";
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const bool plain = c >= ' ' && c != '"' && c != '\\' && static_cast<unsigned char>(c) < 0x7f;
    quoted += plain ? c : '?';
  }
  return quoted + "\"";
}

}  // namespace

void Statistics::AddRequest(Clock::time_point begin, Clock::time_point done) {
  requests_.push_back({begin, Microseconds(done - begin)});
}

void Statistics::LeaveOut(const std::vector<Pause>& pauses) {
  left_out_ += std::erase_if(requests_, [&](const Request& request) {
    const auto done = request.begin + std::chrono::microseconds(request.latency);
    return std::ranges::any_of(pauses, [&](const Pause& p) { return p.begin < done && p.end > request.begin; });
  });
}

void Statistics::AddClient(Clock::duration until_done) { clients_.push_back(Microseconds(until_done)); }

void Statistics::AddError(const std::string& text) {
  ++errors_;
  if (texts_.size() < kKeptTexts) texts_.push_back(text);
}

std::string Statistics::ToJson(Clock::duration elapsed, int open) {
  std::ostringstream out;
  out << "{\"seconds\":" << std::chrono::duration<double>(elapsed).count() << ",\"bytes\":" << bytes_
      << ",\"errors\":" << errors_ << ",\"open\":" << open << ",\"left_out\":" << left_out_ << ",";
  std::vector<std::uint32_t> latencies;
  latencies.reserve(requests_.size());
  for (const Request& request : requests_) latencies.push_back(request.latency);
  WritePercentiles(out, "requests", std::move(latencies));
  out << ",";
  WritePercentiles(out, "clients", clients_);
  out << ",\"texts\":[";
  for (std::size_t i = 0; i < texts_.size(); ++i) out << (i ? "," : "") << Quoted(texts_[i]);
  out << "]}";
  return out.str();
}

}  // namespace berth::load
