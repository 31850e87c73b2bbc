#include "workload.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace berth::bench {
namespace {

// One line of a target file, tab-separated: method, path, status expected (0: any 2xx),
// number of the authorization, and for a request with a body: content type, offset and
// length in the class's `bodies` file.
struct Target {
  std::string method;
  std::string path;
  int status = 0;
  uint64_t authorization = 0;
  std::string content_type;
  uint64_t body_offset = 0;
  uint64_t body_size = 0;
};

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> fields;
  for (size_t at = 0;;) {
    const size_t tab = line.find('\t', at);
    fields.push_back(line.substr(at, tab - at));
    if (tab == std::string::npos) return fields;
    at = tab + 1;
  }
}

Target ParseTarget(const std::string& line) {
  const std::vector<std::string> fields = Split(line);
  if (fields.size() != 4 && fields.size() != 7) Die("not 4 or 7 fields: " + line);
  Target target;
  target.method = fields[0];
  target.path = fields[1];
  target.status = std::atoi(fields[2].c_str());
  target.authorization = std::strtoull(fields[3].c_str(), nullptr, 10);
  if (fields.size() == 7) {
    target.content_type = fields[4];
    target.body_offset = std::strtoull(fields[5].c_str(), nullptr, 10);
    target.body_size = std::strtoull(fields[6].c_str(), nullptr, 10);
  }
  return target;
}

// Draws positions: each once in order, round robin, uniform, or zipf (the first line is
// the most popular).
class Picker {
 public:
  Picker(const std::string& kind, size_t count) : count_(count), once_(kind == "once") {
    if (kind == "uniform") {
      uniform_ = true;
    } else if (kind.starts_with("zipf:")) {
      const double exponent = std::strtod(kind.c_str() + 5, nullptr);
      double sum = 0;
      for (size_t i = 0; i < count; ++i) {
        cumulative_.push_back(sum += 1 / std::pow(static_cast<double>(i + 1), exponent));
      }
    } else if (kind != "cycle" && kind != "once") {
      Die("unknown pick: " + kind);
    }
  }

  std::optional<size_t> Next(std::mt19937_64& random) {
    if (uniform_) return random() % count_;
    if (!cumulative_.empty()) {
      const double at = std::uniform_real_distribution<>(0, cumulative_.back())(random);
      const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), at);
      return static_cast<size_t>(found - cumulative_.begin());
    }
    if (once_ && next_ >= count_) return std::nullopt;
    return next_++ % count_;
  }

 private:
  size_t count_;
  bool once_;
  bool uniform_ = false;
  size_t next_ = 0;
  std::vector<double> cumulative_;
};

// The digest a path ends in, or nothing.
std::string DigestIn(const std::string& path) {
  const size_t at = path.rfind("/sha256:");
  return at == std::string::npos ? "" : path.substr(at + 1);
}

class ListWorkload;

class ListWorker : public Worker {
 public:
  ListWorker(ListWorkload& workload, uint64_t lane) : workload_(workload), random_(lane + 1) {}
  bool Begin(Request& request) override;
  Step Next(const Response& response, Request& request) override;

 private:
  ListWorkload& workload_;
  std::mt19937_64 random_;
  size_t current_ = 0;
};

class ListWorkload : public Workload {
 public:
  ListWorkload(const Section& section, const std::string& host)
      : host_(host),
        authorizations_(section),
        verify_(section.Text("verify", "no") == "yes"),
        bodies_(section.Has("bodies") ? ReadFile(section.Text("bodies")) : ""),
        range_bytes_(section.Text("kind") == "range" ? section.Integer("range_bytes", 64 << 10) : 0),
        blob_bytes_(section.Integer("blob_bytes", 0)),
        accept_(section.Text("accept")) {
    for (const std::string& line : section.Lines("targets")) {
      targets_.push_back(ParseTarget(line));
    }
    if (targets_.empty()) Die("no targets in class " + section.name);
    if (range_bytes_ > 0 && blob_bytes_ < range_bytes_) Die("blob_bytes below range_bytes");
    picker_.emplace(section.Text("pick", "cycle"), targets_.size());
  }

  std::unique_ptr<Worker> MakeWorker(uint64_t lane) override { return std::make_unique<ListWorker>(*this, lane); }

  std::optional<size_t> Pick(std::mt19937_64& random) { return picker_->Next(random); }

