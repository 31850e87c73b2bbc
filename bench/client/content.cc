#include "content.h"

#include <algorithm>
#include <cstring>

namespace berth::bench {
namespace {

// Small enough to stay in the last-level cache, so that sending costs what a real sender
// with warm data pays; far larger than any compression window.
constexpr size_t kRandomBytes = size_t{8} << 20;

uint64_t SplitMix(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

void FillRandom(uint64_t state, char* bytes, size_t size) {
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    const uint64_t word = SplitMix(state);
    std::memcpy(bytes + at, &word, std::min(sizeof word, size - at));
  }
}

uint64_t PrefixSize(const Blob& blob) { return blob.size - std::min<uint64_t>(blob.size, blob.tail.size()); }

}  // namespace

std::string FinishDigest(EVP_MD_CTX* context) {
  unsigned char raw[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context, raw, &size);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text = "sha256:";
  for (unsigned int i = 0; i < size; ++i) {
    text += kHex[raw[i] >> 4];
    text += kHex[raw[i] & 15];
  }
  return text;
}

std::string Sha256Digest(std::string_view bytes) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  EVP_DigestUpdate(context, bytes.data(), bytes.size());
  std::string digest = FinishDigest(context);
  EVP_MD_CTX_free(context);
  return digest;
}

Content::Content(uint64_t seed) : seed_(seed), random_(kRandomBytes) {
  FillRandom(seed, random_.data(), random_.size());
}

Content::~Content() {
  for (const auto& [size, state] : prefix_states_) EVP_MD_CTX_free(state);
}

EVP_MD_CTX* Content::PrefixState(uint64_t size) {
  EVP_MD_CTX*& state = prefix_states_[size];
  if (state != nullptr) return state;
  state = EVP_MD_CTX_new();
  EVP_DigestInit_ex(state, EVP_sha256(), nullptr);
  for (uint64_t at = 0; at < size;) {
    const uint64_t part = std::min<uint64_t>(size - at, random_.size());
    EVP_DigestUpdate(state, random_.data(), part);
    at += part;
  }
  return state;
}

Blob Content::Make(uint64_t size, uint64_t id) {
  Blob blob;
  blob.size = size;
  uint64_t state = seed_ ^ (id * 0xd1342543de82ef95ULL) ^ (size << 20);
  FillRandom(SplitMix(state), blob.tail.data(), blob.tail.size());
  const uint64_t prefix = PrefixSize(blob);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_MD_CTX_copy_ex(context, PrefixState(prefix));
  EVP_DigestUpdate(context, blob.tail.data(), size - prefix);
  blob.digest = FinishDigest(context);
  EVP_MD_CTX_free(context);
  return blob;
}

int Content::Slices(const Blob& blob, uint64_t from, uint64_t to, iovec* entries, int limit) const {
  const uint64_t prefix = PrefixSize(blob);
  int used = 0;
  while (from < to && used < limit) {
    const char* start = nullptr;
    uint64_t length = 0;
    if (from < prefix) {
      const uint64_t offset = from % random_.size();
      start = random_.data() + offset;
      length = std::min({to - from, prefix - from, random_.size() - offset});
    } else {
      start = blob.tail.data() + (from - prefix);
      length = to - from;
    }
    entries[used++] = {const_cast<char*>(start), length};
    from += length;
  }
  return used;
}

}  // namespace berth::bench
