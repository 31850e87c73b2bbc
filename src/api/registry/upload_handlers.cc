// Uploads of blobs: OCI distribution-spec end-4, end-5, end-6, end-11, end-13, end-14. Every request is authorized
// anew, and an upload is found through its repository and account only.
#include <optional>

#include "api/registry/errors.h"
#include "api/registry/handlers.h"
#include "api/registry/range.h"
#include "base/text.h"
#include "registry/upload_service.h"

namespace berth::api::registry {
namespace {

namespace core = berth::registry;
using Writer = core::UploadService::Writer;

// What the answers to an upload's requests are made of; outlives the request's head.
struct UploadContext {
  RegistryApi* api = nullptr;
  const http::Request* request = nullptr;
  core::Repository repository;
  accounts::Caller caller;
  std::string name;  // as the client says it
};

void AddUploadHeaders(http::Response& response, const UploadContext& context, std::string_view id, uint64_t size) {
  response.Add("Location", Location(*context.request, context.name, "/blobs/uploads/" + std::string(id)));
  response.Add("Docker-Upload-UUID", id);
  response.Add("Range", "0-" + std::to_string(size == 0 ? 0 : size - 1));
}

http::Response BlobCreated(const UploadContext& context, const Digest& digest) {
  http::Response response = Bare(201);
  response.Add("Location", Location(*context.request, context.name, "/blobs/" + digest.text()));
  response.Add("Docker-Content-Digest", digest.text());
  return response;
}

// An error that tells how far the upload is, so that the client can go on from there.
http::Response UploadError(const UploadContext& context, const Error& error, std::string_view id, uint64_t size) {
  http::Response response = ErrorResponse(*context.request, error);
  AddUploadHeaders(response, context, id, size);
  return response;
}

std::variant<UploadContext, http::Response> Prepare(RegistryApi& api, const http::Request& request, bool create) {
  auto authorized = Authorize(api, request, Need::kPush);
  if (auto* refused = std::get_if<http::Response>(&authorized)) return std::move(*refused);
  const auto& [access, name] = std::get<Authorized>(authorized);
  UploadContext context;
  context.api = &api;
  context.request = &request;
  context.caller = CallerOf(access, request);
  context.name = std::string(request.Param("name"));
  auto repository = create ? api.registry.repositories().FindOrCreateForPush(context.caller, name)
                           : api.registry.repositories().Find(name.full);
  if (!repository) return ErrorResponse(request, repository.error());
  context.repository = *std::move(repository);
  return context;
}

// What the head says of the chunk's place.
struct ChunkPlan {
  std::optional<uint64_t> length;  // bytes that Content-Range announces
};

Result<ChunkPlan> PlanChunk(const http::Request& request, uint64_t size) {
  ChunkPlan plan;
  const std::string_view header = request.HeaderValue("Content-Range");
  if (header.empty()) return plan;
  const auto range = ParseContentRange(header);
  if (!range) return Fail(ErrorCode::kBlobUploadInvalid, "malformed Content-Range", "Content-Range");
  if (range->first != size) return Fail(ErrorCode::kRangeInvalid, "the chunk does not follow what was received");
  plan.length = range->last - range->first + 1;
  const std::string_view length = request.HeaderValue("Content-Length");
  if (!length.empty() && ParseNumber<uint64_t>(length) != plan.length) {
    return Fail(ErrorCode::kSizeInvalid, "Content-Length and Content-Range differ", "Content-Range");
  }
  return plan;
}

// Appends a request's body to an upload: the common part of PATCH and PUT.
class ChunkSink : public http::UploadSink {
 public:
  ChunkSink(UploadContext context, std::unique_ptr<Writer> writer, ChunkPlan plan)
      : context_(std::move(context)), writer_(std::move(writer)), left_(plan.length) {}

  Result<void> Write(std::string_view bytes) override {
    if (left_ && bytes.size() > *left_) return Fail(ErrorCode::kSizeInvalid, "the body is longer than Content-Range");
    TRY_VOID(writer_->Append(bytes));
    if (left_) *left_ -= bytes.size();
    return {};
  }
  http::Response Refuse(const Error& error) override {
    return UploadError(context_, error, writer_->id(), writer_->size());
  }
  void Abandon() override {}  // what has arrived is kept; the client asks for Range and goes on

 protected:
  bool IsShort() const { return left_ && *left_ > 0; }
  http::Response RefuseShort() {
    return Refuse(Error(ErrorCode::kSizeInvalid, "the body is shorter than Content-Range"));
  }

  UploadContext context_;
  std::unique_ptr<Writer> writer_;

