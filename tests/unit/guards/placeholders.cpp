// Placeholders and the way back: however a name was written, wherever a stream was cut.
#include "guards/placeholders.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(placeholders, come_back_from_any_spelling) {
  Placeholders map;
  (void)map.of("email", "anna@posteo.de");
  (void)map.of("us_ssn", "536-90-4399");
  (void)map.of("ipv4", "81.2.69.142");
  const auto back = [&](std::string_view text) { return map.restore(text, Placeholders::Ends::here).text; };
  for (const std::string_view text : {"<EMAIL_1>", "<email_1>", "[EMAIL_1]", "< EMAIL_1 >", "<Email 1>", "<EMAIL-1>",
                                      "&lt;EMAIL_1&gt;", "EMAIL_1", "(email_1)", "<EMAIL1>", "\\u003cEMAIL_1\\u003e"}) {
    EXPECT_EQ(back(text), "anna@posteo.de") << text;
  }
  EXPECT_EQ(back("<US SSN 1>"), "536-90-4399");
  EXPECT_EQ(back("<ipv4_1>"), "81.2.69.142");
  for (const std::string_view text :
       {"email 1 of 3", "<EMAIL_12>", "<EMAIL_2>", "my email", "a < b", "REEMAIL_1x", ""}) {
    EXPECT_EQ(back(text), text) << text;
  }
}

TEST(placeholders, come_back_from_a_stream_cut_anywhere) {
  Placeholders map;
  (void)map.of("email", "anna@posteo.de");
  const std::string text = "Dear <email 1>, thanks. " + std::string(200, 'x') + " xEMAIL_1 < EMAIL_1 >";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::string out;
    std::string waiting = text.substr(0, cut);
    const auto first = map.restore(waiting, Placeholders::Ends::later);
    out += first.text;
    waiting = waiting.substr(waiting.size() - first.rest) + text.substr(cut);
    out += map.restore(waiting, Placeholders::Ends::here, first.last).text;
    EXPECT_EQ(out, "Dear anna@posteo.de, thanks. " + std::string(200, 'x') + " xEMAIL_1 anna@posteo.de") << cut;
  }
}

TEST(placeholders, mapping_reads_back_what_it_wrote) {
  Placeholders map;
  (void)map.of("email", "\"ann\\a\"@posteo.de\n");
  const auto read = Placeholders::from_json(map.json());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->restore("<EMAIL_1>", Placeholders::Ends::here).text, "\"ann\\a\"@posteo.de\n");
  for (const std::string_view text : {"", "[]", "{\"<EMAIL_1>\":3}", "{\"\":\"x\"}", "nonsense"})
    EXPECT_FALSE(Placeholders::from_json(text)) << text;
}

}  // namespace
}  // namespace weir
