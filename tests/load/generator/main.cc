// berth_load: an HTTP load generator for the load suite. See ../README.md.
#include "driver.h"
#include "plan.h"

int main(int argc, char** argv) {
  const auto options = berth::load::ParseOptions(argc, argv);
  if (!options) return 2;
  berth::load::Driver driver(*options);
  driver.Run();
  return 0;
}
