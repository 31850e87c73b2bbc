#include "crypto/totp.h"

#include <gtest/gtest.h>

namespace berth::crypto {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";
Timestamp At(int64_t seconds) { return FromMicros(seconds * 1'000'000); }

TEST(Totp, MatchesTheVectorsOfRfc6238) {
  // Appendix B has eight digits; ours are the last six.
  EXPECT_EQ(TotpCode(kSecret, 59 / 30), "287082");
  EXPECT_EQ(TotpCode(kSecret, 1111111109 / 30), "081804");
  EXPECT_EQ(TotpCode(kSecret, 1111111111 / 30), "050471");
  EXPECT_EQ(TotpCode(kSecret, 1234567890 / 30), "005924");
  EXPECT_EQ(TotpCode(kSecret, 2000000000 / 30), "279037");
  EXPECT_EQ(TotpCode(kSecret, 20000000000 / 30), "353130");
}

TEST(Totp, TakesTheNeighbouringStepsOnly) {
  const int64_t now = 2000000000;
  const int64_t step = now / 30;
  for (const int64_t drift : {-1, 0, 1}) {
    EXPECT_EQ(VerifyTotp(kSecret, TotpCode(kSecret, step + drift), At(now), 0), step + drift);
  }
  for (const int64_t drift : {-2, 2, 100}) {
    EXPECT_EQ(VerifyTotp(kSecret, TotpCode(kSecret, step + drift), At(now), 0), std::nullopt);
  }
}

TEST(Totp, ACodeWorksOnce) {
  const int64_t now = 2000000000;
  const std::string code = TotpCode(kSecret, now / 30);
  const auto step = VerifyTotp(kSecret, code, At(now), 0);
  ASSERT_TRUE(step.has_value());
  EXPECT_EQ(VerifyTotp(kSecret, code, At(now), *step), std::nullopt);
  EXPECT_EQ(VerifyTotp(kSecret, TotpCode(kSecret, *step - 1), At(now), *step), std::nullopt);
  EXPECT_EQ(VerifyTotp(kSecret, TotpCode(kSecret, *step + 1), At(now), *step), *step + 1);
}

TEST(Totp, RefusesWhatIsNoCode) {
  for (const auto bad : {"", "28708", "2870820", "abcdef"})
    EXPECT_EQ(VerifyTotp(kSecret, bad, At(59), 0), std::nullopt);
}

TEST(Totp, Base32OfRfc4648) {
  EXPECT_EQ(Base32Encode(""), "");
  EXPECT_EQ(Base32Encode("f"), "MY");
  EXPECT_EQ(Base32Encode("fo"), "MZXQ");
  EXPECT_EQ(Base32Encode("foo"), "MZXW6");
  EXPECT_EQ(Base32Encode("foob"), "MZXW6YQ");
  EXPECT_EQ(Base32Encode("fooba"), "MZXW6YTB");
  EXPECT_EQ(Base32Encode("foobar"), "MZXW6YTBOI");
}

TEST(Totp, UriNamesTheAccount) {
  EXPECT_EQ(TotpUri("foobar", "My Berth", "alice"),
            "otpauth://totp/My%20Berth:alice?secret=MZXW6YTBOI&issuer=My%20Berth&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace berth::crypto
