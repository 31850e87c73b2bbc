// One step through UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace berth {

// How many bytes (1 to 4) the well-formed sequence at the front of `text` has; 0 when it is malformed or `text` is
// empty.
size_t Utf8SequenceLength(std::string_view text);

}  // namespace berth
