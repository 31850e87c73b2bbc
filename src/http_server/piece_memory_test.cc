#include "http_server/piece_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace berth::http_server {
namespace {

bool IsFresh(const PieceMemory::Block& block, size_t bytes) {
  const std::string_view view(block.get(), bytes);
  return view.find_first_not_of('\0') == std::string_view::npos;
}

TEST(PieceMemory, BlocksBeginAtPagesAndCanBeWritten) {
  PieceMemory memory(2 << 20);
  for (const size_t bytes : {size_t{4} << 10, size_t{100} << 10, size_t{2} << 20, size_t{6} << 20}) {
    const auto block = memory.Take(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block.get()) % 4096, 0u);
    EXPECT_TRUE(IsFresh(block, bytes));
    std::memset(block.get(), 1, bytes);
  }
}

TEST(PieceMemory, KeepsBlocksOfItsSizeOnly) {
  constexpr size_t kKept = 2 << 20;
  PieceMemory memory(kKept);
  auto block = memory.Take(kKept);
  char* const address = block.get();
  std::memset(address, 1, kKept);
  memory.GiveBack(std::move(block));
  block = memory.Take(kKept);
  EXPECT_EQ(block.get(), address);
  EXPECT_FALSE(IsFresh(block, kKept));
  memory.GiveBack(memory.Take(64 << 10));
  memory.GiveBack(nullptr);
  EXPECT_TRUE(IsFresh(memory.Take(kKept), kKept)) << "nothing was kept";
}

TEST(PieceMemory, TrimLetsGoOfWhatWasNotNeeded) {
  constexpr size_t kKept = 256 << 10;
  PieceMemory memory(kKept);
  auto one = memory.Take(kKept);
  auto two = memory.Take(kKept);
  std::memset(one.get(), 1, kKept);
  std::memset(two.get(), 1, kKept);
  memory.GiveBack(std::move(one));
  memory.GiveBack(std::move(two));
  memory.Trim();  // both have just been used
  one = memory.Take(kKept);
  EXPECT_FALSE(IsFresh(one, kKept));
  memory.GiveBack(std::move(one));
  memory.Trim();  // one was enough
  one = memory.Take(kKept);
  two = memory.Take(kKept);
  EXPECT_NE(IsFresh(one, kKept), IsFresh(two, kKept));
  memory.GiveBack(std::move(one));
  memory.GiveBack(std::move(two));
  memory.Trim();
  memory.Trim();
  EXPECT_TRUE(IsFresh(memory.Take(kKept), kKept));
}

}  // namespace
}  // namespace berth::http_server