 private:
  std::optional<uint64_t> left_;
};

class PatchSink final : public ChunkSink {
 public:
  using ChunkSink::ChunkSink;
  http::Response Finish() override {
    if (IsShort()) return RefuseShort();
    if (auto kept = writer_->Keep(); !kept) return Refuse(kept.error());
    http::Response response = Bare(202);
    AddUploadHeaders(response, context_, writer_->id(), writer_->size());
    // Let go before the answer leaves: the next chunk may come at once on another connection.
    writer_.reset();
    return response;
  }
};

class PutSink final : public ChunkSink {
 public:
  PutSink(UploadContext context, std::unique_ptr<Writer> writer, ChunkPlan plan, Digest digest)
      : ChunkSink(std::move(context), std::move(writer), plan), digest_(std::move(digest)) {}
  http::Response Finish() override {
    if (IsShort()) return RefuseShort();
    auto finished = context_.api->registry.uploads().Finish(std::move(writer_), context_.repository, digest_);
    if (!finished) return ErrorResponse(*context_.request, finished.error());
    return BlobCreated(context_, digest_);
  }

 private:
  const Digest digest_;
};

// A whole blob in the POST itself. Nothing is kept when it fails.
class WholeSink final : public http::UploadSink {
 public:
  WholeSink(UploadContext context, std::unique_ptr<Writer> writer, Digest digest)
      : context_(std::move(context)), writer_(std::move(writer)), digest_(std::move(digest)) {}
  ~WholeSink() override { Abandon(); }

  Result<void> Write(std::string_view bytes) override { return writer_->Append(bytes); }
  http::Response Finish() override {
    auto finished = context_.api->registry.uploads().Finish(std::move(writer_), context_.repository, digest_);
    if (!finished) return ErrorResponse(*context_.request, finished.error());
    return BlobCreated(context_, digest_);
  }
  http::Response Refuse(const Error& error) override {
    Abandon();
    return ErrorResponse(*context_.request, error);
  }
  void Abandon() override {
    if (writer_) context_.api->registry.uploads().Discard(std::move(writer_));
  }

 private:
  UploadContext context_;
  std::unique_ptr<Writer> writer_;
  const Digest digest_;
};

// For requests that are answered whatever their body says.
class IgnoringSink final : public http::UploadSink {
 public:
  explicit IgnoringSink(http::Response response) : response_(std::move(response)) {}
  Result<void> Write(std::string_view) override { return {}; }
  http::Response Finish() override { return std::move(response_); }
  http::Response Refuse(const Error&) override { return std::move(response_); }
  void Abandon() override {}

