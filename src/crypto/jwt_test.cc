#include "crypto/jwt.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "base/encoding.h"

namespace berth::crypto {
namespace {

// The key, and the token made with it, of RFC 7515, appendix A.2, with the key written as PEM.
constexpr std::string_view kRfcPem = R"(-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO
jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL
aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn
juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5
ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf
toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg
VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW
PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G
O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj
kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6
XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB
4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K
pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr
0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE
lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6
kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP
rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw
kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp
5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2
9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/
evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG
yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj
OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2
tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3
ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56
03k2+ZQwVK0JKSHuLFkuQ3U=
-----END PRIVATE KEY-----
)";
constexpr std::string_view kRfcModulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
    "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca"
    "pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb5"
    "4h4FRWyuXpoQ";
constexpr std::string_view kRfcSigned =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"
    "nVlfQ";
constexpr std::string_view kRfcSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr"
    "7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--x"
    "i12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_Ioy"
    "pGlUPQGe77Rw";

Timestamp At(int64_t seconds) { return FromMicros(seconds * 1'000'000); }
constexpr int64_t kNow = 1'700'000'000;

const std::shared_ptr<const SigningKey>& KeyA() {
  static const auto key = SigningKey::Generate().value();
  return key;
}
const std::shared_ptr<const SigningKey>& KeyB() {
  static const auto key = SigningKey::Generate().value();
  return key;
}

JwtExpectation Expected() { return {.issuer = "us", .audience = "there", .now = At(kNow)}; }

std::string Claims(std::string_view rest = {}, int64_t exp = kNow + 60) {
  return R"({"iss":"us","aud":"there","sub":"alice","exp":)" + std::to_string(exp) + std::string(rest) + "}";
}

ErrorCode Refusal(const KeySet& keys, std::string_view token, JwtExpectation expectation = Expected()) {
  const auto verdict = keys.Verify(token, expectation);
  EXPECT_FALSE(verdict.has_value());
  return verdict ? ErrorCode::kInternal : verdict.error().code;
}

// `token` with another header in front of the same payload and signature.
std::string WithHeader(std::string_view token, std::string_view header) {
  return Base64UrlEncode(header) + std::string(token.substr(token.find('.')));
}

TEST(Jwt, SignsAsRfc7515AppendixA2) {
  const auto key = SigningKey::FromPem(kRfcPem).value();
  EXPECT_NE(key->jwk().find("\"n\":\"" + std::string(kRfcModulus) + "\""), std::string::npos) << key->jwk();
  EXPECT_NE(key->jwk().find("\"e\":\"AQAB\""), std::string::npos);
  EXPECT_EQ(Base64UrlEncode(key->Sign(kRfcSigned)), kRfcSignature);
  EXPECT_TRUE(key->Verify(kRfcSigned, *Base64UrlDecode(kRfcSignature)));
  EXPECT_FALSE(key->Verify(std::string(kRfcSigned) + "x", *Base64UrlDecode(kRfcSignature)));
}

TEST(Jwt, TakesItsOwnToken) {
  const KeySet keys({KeyA()});
  const std::string token = keys.Sign(Claims());
  const auto verdict = keys.Verify(token, Expected());
  ASSERT_TRUE(verdict.has_value()) << verdict.error().message;
  EXPECT_EQ(verdict->claims.root().Find("sub")->AsString(), "alice");
  EXPECT_EQ(ToUnixSeconds(verdict->expires), kNow + 60);
  EXPECT_EQ(PeekKid(token).value(), KeyA()->kid());
}

TEST(Jwt, KeysSurviveTheWayThroughPem) {
  const auto copy = SigningKey::FromPem(KeyA()->PrivatePem()).value();
  EXPECT_EQ(copy->kid(), KeyA()->kid());
  EXPECT_TRUE(KeySet({KeyA()}).Verify(KeySet({copy}).Sign(Claims()), Expected()).has_value());
  EXPECT_EQ(SigningKey::FromPem("nothing").error().code, ErrorCode::kInvalidArgument);
}

TEST(Jwt, OldKeysVerifyButDoNotSign) {
  const std::string old_token = KeySet({KeyA()}).Sign(Claims());
  const KeySet rotated({KeyB(), KeyA()});
  EXPECT_TRUE(rotated.Verify(old_token, Expected()).has_value());
  EXPECT_EQ(PeekKid(rotated.Sign(Claims())).value(), KeyB()->kid());
  EXPECT_EQ(Refusal(KeySet({KeyB()}), old_token), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(rotated.Holds(KeyA()->kid()));
  EXPECT_NE(rotated.Jwks().find(KeyA()->kid()), std::string::npos);
  EXPECT_NE(rotated.Jwks().find(KeyB()->kid()), std::string::npos);
}

TEST(Jwt, RefusesOtherAlgorithmsAndForeignKeys) {
  const KeySet keys({KeyA()});
  const std::string token = keys.Sign(Claims());
  const std::string& kid = KeyA()->kid();
  for (const auto alg : {"none", "HS256", "RS384", "rs256", "ES256", ""}) {
    EXPECT_EQ(Refusal(keys, WithHeader(token, R"({"alg":")" + std::string(alg) + R"(","kid":")" + kid + "\"}")),
              ErrorCode::kUnauthenticated);
  }
  // Key material inside the token is nobody's business, even under a kid that we hold.
  const KeySet theirs({KeyB()});
  const std::string forged = theirs.Sign(Claims());
  EXPECT_EQ(Refusal(keys, WithHeader(forged, R"({"alg":"RS256","kid":")" + kid + R"(","jwk":)" + KeyB()->jwk() + "}")),
            ErrorCode::kUnauthenticated);
  EXPECT_EQ(Refusal(keys, forged), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Refusal(keys, WithHeader(token, R"({"alg":"RS256"})")), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Refusal(keys, WithHeader(token, R"({"alg":"RS256","kid":")" + kid + R"(","crit":["b64"]})")),
            ErrorCode::kUnauthenticated);
}

TEST(Jwt, RefusesAnyChangedCharacter) {
  const KeySet keys({KeyA()});
  const std::string token = keys.Sign(Claims());
  for (size_t i = 0; i < token.size(); i += 7) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(keys.Verify(changed, Expected()).has_value()) << i;
  }
  EXPECT_FALSE(keys.Verify(token.substr(0, token.rfind('.')), Expected()).has_value());
  EXPECT_FALSE(keys.Verify(token.substr(0, token.rfind('.') + 1), Expected()).has_value());
  EXPECT_FALSE(keys.Verify(token + ".", Expected()).has_value());
  EXPECT_FALSE(keys.Verify("", Expected()).has_value());
  EXPECT_FALSE(keys.Verify("..", Expected()).has_value());
  EXPECT_FALSE(keys.Verify(std::string(KeySet::kMaxTokenBytes + 1, 'a'), Expected()).has_value());
}

