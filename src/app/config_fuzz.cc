// Configuration files: read, or refused in one way; never a crash, and no value outside of its bounds.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "app/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  CLI::App app;
  berth::app::Config config;
  berth::app::DeclareOptions(app, config);
  std::istringstream file(std::string(reinterpret_cast<const char*>(data), size));
  try {
    app.parse_from_stream(file);
  } catch (const CLI::ParseError&) {
    return 0;
  }
  const bool sane = config.max_page >= 1 && config.max_manifest > 0 && config.pool_threads >= 2 &&
                    config.gc_grace >= berth::Duration::zero() && config.max_uploads >= 1;
  if (!sane) std::abort();
  (void)berth::app::DescribeOptions(app, {});
  return 0;
}
