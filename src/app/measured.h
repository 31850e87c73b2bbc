// The database and the blob store with their times told to the metrics.
#pragma once

#include <memory>

#include "api/ops/metrics.h"
#include "blob/blob_store.h"
#include "sql/database.h"

namespace berth::app {

class MeasuredDatabase final : public sql::Database {
 public:
  MeasuredDatabase(std::unique_ptr<sql::Database> inner, api::ops::Metrics& metrics)
      : inner_(std::move(inner)), metrics_(metrics) {}
  sql::Dialect dialect() const override { return inner_->dialect(); }

 protected:
  Result<void> DoRead(FunctionRef<Result<void>(sql::Connection&)> body) override;
  Result<void> DoWrite(FunctionRef<Result<void>(sql::Transaction&)> body, sql::Durability durability) override;

 private:
  std::unique_ptr<sql::Database> inner_;
  api::ops::Metrics& metrics_;
};

std::unique_ptr<BlobStore> Measured(std::unique_ptr<BlobStore> inner, api::ops::Metrics& metrics);

}  // namespace berth::app