TEST(Jwt, ChecksIssuerAndAudience) {
  const KeySet keys({KeyA()});
  const std::string exp = R"("exp":)" + std::to_string(kNow + 60) + "}";
  EXPECT_TRUE(keys.Verify(keys.Sign(R"({"iss":"us","aud":["here","there"],)" + exp), Expected()).has_value());
  for (const auto bad :
       {R"({"iss":"them","aud":"there",)", R"({"aud":"there",)", R"({"iss":"us","aud":"here",)", R"({"iss":"us",)",
        R"({"iss":"us","aud":[],)", R"({"iss":"us","aud":{"there":1},)", R"({"iss":1,"aud":"there",)"}) {
    EXPECT_EQ(Refusal(keys, keys.Sign(bad + exp)), ErrorCode::kUnauthenticated) << bad;
  }
}

TEST(Jwt, ChecksTimesWithALittleLeeway) {
  const KeySet keys({KeyA()});
  EXPECT_TRUE(keys.Verify(keys.Sign(Claims("", kNow - 4)), Expected()).has_value());
  EXPECT_EQ(Refusal(keys, keys.Sign(Claims("", kNow - 5))), ErrorCode::kTokenExpired);
  EXPECT_TRUE(keys.Verify(keys.Sign(Claims(R"(,"nbf":1700000005)")), Expected()).has_value());
  EXPECT_EQ(Refusal(keys, keys.Sign(Claims(R"(,"nbf":1700000006)"))), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Refusal(keys, keys.Sign(Claims(R"(,"nbf":"soon")"))), ErrorCode::kUnauthenticated);
  for (const auto exp : {"-1", "9223372036854775807", "\"1800000000\"", "null", "1e400"}) {
    EXPECT_EQ(Refusal(keys, keys.Sign(R"({"iss":"us","aud":"there","exp":)" + std::string(exp) + "}")) ==
                  ErrorCode::kTokenExpired,
              false)
        << exp;
  }
  EXPECT_EQ(Refusal(keys, keys.Sign(R"({"iss":"us","aud":"there"})")), ErrorCode::kUnauthenticated);
}

TEST(Jwt, SignsFromManyThreadsAtOnce) {
  const KeySet keys({KeyA(), KeyB()});
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(keys.Verify(keys.Sign(Claims()), Expected()).has_value());
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace berth::crypto