 private:
  http::Response response_;
};

bool HasBody(const http::Request& request) {
  if (request.HasHeader("Transfer-Encoding")) return true;
  const std::string_view length = request.HeaderValue("Content-Length");
  return !length.empty() && length != "0";
}

SinkOrResponse AnswerAfterBody(const http::Request& request, http::Response response) {
  if (!HasBody(request)) return response;
  return std::make_unique<IgnoringSink>(std::move(response));
}

// The algorithm to hash with from the start: ?digest-algorithm=, else that of a digest at hand.
Result<DigestAlgorithm> ReadAlgorithm(const http::Request& request, const std::optional<Digest>& digest) {
  const auto name = request.QueryValue("digest-algorithm");
  if (!name) return digest ? digest->algorithm() : DigestAlgorithm::kSha256;
  const auto algorithm = ParseDigestAlgorithm(*name);
  if (!algorithm) return Fail(ErrorCode::kDigestInvalid, "unsupported digest algorithm", "digest-algorithm");
  return *algorithm;
}

Result<std::optional<Digest>> ReadDigest(const http::Request& request, std::string_view parameter) {
  const auto text = request.QueryValue(parameter);
  if (!text) return std::optional<Digest>();
  TRY(Digest digest, Digest::Parse(*text));
  return std::optional<Digest>(std::move(digest));
}

Result<bool> TryMount(const UploadContext& context, const AccessPtr& access, const Digest& digest) {
  core::BlobService::MountSource source;
  std::string from;
  if (const auto text = context.request->QueryValue("from"); text && !text->empty()) {
    auto name = core::RepositoryName::Parse(*text);
    if (!name) return false;
    from = std::move(name->full);
    source.repository = from;
    source.readable = access->Allows(from, "pull");
  }
  return context.api->registry.blobs().Mount(context.caller, context.repository, digest, source);
}

SinkOrResponse StartSession(UploadContext context, DigestAlgorithm algorithm) {
  const http::Request& request = *context.request;
  auto started = context.api->registry.uploads().Start(context.caller, context.repository, algorithm);
  if (!started) return ErrorResponse(request, started.error());
  http::Response response = Bare(202);
  AddUploadHeaders(response, context, started->id, 0);
  return AnswerAfterBody(request, std::move(response));
}

SinkOrResponse StartWhole(UploadContext context, DigestAlgorithm algorithm, Digest digest) {
  auto writer = context.api->registry.uploads().StartWhole(context.caller, context.repository, algorithm);
  if (!writer) return ErrorResponse(*context.request, writer.error());
  return std::make_unique<WholeSink>(std::move(context), *std::move(writer), std::move(digest));
}

// The writer of the upload that the path names, with its chunk planned; or the refusal.
struct OpenChunk {
  UploadContext context;
  std::unique_ptr<Writer> writer;
  ChunkPlan plan;
};

std::variant<OpenChunk, http::Response> OpenForChunk(RegistryApi& api, const http::Request& request) {
  auto prepared = Prepare(api, request, false);
  if (auto* refused = std::get_if<http::Response>(&prepared)) return std::move(*refused);
  OpenChunk chunk;
  chunk.context = std::get<UploadContext>(std::move(prepared));
  const std::string_view id = request.Param("upload_id");
  auto writer = api.registry.uploads().Open(chunk.context.caller, chunk.context.repository, id);
  if (!writer) return ErrorResponse(request, writer.error());
  chunk.writer = *std::move(writer);
  auto plan = PlanChunk(request, chunk.writer->size());
  if (!plan) return UploadError(chunk.context, plan.error(), id, chunk.writer->size());
  chunk.plan = *plan;
  return chunk;
}

}  // namespace

SinkOrResponse StartUpload(RegistryApi& api, const http::Request& request) {
  auto prepared = Prepare(api, request, true);
  if (auto* refused = std::get_if<http::Response>(&prepared)) return std::move(*refused);
  UploadContext context = std::get<UploadContext>(std::move(prepared));
  const auto mount = ReadDigest(request, "mount");
  if (!mount) return ErrorResponse(request, mount.error());
  const auto digest = ReadDigest(request, "digest");
  if (!digest) return ErrorResponse(request, digest.error());
  const auto algorithm = ReadAlgorithm(request, *mount ? *mount : *digest);
  if (!algorithm) return ErrorResponse(request, algorithm.error());
  if (*mount) {
    // The token was checked in Prepare already; it is remembered, so this costs nothing.
    auto access = Authenticate(api, request, {});
    if (auto* refused = std::get_if<http::Response>(&access)) return std::move(*refused);
    const auto mounted = TryMount(context, std::get<AccessPtr>(access), **mount);
    if (!mounted) return ErrorResponse(request, mounted.error());
    if (*mounted) return AnswerAfterBody(request, BlobCreated(context, **mount));
    return StartSession(std::move(context), *algorithm);
  }
  const bool whole = *digest && (HasBody(request) || **digest == DigestOf("", (*digest)->algorithm()));
  if (whole) return StartWhole(std::move(context), (*digest)->algorithm(), **digest);
  return StartSession(std::move(context), *algorithm);
}

SinkOrResponse UploadChunk(RegistryApi& api, const http::Request& request) {
  auto opened = OpenForChunk(api, request);
  if (auto* refused = std::get_if<http::Response>(&opened)) return std::move(*refused);
  OpenChunk chunk = std::get<OpenChunk>(std::move(opened));
  return std::make_unique<PatchSink>(std::move(chunk.context), std::move(chunk.writer), chunk.plan);
}

SinkOrResponse FinishUpload(RegistryApi& api, const http::Request& request) {
  const auto digest = ReadDigest(request, "digest");
  auto opened = OpenForChunk(api, request);
  if (auto* refused = std::get_if<http::Response>(&opened)) return std::move(*refused);
  OpenChunk chunk = std::get<OpenChunk>(std::move(opened));
  if (!digest) return UploadError(chunk.context, digest.error(), chunk.writer->id(), chunk.writer->size());
  if (!*digest) {
    const Error missing(ErrorCode::kDigestInvalid, "the digest parameter is missing", "digest");
    return UploadError(chunk.context, missing, chunk.writer->id(), chunk.writer->size());
  }
  return std::make_unique<PutSink>(std::move(chunk.context), std::move(chunk.writer), chunk.plan, **digest);
}

http::Response GetUploadStatus(RegistryApi& api, const http::Request& request) {
  auto prepared = Prepare(api, request, false);
  if (auto* refused = std::get_if<http::Response>(&prepared)) return std::move(*refused);
  const UploadContext& context = std::get<UploadContext>(prepared);
  auto status = api.registry.uploads().Find(context.caller, context.repository, request.Param("upload_id"));
  if (!status) return ErrorResponse(request, status.error());
  http::Response response = Bare(204);
  AddUploadHeaders(response, context, status->id, status->size);
  return response;
}

http::Response CancelUpload(RegistryApi& api, const http::Request& request) {
  auto prepared = Prepare(api, request, false);
  if (auto* refused = std::get_if<http::Response>(&prepared)) return std::move(*refused);
  const UploadContext& context = std::get<UploadContext>(prepared);
  auto done = api.registry.uploads().Cancel(context.caller, context.repository, request.Param("upload_id"));
  if (!done) return ErrorResponse(request, done.error());
  return Bare(204);
}

}  // namespace berth::api::registry