  void Fill(size_t index, std::mt19937_64& random, Request& request) const {
    const Target& target = targets_[index];
    std::string headers = authorizations_.Of(target.authorization);
    if (!accept_.empty()) headers += "Accept: " + accept_ + "\r\n";
    if (range_bytes_ > 0) {
      const uint64_t from = random() % (blob_bytes_ - range_bytes_ + 1);
      headers += "Range: bytes=" + std::to_string(from) + "-" + std::to_string(from + range_bytes_ - 1) + "\r\n";
    }
    const bool has_body = !target.content_type.empty();
    if (has_body) {
      headers +=
          "Content-Type: " + target.content_type + "\r\nContent-Length: " + std::to_string(target.body_size) + "\r\n";
      request.body = bodies_.substr(target.body_offset, target.body_size);
    }
    request.head = Head(target.method, target.path, host_, headers);
    request.is_head = target.method == "HEAD";
    request.use = verify_ && !request.is_head ? BodyUse::kHash : BodyUse::kDiscard;
  }

  bool Accept(size_t index, const Response& response) const {
    const Target& target = targets_[index];
    if (target.status == 0 ? response.status / 100 != 2 : response.status != target.status) {
      return false;
    }
    if (range_bytes_ > 0 && response.body_bytes != range_bytes_) return false;
    if (!verify_ || target.method != "GET") return true;
    const std::string digest = DigestIn(target.path);
    return digest.empty() || digest == response.body_digest;
  }

 private:
  std::string host_;
  Authorizations authorizations_;
  bool verify_;
  std::string bodies_;
  uint64_t range_bytes_;
  uint64_t blob_bytes_;
  std::string accept_;
  std::vector<Target> targets_;
  std::optional<Picker> picker_;
};

bool ListWorker::Begin(Request& request) {
  const std::optional<size_t> index = workload_.Pick(random_);
  if (!index) return false;
  current_ = *index;
  workload_.Fill(current_, random_, request);
  return true;
}

Step ListWorker::Next(const Response& response, Request&) {
  return workload_.Accept(current_, response) ? Step::kDone : Step::kError;
}

// Follows Link headers from `path` to the end: one operation is one page. Ends after one walk.
class WalkWorker : public Worker {
 public:
  WalkWorker(const Section& section, const std::string& host, uint64_t lane)
      : host_(host), authorizations_(section), lane_(lane), next_(section.Text("path")) {}

  bool Begin(Request& request) override {
    if (next_.empty()) return false;
    request.head = Head("GET", next_, host_, authorizations_.Of(lane_));
    return true;
  }

  Step Next(const Response& response, Request&) override {
    next_.clear();
    if (response.status != 200) return Step::kError;
    const size_t open = response.link.find('<');
    const size_t close = response.link.find('>');
    if (open != std::string::npos && close != std::string::npos) {
      next_ = PathOf(response.link.substr(open + 1, close - open - 1));
    }
    return Step::kDone;
  }

 private:
  std::string host_;
  Authorizations authorizations_;
  uint64_t lane_;
  std::string next_;
};

class WalkWorkload : public Workload {
 public:
  WalkWorkload(const Section& section, const std::string& host) : section_(section), host_(host) {}
  std::unique_ptr<Worker> MakeWorker(uint64_t lane) override {
    return std::make_unique<WalkWorker>(section_, host_, lane);
  }

 private:
  Section section_;
  std::string host_;
};

}  // namespace

Authorizations::Authorizations(const Section& section) {
  if (section.Has("authorizations")) {
    for (const std::string& line : section.Lines("authorizations")) {
      lines_.push_back("Authorization: " + line + "\r\n");
    }
  } else if (section.Has("authorization")) {
    lines_.push_back("Authorization: " + section.Text("authorization") + "\r\n");
  } else {
    lines_.emplace_back();
  }
}

std::string Head(const std::string& method, const std::string& path, const std::string& host,
                 const std::string& more_headers) {
  return method + ' ' + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + more_headers + "\r\n";
}

std::string PathOf(const std::string& location) {
  const size_t scheme = location.find("://");
  if (scheme == std::string::npos || scheme > 8) return location;
  const size_t slash = location.find('/', scheme + 3);
  return slash == std::string::npos ? "/" : location.substr(slash);
}

std::unique_ptr<Workload> MakeWorkload(const Section& section, const std::string& host, Content& content) {
  const std::string kind = section.Text("kind", "list");
  if (kind == "list" || kind == "range") return std::make_unique<ListWorkload>(section, host);
  if (kind == "walk") return std::make_unique<WalkWorkload>(section, host);
  if (kind == "push") return MakePush(section, host, content);
  if (kind == "mount") return MakeMount(section, host, content);
  Die("unknown kind: " + kind);
}

}  // namespace berth::bench
