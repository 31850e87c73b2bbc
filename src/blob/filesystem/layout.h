// Where things lie below the driver's folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"

namespace berth::blob {

class Layout {
 public:
  explicit Layout(std::string root) : root_(std::move(root)) {}

  const std::string& root() const { return root_; }
  std::string Uploads() const { return root_ + "/uploads"; }
  std::string Upload(std::string_view key) const { return Uploads() + "/" + std::string(key); }
  std::string Quarantine() const { return root_ + "/quarantine"; }
  std::string Locks() const { return root_ + "/locks"; }
  std::string Guards() const { return Locks() + "/guards"; }
  std::string UploadGuards() const { return Locks() + "/uploads"; }
  std::string Algorithm(DigestAlgorithm algorithm) const { return root_ + "/" + std::string(ToString(algorithm)); }
  static constexpr size_t kFolders = 256;  // of each algorithm
  std::vector<std::string> Folders(DigestAlgorithm algorithm) const;
  // "<root>/sha256/ab": the first two hexadecimal digits spread the blobs over 256 folders.
  std::string Folder(const Digest& digest) const {
    return Algorithm(digest.algorithm()) + "/" + std::string(digest.hex().substr(0, 2));
  }
  std::string Blob(const Digest& digest) const { return Folder(digest) + "/" + std::string(digest.hex()); }
  std::string Quarantined(const Digest& digest) const {
    return Quarantine() + "/" + std::string(ToString(digest.algorithm())) + "-" + std::string(digest.hex());
  }
  // 0…511, one for each folder that holds blobs.
  static size_t FolderIndex(const Digest& digest) {
    const std::string_view hex = digest.hex();
    return FirstFolderIndex(digest.algorithm()) + static_cast<size_t>(Value(hex[0]) << 4 | Value(hex[1]));
  }
  static size_t FirstFolderIndex(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::kSha512 ? kFolders : 0;
  }
  // A place in the file of guards, practically each digest's own.
  static int64_t GuardedByte(const Digest& digest) {
    int64_t place = 0;
    for (const char c : digest.hex().substr(0, 15)) place = place << 4 | Value(c);
    return place;
  }
  // The same for uploads, in a file of their own: FNV-1a, so that every copy of the server means the same byte.
  static int64_t GuardedByte(std::string_view upload_key) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : upload_key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return static_cast<int64_t>(hash >> 4);
  }

 private:
  static int64_t Value(char hex) { return hex <= '9' ? hex - '0' : hex - 'a' + 10; }

  std::string root_;
};

// Upload keys become file names: letters, digits and '-' only, at most 64.
bool IsUploadKey(std::string_view key);

}  // namespace berth::blob
