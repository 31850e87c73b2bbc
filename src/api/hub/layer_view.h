// Answers of the operations that look inside layers.
#pragma once

#include <string>

#include "api/hub/hub_api.h"
#include "api/hub/image_choice.h"
#include "layers/layer_service.h"

namespace berth::api::hub {

// The layers of an image as layers::LayerService takes them.
std::vector<layers::LayerRef> LayersOf(const registry::ParsedManifest& manifest);

// 202: the layers are being read for the first time, or can't be.
http::Response StillReading(const layers::IndexProgress& progress);

// A number that a cursor of this list holds; 0 for the beginning. kInvalidArgument.
Result<size_t> ReadOffset(const std::string& cursor);
// Where the next page begins; none when `end` is the end of the list.
std::optional<std::string> NextOffset(size_t end, size_t total);

}  // namespace berth::api::hub
