// Whether the beginning of a file is text, and what kind of file it is.
#pragma once

#include <string>
#include <string_view>

namespace berth::layers {

// Text is UTF-8 without control characters but tabs, line ends, form feeds and escapes. `is_cut`: bytes follow that are
// not in `head`, so its last character may be incomplete.
bool IsText(std::string_view head, bool is_cut);
// `head` without an incomplete last character.
std::string_view WholeCharacters(std::string_view head);

// A media type told by the first bytes and by the name.
std::string_view GuessMediaType(std::string_view path, std::string_view head, bool is_text);

}  // namespace berth::layers
