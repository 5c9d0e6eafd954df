// Any bytes through all guards: no crash, findings lie within the text, and the quick way finds the classes of the slow
// one.
#include <cstdlib>

#include "guards/guard.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const weir::GuardSet guards([] {
    weir::GuardSettings settings;
    settings.word_lists.push_back(
        {.label = weir::ClassSet{1} << 4U, .words = {"falcon", "blue river", "Проект", "金川", "x", "#tag"}});
    return settings;
  }());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  weir::ClassSet classes = 0;
  for (const weir::Finding& finding : guards.inspect(text)) {
    classes |= finding.classes;
    if (finding.begin > finding.end || finding.end > size) std::abort();
  }
  if (guards.classify({text}) != classes) std::abort();
  return 0;
}
