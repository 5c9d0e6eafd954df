#include "formats/presets.h"

#include <gtest/gtest.h>

#include <set>

#include "core/http.h"
#include "formats/format.h"

namespace weir {
namespace {

TEST(presets, every_row_is_usable_and_found) {
  std::set<std::string_view> kinds;
  for (const auto& preset : presets()) {
    SCOPED_TRACE(std::string(preset.kind));
    EXPECT_TRUE(kinds.insert(preset.kind).second);
    EXPECT_EQ(find_preset(preset.kind), &preset);
    ASSERT_NE(find_format(preset.adapter), nullptr);
    EXPECT_NE(find_format(preset.adapter)->model, nullptr);
    EXPECT_FALSE(preset.title.empty());
    Url url;
    if (!preset.url.empty()) {
      ASSERT_TRUE(parse_url(preset.url, url));
      EXPECT_EQ(to_string(url), preset.url);
    }
    if (preset.port != 0) {
      EXPECT_EQ(url.port, preset.port);
    }
    EXPECT_FALSE(preset.quirks.no_max_tokens && preset.quirks.no_max_completion_tokens);
  }
  EXPECT_EQ(find_preset("none"), nullptr);
}

// The rule that keeps private data at home starts here: what is reached over the internet is no local zone.
TEST(presets, only_loopback_addresses_are_local) {
  for (const auto& preset : presets()) {
    SCOPED_TRACE(std::string(preset.kind));
    Url url;
    const bool has_url = parse_url(preset.url, url);
    if (preset.zone == ZoneKind::local && has_url) {
      EXPECT_EQ(url.host, "127.0.0.1");
    }
    if (preset.zone == ZoneKind::cloud && has_url) {
      EXPECT_EQ(url.scheme, Url::Scheme::https);
      EXPECT_FALSE(preset.key_variable.empty());
    }
  }
  EXPECT_EQ(find_preset("openai_compatible")->zone, ZoneKind::cloud);
}

TEST(presets, the_usual_local_ports_are_probed) {
  std::set<uint16_t> ports;
  for (const auto& preset : presets()) {
    if (preset.port != 0) ports.insert(preset.port);
  }
  EXPECT_EQ(ports, (std::set<uint16_t>{1234, 3000, 8000, 8080, 11434, 30000}));
}

}  // namespace
}  // namespace weir
