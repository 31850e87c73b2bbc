// Random, incompressible blob content, unique for each blob and cheap to make.
#pragma once

#include <openssl/evp.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace berth::bench {

// One blob: bytes of the shared random buffer, then a tail of its own. It says what the
// bytes are without holding them.
struct Blob {
  uint64_t size = 0;
  std::array<char, 64> tail{};
  std::string digest;  // "sha256:…"
};

// Makes blobs from a seed; the same seed, size and id give the same bytes everywhere.
//
// All blobs of one size share every byte but the last 64. The hash state up to there is
// kept, so a new blob costs one hash block instead of its whole length, and the client's
// core stays free for the load. Not thread-safe.
class Content {
 public:
  explicit Content(uint64_t seed);
  ~Content();
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  // Hashes what blobs of this size share, so that the first Make costs no more than the others.
  void Prepare(uint64_t size) { Make(size, 0); }
  Blob Make(uint64_t size, uint64_t id);

  // Fills up to `limit` entries with the bytes of `blob` in [from, to); returns how many.
  int Slices(const Blob& blob, uint64_t from, uint64_t to, iovec* entries, int limit) const;

 private:
  EVP_MD_CTX* PrefixState(uint64_t size);

  uint64_t seed_;
  std::vector<char> random_;
  std::map<uint64_t, EVP_MD_CTX*> prefix_states_;
};

// "sha256:" and the hexadecimal digest of the bytes.
std::string Sha256Digest(std::string_view bytes);
// The same from a finished context; ends it.
std::string FinishDigest(EVP_MD_CTX* context);

}  // namespace berth::bench
