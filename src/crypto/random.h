// Unguessable values from the operating system's generator, and comparison that leaks no time. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace berth::crypto {

std::string RandomBytes(size_t count);
// A random UUID (RFC 9562, version 4) in lower-case text form.
std::string NewUuid();
// `length` characters of [A-Za-z0-9], each as likely: 5.95 bits a character. Safe in URLs, headers and shells.
std::string RandomText(size_t length);

// Takes the same time wherever the texts differ; the lengths are no secret.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace berth::crypto
