// The embedded files: what /web builds, and the API contracts.
#pragma once

#include <span>
#include <string_view>

namespace berth::web {

// One file, in up to three encodings. All views point into the program and live as long as it does.
struct Asset {
  std::string_view path;  // "/assets/index-3f2a.js", "/index.html", "/openapi/hub.yaml"
  std::string_view content_type;
  std::string_view hash;  // of the plain bytes; the entity tag is made from it
  std::string_view plain;
  std::string_view brotli;  // empty: not worth it
  std::string_view gzip;    // empty: not worth it
  bool immutable = false;   // its name changes with its content
};

// Sorted by path. Thread-safe.
std::span<const Asset> Assets();

// The asset of that path, or null.
const Asset* FindAsset(std::string_view path);

}  // namespace berth::web
