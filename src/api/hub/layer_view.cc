#include "api/hub/layer_view.h"

#include "api/hub/cursor.h"

namespace berth::api::hub {
namespace {

struct ProgressView {
  std::string state;
  int64_t layers_done = 0;
  int64_t layers_total = 0;
  int64_t bytes_done = 0;
  int64_t bytes_total = 0;
  std::string reason;
  int32_t retry_after = 0;
};
BOOST_DESCRIBE_STRUCT(ProgressView, (),
                      (state, layers_done, layers_total, bytes_done, bytes_total, reason, retry_after))

std::string StateName(layers::IndexProgress::State state) {
  if (state == layers::IndexProgress::State::kFailed) return "failed";
  return state == layers::IndexProgress::State::kRunning ? "running" : "waiting";
}

}  // namespace

std::vector<layers::LayerRef> LayersOf(const registry::ParsedManifest& manifest) {
  std::vector<layers::LayerRef> refs;
  for (const auto& layer : manifest.layers) refs.push_back({layer.digest.text(), layer.media_type});
  return refs;
}

http::Response StillReading(const layers::IndexProgress& progress) {
  ProgressView view;
  view.state = StateName(progress.state);
  view.layers_done = progress.layers_done;
  view.layers_total = progress.layers_total;
  view.bytes_done = progress.bytes_done;
  view.bytes_total = progress.bytes_total;
  view.reason = progress.reason;
  view.retry_after = progress.retry_after;
  auto response = http::Response::Json(202, json::Encode(view));
  if (progress.state != layers::IndexProgress::State::kFailed) {
    response.Add("Retry-After", static_cast<int64_t>(progress.retry_after));
  }
  return response;
}

Result<size_t> ReadOffset(const std::string& cursor) {
  TRY(const auto read, ReadCursor(cursor, "cursor"));
  if (!read) return size_t{0};
  if (read->id < 0 || !read->key.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "is no cursor of this list", "cursor");
  }
  return static_cast<size_t>(read->id);
}

std::optional<std::string> NextOffset(size_t end, size_t total) {
  if (end >= total) return std::nullopt;
  return MakeCursor({"", static_cast<int64_t>(end)});
}

}  // namespace berth::api::hub
