// Names from archives made harmless. What is kept of a name is its printable form; every name has another one, so it
// can be told apart and asked for by it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "layers/limits.h"

namespace berth::layers {

// Bytes that are no UTF-8, control characters and characters that turn or hide text become "\x1b" and the like, one
// escape a byte. A backslash that could be read as the beginning of such an escape becomes "\x5c".
std::string Printable(std::string_view raw);

// The printable path without "/" at either end and without empty and "." components; "" is the root. kInvalidArgument
// for "..", too many components or too many bytes, saying which name.
Result<std::string> CleanPath(std::string_view raw, const Limits& limits);

// "a/b/c" is "a/b" and "c"; the parent of "c" is "".
std::string_view ParentOf(std::string_view path);
std::string_view BaseName(std::string_view path);

}  // namespace berth::layers
