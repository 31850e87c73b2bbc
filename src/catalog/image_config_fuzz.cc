// What pushers and searchers write: image configurations with their history, search texts, rules of immutable tags.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "catalog/image_config.h"
#include "catalog/search.h"
#include "registry/immutable_tags.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckConfig(std::string_view text) {
  using namespace berth;
  const auto config = catalog::ParseImageConfig(text);
  if (!config) return;
  registry::ParsedManifest manifest;
  manifest.layers.resize(text.size() % 4);
  const auto pairs = catalog::PairLayers(*config, manifest);
  Require(pairs.size() >= config->history.size());
  // Every layer once, in its order.
  size_t next = 0;
  for (const auto& pair : pairs) {
    Require(!pair.history.empty_layer || pair.layer == nullptr);
    if (pair.layer != nullptr) Require(pair.layer == &manifest.layers[next++]);
  }
  Require(next == manifest.layers.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckConfig(text);
  const auto words = catalog::SearchWords(text);
  Require(words.size() <= 16);
  for (const auto& word : words) Require(!word.empty());
  registry::Repository repository;
  repository.immutable_mode = "rules";
  repository.immutable_rules = text;
  (void)registry::IsImmutable(repository, "v1.0");
  return 0;
}
