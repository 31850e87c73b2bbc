#include "http_server/chunk_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace berth::http_server {
namespace {

struct Outcome {
  std::string payload;
  size_t consumed = 0;
  bool done = false;
  bool failed = false;
};

// Feeds `step` bytes at a time, decoding in place.
Outcome Decode(std::string text, size_t step) {
  ChunkDecoder decoder;
  Outcome outcome;
  for (size_t at = 0; at < text.size() && !decoder.done() && !decoder.failed(); at += step) {
    const size_t size = std::min(step, text.size() - at);
    const ChunkDecoder::Step result = decoder.Decode(text.data() + at, size, text.data() + at);
    outcome.payload.append(text.data() + at, result.produced);
    outcome.consumed += result.consumed;
  }
  outcome.done = decoder.done();
  outcome.failed = decoder.failed();
  return outcome;
}

TEST(ChunkDecoderTest, Decodes) {
  const std::string text =
      "5\r\nhello\r\n00A;name=\"v\"\r\n, chunked!\r\n1 ; x\r\n\n\r\n0\r\nTrailer: ignored\r\nX:\r\n\r\n";
  for (size_t step = 1; step <= text.size() + 4; ++step) {
    const Outcome outcome = Decode(text + "GET ", step);
    EXPECT_TRUE(outcome.done);
    EXPECT_EQ(outcome.payload, "hello, chunked!\n");
    EXPECT_EQ(outcome.consumed, text.size());
  }
  EXPECT_TRUE(Decode("0\r\n\r\n", 1).done);
}

TEST(ChunkDecoderTest, Unfinished) {
  const Outcome outcome = Decode("ffffffff\r\nabc", 100);
  EXPECT_FALSE(outcome.done);
  EXPECT_FALSE(outcome.failed);
  EXPECT_EQ(outcome.payload, "abc");
}

TEST(ChunkDecoderTest, Refuses) {
  for (const std::string text : {"\r\n",
                                 "g\r\n",
                                 "-1\r\n",
                                 "+1\r\n",
                                 "0x1\r\na\r\n",
                                 " 1\r\na",
                                 "1\na\r\n0\r\n\r\n",
                                 "1\r\nab\r\n",
                                 "1\r\na\n0\r\n\r\n",
                                 "1\r\na\r0",
                                 "1\rX",
                                 "10000000000000000\r\n",
                                 "fffffffffffffffff\r\n",
                                 "1;a\nb\r\n",
                                 "1;\x01\r\n",
                                 "0\r\nX: a\nY: b\r\n\r\n",
                                 "0\r\nX: a\r\r\n",
                                 "0\r\n\rX",
                                 "0\n\r\n",
                                 ";x\r\n"}) {
    for (size_t step = 1; step <= text.size(); ++step) EXPECT_TRUE(Decode(text, step).failed) << text;
  }
}

TEST(ChunkDecoderTest, BoundsWhatItIgnores) {
  EXPECT_TRUE(Decode("1;" + std::string(17 << 10, 'x'), 1000).failed);
  EXPECT_TRUE(Decode("0\r\nT: " + std::string(17 << 10, 'x'), 1000).failed);
  EXPECT_TRUE(Decode(std::string(17 << 10, '0'), 1000).failed);
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "1;abcdef\r\nx\r\n";
  EXPECT_TRUE(Decode(many, 1000).failed);
}

}  // namespace
}  // namespace berth::http_server
