#include "http_server/piece_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace berth::http_server {
namespace {

constexpr size_t kMiB = 1 << 20;

bool IsFresh(const PieceMemory::Loan& loan) {
  return std::string_view(loan.data(), loan.size()).find_first_not_of('\0') == std::string_view::npos;
}

void Use(const PieceMemory::Loan& loan) { std::memset(loan.data(), 1, loan.size()); }

TEST(PieceMemory, PiecesBeginAtPagesAndHoldWhatWasAskedFor) {
  PieceMemory memory;
  for (const size_t wanted : {size_t{1}, 64 * 1024ul, 64 * 1024ul + 1, 700'000ul, kMiB}) {
    const auto loan = memory.Take(wanted, 1);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(loan.data()) % 4096, 0u);
    EXPECT_GE(loan.size(), wanted);
    Use(loan);
  }
  EXPECT_EQ(memory.Take(5 * kMiB, 1).size(), PieceMemory::kMost);
}

TEST(PieceMemory, PiecesOnLoanShareNoByte) {
  PieceMemory memory;
  std::vector<PieceMemory::Loan> loans;
  for (int i = 0; i < 200; ++i) {
    loans.push_back(memory.Take(PieceMemory::kLeast << (i % 5), 20));
    std::memset(loans.back().data(), i, loans.back().size());
    // Gaps of every size, for the next ones to fill.
    if (i % 3 == 0) loans[static_cast<size_t>(i) / 2] = {};
  }
  for (size_t i = 0; i < loans.size(); ++i) {
    const std::string_view view(loans[i].data(), loans[i].size());
    EXPECT_EQ(view.find_first_not_of(static_cast<char>(i)), std::string_view::npos) << i;
  }
}

TEST(PieceMemory, WhatWasGivenBackIsLentAgain) {
  PieceMemory memory;
  auto loan = memory.Take(kMiB, 1);
  char* const address = loan.data();
  Use(loan);
  loan = {};
  loan = memory.Take(kMiB, 1);
  EXPECT_EQ(loan.data(), address);
  EXPECT_FALSE(IsFresh(loan));
}

TEST(PieceMemory, ManyUploadsGetSmallerPieces) {
  constexpr int kUploads = 100;
  PieceMemory memory;
  std::vector<PieceMemory::Loan> loans;
  size_t together = 0;
  for (int i = 0; i < 2 * kUploads; ++i) {
    loans.push_back(memory.Take(kMiB, kUploads));
    together += loans.back().size();
  }
  EXPECT_EQ(loans.front().size(), kMiB) << "there was plenty";
  EXPECT_LT(loans.back().size(), kMiB);
  EXPECT_LE(together, 80 * kMiB);
  // Those that came first get their part only when they come again.
  loans.front() = {};
  loans.front() = memory.Take(kMiB, kUploads);
  EXPECT_EQ(loans.front().size(), loans.back().size());
  // And whole ones as soon as the many have gone.
  loans.clear();
  EXPECT_EQ(memory.Take(kMiB, kUploads).size(), kMiB);
}

TEST(PieceMemory, TrimLetsGoOfWhatWasNotNeeded) {
  PieceMemory memory;
  const auto take = [&] { return memory.Take(kMiB, 1); };
  std::vector<PieceMemory::Loan> loans;
  for (int i = 0; i < 4; ++i) Use(loans.emplace_back(take()));
  loans.clear();
  memory.Trim();  // all have just been used
  auto one = take();
  EXPECT_FALSE(IsFresh(one));
  one = {};
  memory.Trim();  // two of them lie in one slab, which was needed; the others were not
  for (int i = 0; i < 4; ++i) loans.emplace_back(take());
  EXPECT_FALSE(IsFresh(loans[0]));
  EXPECT_FALSE(IsFresh(loans[1]));
  EXPECT_TRUE(IsFresh(loans[2]));
  EXPECT_TRUE(IsFresh(loans[3]));
  loans.resize(1);
  memory.Trim();
  memory.Trim();
  EXPECT_FALSE(IsFresh(loans[0])) << "on loan all the time";
  loans.clear();
  memory.Trim();
  memory.Trim();
  EXPECT_TRUE(IsFresh(take()));
}

}  // namespace
}  // namespace berth::http_server
