#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace berth {
namespace {

// FIPS 180-4 examples.
constexpr std::string_view kAbc256 = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kEmpty256 = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kAbc512 =
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(Digest, HashesKnownText) {
  EXPECT_EQ(DigestOf("abc").text(), kAbc256);
  EXPECT_EQ(DigestOf("").text(), kEmpty256);
  EXPECT_EQ(DigestOf("abc", DigestAlgorithm::kSha512).text(), kAbc512);
}

TEST(Digest, HashingInPiecesIsHashingTheWhole) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text.push_back(static_cast<char>(i * 31));
  for (const auto algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512}) {
    Hasher hasher(algorithm);
    for (size_t at = 0; at < text.size(); at += 137) hasher.Update(std::string_view(text).substr(at, 137));
    Hasher moved = std::move(hasher);
    EXPECT_EQ(moved.Finish(), DigestOf(text, algorithm));
  }
}

TEST(Digest, HashesAMillionLetters) {  // FIPS 180-4 examples
  const std::string letters(1'000'000, 'a');
  EXPECT_EQ(DigestOf(letters).hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(DigestOf(letters, DigestAlgorithm::kSha512).hex(),
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
            "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
}

TEST(Digest, EverySizeOfAPieceIsTakenWhole) {
  for (const size_t size : {1u, 1023u, 1024u, 1025u, 2048u, 2049u, 3071u, 3072u, 3073u, 4095u, 4097u, 65'535u}) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i * 31 + i / 251));
    Hasher bytewise(DigestAlgorithm::kSha256);
    for (const char& each : text) bytewise.Update({&each, 1});
    EXPECT_EQ(DigestOf(text), bytewise.Finish()) << size;
  }
}

TEST(Digest, ParseTakesOnlyTheCanonicalText) {
  for (const auto good : {kAbc256, kEmpty256, kAbc512}) {
    const auto digest = Digest::Parse(good);
    ASSERT_TRUE(digest.has_value());
    EXPECT_EQ(digest->text(), good);
    EXPECT_EQ(digest->hex(), good.substr(7));
  }
  EXPECT_EQ(Digest::Parse(kAbc512)->algorithm(), DigestAlgorithm::kSha512);
  std::string upper(kAbc256);
  upper[10] = 'A';
  std::string slash(kAbc256);
  slash[20] = '/';
  const std::string too_long = std::string(kAbc256) + "0";
  const std::string crossed = "sha512:" + std::string(kAbc256.substr(7));
  const std::vector<std::string> malformed = {"",
                                              "sha256",
                                              "sha256:",
                                              "md5:00",
                                              "sha256:../../etc/passwd",
                                              upper,
                                              slash,
                                              too_long,
                                              crossed,
                                              std::string(kAbc256.substr(0, 70)),
                                              "SHA256:" + std::string(kAbc256.substr(7)),
                                              " " + std::string(kAbc256),
                                              std::string(kAbc256) + "\n"};
  for (const std::string& bad : malformed) {
    const auto digest = Digest::Parse(bad);
    ASSERT_FALSE(digest.has_value()) << bad;
    EXPECT_EQ(digest.error().code, ErrorCode::kDigestInvalid);
  }
}

}  // namespace
}  // namespace berth
