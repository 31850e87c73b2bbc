#include "api/hub/qr_code.h"

#include <qrencode.h>

#include <memory>

namespace berth::api::hub {

Result<std::string> QrCodeSvg(const std::string& text) {
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M),
                                                        QRcode_free);
  if (!code) return Fail(ErrorCode::kInvalidArgument, "too long for a QR code");
  constexpr int kQuiet = 4;  // the margin that readers need, in modules
  const int size = code->width + 2 * kQuiet;
  std::string path;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) == 0) continue;
      path += "M" + std::to_string(x + kQuiet) + " " + std::to_string(y + kQuiet) + "h1v1h-1z";
    }
  }
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + std::to_string(size) + " " +
         std::to_string(size) + "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" +
         std::to_string(size) + "v" + std::to_string(size) + "H0z\"/><path d=\"" + path + "\"/></svg>";
}

}  // namespace berth::api::hub
