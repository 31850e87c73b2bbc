// berth-bench-client: HTTP load for registries, measured without being the bottleneck.
//
//   berth-bench-client run PLAN            runs a plan, prints its measurements as JSON
//   berth-bench-client digests SEED SIZE FIRST COUNT
//                                          prints the digests of blobs the push kind makes
//   berth-bench-client blob SEED SIZE ID FILE
//                                          writes one such blob to a file
//   berth-bench-client floor PORT BYTES    answers every read with so many bytes: what the kernel alone costs
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "content.h"
#include "floor.h"
#include "plan.h"
#include "runner.h"

namespace berth::bench {
namespace {

uint64_t ToInteger(const char* text) {
  char* end = nullptr;
  const uint64_t value = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0') Die(std::string("not an integer: ") + text);
  return value;
}

int PrintDigests(char** arguments) {
  Content content(ToInteger(arguments[0]));
  const uint64_t size = ToInteger(arguments[1]);
  const uint64_t first = ToInteger(arguments[2]);
  const uint64_t count = ToInteger(arguments[3]);
  for (uint64_t i = 0; i < count; ++i) std::puts(content.Make(size, first + i).digest.c_str());
  return 0;
}

int WriteBlob(char** arguments) {
  Content content(ToInteger(arguments[0]));
  const Blob blob = content.Make(ToInteger(arguments[1]), ToInteger(arguments[2]));
  std::ofstream file(arguments[3], std::ios::binary | std::ios::trunc);
  for (uint64_t at = 0; at < blob.size;) {
    iovec entries[4];
    const int used = content.Slices(blob, at, blob.size, entries, 4);
    for (int i = 0; i < used; ++i) {
      file.write(static_cast<const char*>(entries[i].iov_base), static_cast<std::streamsize>(entries[i].iov_len));
      at += entries[i].iov_len;
    }
  }
  if (!file.flush()) Die(std::string("cannot write ") + arguments[3]);
  std::puts(blob.digest.c_str());
  return 0;
}

int Main(int count, char** arguments) {
  const std::string command = count > 1 ? arguments[1] : "";
  if (command == "run" && count == 3) {
    std::puts(RunPlan(ReadPlan(arguments[2])).c_str());
    return 0;
  }
  if (command == "digests" && count == 6) return PrintDigests(arguments + 2);
  if (command == "blob" && count == 6) return WriteBlob(arguments + 2);
  if (command == "floor" && count == 4) {
    ServeFloor(static_cast<uint16_t>(ToInteger(arguments[2])), ToInteger(arguments[3]));
  }
  Die("usage: run PLAN | digests SEED SIZE FIRST COUNT | blob SEED SIZE ID FILE | floor PORT BYTES");
}

}  // namespace
}  // namespace berth::bench

int main(int count, char** arguments) { return berth::bench::Main(count, arguments); }
