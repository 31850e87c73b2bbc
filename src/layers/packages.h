// Package lists as package managers keep them in an image, told by their paths.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "layers/layer_index.h"

namespace berth::layers {

// What list the file at this (clean) path is, if any: dpkg's status and status.d, apk's installed, METADATA of a Python
// distribution, package.json of an installed npm package.
std::optional<Ecosystem> PackageListAt(std::string_view path);

// The packages that a list names, appended to `out` up to `limit` altogether; what can't be understood is left out.
void ReadPackageList(Ecosystem ecosystem, std::string_view text, uint32_t file, uint64_t limit,
                     std::vector<PackageRecord>& out);

}  // namespace berth::layers
