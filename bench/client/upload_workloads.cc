// Uploads: blobs in one piece or in chunks, and the CI pattern of mounts and a manifest.
#include <algorithm>
#include <type_traits>

#include "workload.h"

namespace berth::bench {
namespace {

std::string WithQuery(const std::string& path, const std::string& query) {
  return path + (path.find('?') == std::string::npos ? '?' : '&') + query;
}

std::string Length(uint64_t size) { return "Content-Length: " + std::to_string(size) + "\r\n"; }

// Shared by the lanes of one class: repositories, authorizations and the next blob's number.
struct UploadPlan {
  UploadPlan(const Section& section, const std::string& host_name, Content& blob_content)
      : host(host_name),
        content(blob_content),
        authorizations(section),
        repositories(section.Lines("repositories")),
        blob_bytes(section.Integer("blob_bytes", 1 << 20)),
        chunk_bytes(section.Integer("chunk_bytes", 0)),
        next_id(section.Integer("first_id", 1)),
        end_id(section.Has("count") ? next_id + section.Integer("count", 0) : UINT64_MAX),
        sources(section.Lines("sources")),
        manifest(section.Has("manifest") ? ReadFile(section.Text("manifest")) : ""),
        media_type(section.Text("media_type")),
        tag(section.Text("tag", "t")) {
    if (repositories.empty()) Die("no repositories in class " + section.name);
  }

  const std::string& RepositoryOf(uint64_t lane) const { return repositories[lane % repositories.size()]; }

  std::string host;
  Content& content;
  Authorizations authorizations;
  std::vector<std::string> repositories;
  uint64_t blob_bytes;
  uint64_t chunk_bytes;  // 0: monolithic (POST, then PUT with the body)
  uint64_t next_id;
  uint64_t end_id;
  std::vector<std::string> sources;  // "repository<TAB>digest" of the blobs to mount
  std::string manifest;              // its "@ID@" becomes the operation's number
  std::string media_type;
  std::string tag;
};

class PushWorker : public Worker {
 public:
  PushWorker(UploadPlan& plan, uint64_t lane) : plan_(plan), lane_(lane) {}

  bool Begin(Request& request) override {
    if (plan_.next_id >= plan_.end_id) return false;
    blob_ = plan_.content.Make(plan_.blob_bytes, plan_.next_id++);
    sent_ = 0;
    stage_ = Stage::kStart;
    request.head = Head("POST", "/v2/" + plan_.RepositoryOf(lane_) + "/blobs/uploads/", plan_.host,
                        plan_.authorizations.Of(lane_) + Length(0));
    return true;
  }

  Step Next(const Response& response, Request& request) override {
    if (stage_ == Stage::kFinish) return response.status == 201 ? Step::kDone : Step::kError;
    if (response.status != 202 || response.location.empty()) return Step::kError;
    const std::string path = PathOf(response.location);
    if (plan_.chunk_bytes == 0) {
      Finish(path, blob_.size, request);
    } else if (sent_ < blob_.size) {
      SendChunk(path, request);
    } else {
      Finish(path, 0, request);
    }
    return Step::kMore;
  }

 private:
  enum class Stage { kStart, kChunks, kFinish };

  void Finish(const std::string& path, uint64_t body, Request& request) {
    stage_ = Stage::kFinish;
    request.head = Head("PUT", WithQuery(path, "digest=" + blob_.digest), plan_.host,
                        plan_.authorizations.Of(lane_) + Length(body) + "Content-Type: application/octet-stream\r\n");
    Attach(0, body, request);
  }

  void SendChunk(const std::string& path, Request& request) {
    stage_ = Stage::kChunks;
    const uint64_t to = std::min(blob_.size, sent_ + plan_.chunk_bytes);
    request.head = Head("PATCH", path, plan_.host,
                        plan_.authorizations.Of(lane_) + Length(to - sent_) +
                            "Content-Type: application/octet-stream\r\nContent-Range: " + std::to_string(sent_) + "-" +
                            std::to_string(to - 1) + "\r\n");
    Attach(sent_, to, request);
    sent_ = to;
  }

  void Attach(uint64_t from, uint64_t to, Request& request) {
    if (from == to) return;
    request.blob = &blob_;
    request.blob_from = from;
    request.blob_to = to;
  }

  UploadPlan& plan_;
  uint64_t lane_;
  Blob blob_;
  uint64_t sent_ = 0;
  Stage stage_ = Stage::kStart;
};

class MountWorker : public Worker {
 public:
  MountWorker(UploadPlan& plan, uint64_t lane) : plan_(plan), lane_(lane) {}

  bool Begin(Request& request) override {
    if (plan_.next_id >= plan_.end_id) return false;
    id_ = plan_.next_id++;
    mounted_ = 0;
    Mount(request);
    return true;
  }

  Step Next(const Response& response, Request& request) override {
    if (response.status != 201) return Step::kError;
    if (mounted_ > plan_.sources.size()) return Step::kDone;  // that was the manifest
    if (mounted_ < plan_.sources.size()) {
      Mount(request);
    } else {
      PutManifest(request);
    }
    return Step::kMore;
  }

 private:
  void Mount(Request& request) {
    const std::string& source = plan_.sources[mounted_++];
    const size_t tab = source.find('\t');
    request.head = Head("POST",
                        "/v2/" + plan_.RepositoryOf(lane_) + "/blobs/uploads/?mount=" + source.substr(tab + 1) +
                            "&from=" + source.substr(0, tab),
                        plan_.host, plan_.authorizations.Of(lane_) + Length(0));
  }

  void PutManifest(Request& request) {
    ++mounted_;
    const std::string id = std::to_string(id_);
    request.body = plan_.manifest;
    const size_t at = request.body.find("@ID@");
    if (at != std::string::npos) request.body.replace(at, 4, id);
    request.head = Head(
        "PUT", "/v2/" + plan_.RepositoryOf(lane_) + "/manifests/" + plan_.tag + id, plan_.host,
        plan_.authorizations.Of(lane_) + Length(request.body.size()) + "Content-Type: " + plan_.media_type + "\r\n");
  }

  UploadPlan& plan_;
  uint64_t lane_;
  uint64_t id_ = 0;
  size_t mounted_ = 0;
};

template <typename WorkerType>
class UploadWorkload : public Workload {
 public:
  UploadWorkload(const Section& section, const std::string& host, Content& content) : plan_(section, host, content) {
    if (std::is_same_v<WorkerType, PushWorker>) content.Prepare(plan_.blob_bytes);
  }
  std::unique_ptr<Worker> MakeWorker(uint64_t lane) override { return std::make_unique<WorkerType>(plan_, lane); }

 private:
  UploadPlan plan_;
};

}  // namespace

std::unique_ptr<Workload> MakePush(const Section& section, const std::string& host, Content& content) {
  return std::make_unique<UploadWorkload<PushWorker>>(section, host, content);
}

std::unique_ptr<Workload> MakeMount(const Section& section, const std::string& host, Content& content) {
  auto workload = std::make_unique<UploadWorkload<MountWorker>>(section, host, content);
  if (!section.Has("sources") || !section.Has("manifest")) Die("mount needs sources, manifest");
  return workload;
}

}  // namespace berth::bench
