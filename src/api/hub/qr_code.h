// QR codes as SVG images, by libqrencode.
#pragma once

#include <string>

#include "base/result.h"

namespace berth::api::hub {

// kInvalidArgument when `text` is too long for a QR code.
Result<std::string> QrCodeSvg(const std::string& text);

}  // namespace berth::api::hub
