#include "app/measured.h"

namespace berth::app {
namespace {

using std::chrono::steady_clock;

// What a store call answered with is the caller's business; only what the store itself could not do counts as its
// error.
bool StoreFailed(ErrorCode code) {
  return code == ErrorCode::kInternal || code == ErrorCode::kUnavailable || code == ErrorCode::kOutOfSpace ||
         code == ErrorCode::kTimeout;
}

template <typename Call>
auto Time(api::ops::Metrics& metrics, std::string_view store, std::string_view operation, Call&& call) {
  const auto start = steady_clock::now();
  auto result = call();
  metrics.ObserveStore(store, operation, steady_clock::now() - start,
                       result.has_value() || !StoreFailed(result.error().code));
  return result;
}

class MeasuredBlobStore final : public BlobStore {
 public:
  MeasuredBlobStore(std::unique_ptr<BlobStore> inner, api::ops::Metrics& metrics)
      : inner_(std::move(inner)), metrics_(metrics) {}

  Result<std::unique_ptr<BlobGuard>> Guard(const Digest& digest, GuardMode mode) override {
    return inner_->Guard(digest, mode);
  }
  Result<std::unique_ptr<BlobGuard>> GuardUpload(std::string_view key) override { return inner_->GuardUpload(key); }
  Result<std::unique_ptr<UploadFile>> CreateUpload(std::string_view key) override {
    return Time(metrics_, "blob", "create_upload", [&] { return inner_->CreateUpload(key); });
  }
  Result<std::unique_ptr<UploadFile>> OpenUpload(std::string_view key) override { return inner_->OpenUpload(key); }
  Result<void> Publish(std::string_view key, std::unique_ptr<UploadFile> upload, const Digest& digest) override {
    return Time(metrics_, "blob", "publish", [&] { return inner_->Publish(key, std::move(upload), digest); });
  }
  Result<void> DropUpload(std::string_view key) override { return inner_->DropUpload(key); }
  Result<std::vector<StoredUpload>> ListUploads() override { return inner_->ListUploads(); }
  Result<std::shared_ptr<const BlobFile>> Open(const Digest& digest) override {
    return Time(metrics_, "blob", "open", [&] { return inner_->Open(digest); });
  }
  Result<bool> Exists(const Digest& digest, uint64_t size) override { return inner_->Exists(digest, size); }
  Result<void> Delete(const Digest& digest) override {
    return Time(metrics_, "blob", "delete", [&] { return inner_->Delete(digest); });
  }
  Result<void> Quarantine(const Digest& digest) override { return inner_->Quarantine(digest); }
  Result<void> ForEach(FunctionRef<bool(const StoredBlob&)> visit) override { return inner_->ForEach(visit); }
  Result<void> Probe() override {
    return Time(metrics_, "blob", "probe", [&] { return inner_->Probe(); });
  }

 private:
  std::unique_ptr<BlobStore> inner_;
  api::ops::Metrics& metrics_;
};

}  // namespace

Result<void> MeasuredDatabase::DoRead(FunctionRef<Result<void>(sql::Connection&)> body) {
  return Time(metrics_, "database", "read",
              [&] { return inner_->Read([&](sql::Connection& connection) { return body(connection); }); });
}

Result<void> MeasuredDatabase::DoWrite(FunctionRef<Result<void>(sql::Transaction&)> body, sql::Durability durability) {
  return Time(metrics_, "database", "write",
              [&] { return inner_->Write([&](sql::Transaction& tx) { return body(tx); }, durability); });
}

std::unique_ptr<BlobStore> Measured(std::unique_ptr<BlobStore> inner, api::ops::Metrics& metrics) {
  return std::make_unique<MeasuredBlobStore>(std::move(inner), metrics);
}

}  // namespace berth::app
