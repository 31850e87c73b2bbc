// Text encodings: hex (lower case), base64 (RFC 4648 §4), base64url without padding (§5), percent-encoding (RFC 3986
// §2.1). Decoders accept exactly what the encoders make (base64url: padding optional; percent: hex digits of either
// case, and any other character as itself) and answer empty otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth {

std::string HexEncode(std::string_view bytes);
std::optional<std::string> HexDecode(std::string_view text);
std::string Base64Encode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);
std::string Base64UrlEncode(std::string_view bytes);
std::optional<std::string> Base64UrlDecode(std::string_view text);
std::string PercentEncode(std::string_view text);  // all but RFC 3986 unreserved characters
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space = false);

}  // namespace berth
