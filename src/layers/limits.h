// How much of a layer is read before it is refused. A refusal is for good: the same digest always holds the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace berth::layers {

struct Limits {
  uint64_t max_entries = 1'000'000;
  uint64_t max_unpacked_bytes = uint64_t{128} << 30;  // of the archive, and of what its files claim to be together
  // A stream may unpack to free_bytes and beyond that to max_ratio times what was read of it.
  uint64_t free_bytes = 256 << 20;
  uint64_t max_ratio = 250;
  size_t max_path_bytes = 4096;
  size_t max_depth = 255;
  uint64_t max_name_bytes = 64 << 20;    // of all paths and link targets together
  int zstd_window_log = 27;              // 128 MiB, what every decoder must be able to do (RFC 8878, section 3.1.1.1.2)
  uint64_t checkpoint_bytes = 32 << 20;  // between places from which a stream can be read again
  uint64_t max_package_file_bytes = 32 << 20;  // a larger package list is not looked into
  uint64_t max_packages = 200'000;
};

}  // namespace berth::layers
