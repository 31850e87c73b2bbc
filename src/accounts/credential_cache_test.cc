#include "accounts/credential_cache.h"

#include <gtest/gtest.h>

namespace berth::accounts {
namespace {

std::shared_ptr<const Credential> Some() { return std::make_shared<const Credential>(); }

TEST(CredentialCache, RemembersForSeconds) {
  ManualClock clock;
  CredentialCache cache(clock);
  EXPECT_EQ(cache.Find("token:1"), nullptr);
  const auto one = Some();
  cache.Put("token:1", one, cache.Generation());
  EXPECT_EQ(cache.Find("token:1"), one);
  EXPECT_EQ(cache.Find("token:2"), nullptr);
  clock.Advance(CredentialCache::kLifetime - Duration(1));
  EXPECT_EQ(cache.Find("token:1"), one);
  clock.Advance(Duration(1));
  EXPECT_EQ(cache.Find("token:1"), nullptr);
}

TEST(CredentialCache, AClockSetBackKeepsNothingAlive) {
  ManualClock clock;
  CredentialCache cache(clock);
  cache.Put("token:1", Some(), cache.Generation());
  clock.Advance(-std::chrono::hours(1));
  EXPECT_EQ(cache.Find("token:1"), nullptr);
}

TEST(CredentialCache, WhatWasReadBeforeAChangeIsNotRememberedAfterIt) {
  ManualClock clock;
  CredentialCache cache(clock);
  cache.Put("token:1", Some(), cache.Generation());
  const uint64_t before = cache.Generation();
  cache.Forget();
  EXPECT_EQ(cache.Find("token:1"), nullptr);
  cache.Put("token:1", Some(), before);
  EXPECT_EQ(cache.Find("token:1"), nullptr);
  cache.Put("token:1", Some(), cache.Generation());
  EXPECT_NE(cache.Find("token:1"), nullptr);
}

TEST(CredentialCache, IsBounded) {
  ManualClock clock;
  CredentialCache cache(clock, 64);
  for (int i = 0; i < 5000; ++i) cache.Put("token:" + std::to_string(i), Some(), cache.Generation());
  int found = 0;
  for (int i = 0; i < 5000; ++i) found += cache.Find("token:" + std::to_string(i)) != nullptr;
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 64 + 16);
}

}  // namespace
}  // namespace berth::accounts
