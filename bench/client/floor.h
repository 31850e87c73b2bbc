#pragma once

#include <cstddef>
#include <cstdint>

namespace berth::bench {

// The least that answering costs: an epoll loop on 127.0.0.1:port that parses nothing, reads once and sends the same
// answer once for each read, until it is killed. What it costs is the kernel's, and no server can undercut it.
[[noreturn]] void ServeFloor(uint16_t port, size_t body_bytes);

}  // namespace berth::bench
