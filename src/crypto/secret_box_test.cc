#include "crypto/secret_box.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "crypto/random.h"

namespace berth::crypto {
namespace {

class SecretBoxTest : public ::testing::Test {
 protected:
  SecretBoxTest() : folder_(std::filesystem::temp_directory_path() / ("berth-box-" + RandomText(12))) {
    std::filesystem::create_directories(folder_);
  }
  ~SecretBoxTest() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(SecretBoxTest, OpensWhatItSealedForTheSamePurposeOnly) {
  const auto box = SecretBox::FromText(std::string(64, 'a')).value();
  const std::string sealed = box.Seal("the secret", "totp/1");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_NE(sealed, box.Seal("the secret", "totp/1"));
  EXPECT_EQ(box.Open(sealed, "totp/1").value(), "the secret");
  EXPECT_EQ(box.Open(sealed, "totp/2").error().code, ErrorCode::kPreconditionFailed);
  EXPECT_EQ(box.Open(box.Seal("", "p"), "p").value(), "");
  const auto other = SecretBox::FromText(std::string(64, 'b')).value();
  EXPECT_EQ(other.Open(sealed, "totp/1").error().code, ErrorCode::kPreconditionFailed);
}

TEST_F(SecretBoxTest, RefusesAnyChangedByteAndAnyCut) {
  const auto box = SecretBox::FromText(std::string(64, 'a')).value();
  const std::string sealed = box.Seal("x", "p");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(box.Open(changed, "p").has_value()) << i;
    EXPECT_FALSE(box.Open(std::string_view(sealed).substr(0, i), "p").has_value()) << i;
  }
}

TEST_F(SecretBoxTest, KeyTextIsHexOrBase64) {
  const std::string key = RandomBytes(32);
  const auto by_hex = SecretBox::FromText(HexEncode(key)).value();
  const auto by_base64 = SecretBox::FromText(Base64Encode(key) + "\n").value();
  EXPECT_EQ(by_base64.Open(by_hex.Seal("s", "p"), "p").value(), "s");
  for (const auto bad : {"", "abc", "not a key at all"}) {
    EXPECT_EQ(SecretBox::FromText(bad).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(SecretBox::FromText(std::string(64, 'g')).has_value());
}

TEST_F(SecretBoxTest, MakesTheKeyFileOnceForItsOwnerOnly) {
  const auto file = folder_ / "secret-key";
  std::vector<std::string> sealed(8);
  {
    std::vector<std::thread> threads;
    for (auto& text : sealed) {
      threads.emplace_back([&text, &file] { text = SecretBox::FromFile(file).value().Seal("s", "p"); });
    }
    for (auto& thread : threads) thread.join();
  }
  struct stat facts{};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const auto box = SecretBox::FromFile(file).value();
  for (const auto& text : sealed) EXPECT_EQ(box.Open(text, "p").value(), "s");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(SecretBoxTest, ABrokenKeyFileIsNamedAndLeftAlone) {
  const auto file = folder_ / "secret-key";
  std::ofstream(file) << "garbage";
  const auto box = SecretBox::FromFile(file);
  ASSERT_FALSE(box.has_value());
  EXPECT_EQ(box.error().code, ErrorCode::kPreconditionFailed);
  EXPECT_NE(box.error().message.find("secret-key"), std::string::npos);
  std::ifstream in(file);
  std::string text;
  in >> text;
  EXPECT_EQ(text, "garbage");
  EXPECT_EQ(SecretBox::FromFile(folder_ / "missing" / "secret-key").error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace berth::crypto
