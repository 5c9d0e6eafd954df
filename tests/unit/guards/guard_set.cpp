#include "guards/guard.h"

#include <cstdlib>
#include <new>
#include <random>

#include "guards/characters.h"
#include "guards/scan.h"
#include "guards/unescape.h"

namespace {
std::atomic<std::size_t> allocations{0};
}

// Counts the allocations of this test program. The pairs below match malloc and free; the compiler cannot see that.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace weir {
namespace {

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

std::string repeat(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  text.resize(size);
  return text;
}

TEST(guard_set, every_line_of_the_list_is_described) {
  const auto infos = guard_infos();
  ASSERT_GE(infos.size(), 15U);
  for (const GuardInfo& info : infos) {
    EXPECT_FALSE(info.name.empty());
    EXPECT_FALSE(info.description.empty());
    EXPECT_TRUE(info.classes != 0 || info.name == "word_list") << info.name;
  }
}

TEST(guard_set, a_guard_that_is_off_finds_nothing) {
  const std::string_view text = "anna@example.com 4111 1111 1111 1111";
  EXPECT_EQ(GuardSet(GuardSettings{.off = {"email"}}).classify({text}), class_financial | class_personal);
  EXPECT_EQ(GuardSet(GuardSettings{.off = {"payment_card"}}).classify({text}), class_personal);
  GuardSettings none;
  for (const GuardInfo& info : guard_infos()) none.off.emplace_back(info.name);
  EXPECT_EQ(GuardSet(none).classify({text}), 0U);
  EXPECT_TRUE(GuardSet(none).inspect(text).empty());
}

TEST(guard_set, classes_of_all_texts_are_joined) {
  EXPECT_EQ(all_guards().classify({}), 0U);
  EXPECT_EQ(all_guards().classify({"", "hello", "anna@example.com", "my therapist", "4111111111111111", "pw"}),
            class_personal | class_health | class_financial);
  EXPECT_EQ(all_guards().classify({"anna@example.com", "password: hunter2!"}), class_personal | class_secret);
}

TEST(guard_set, findings_come_in_order_and_lie_within_the_text) {
  const std::string_view text = "anna@example.com, 4111 1111 1111 1111 and bob\\u0040example.org, 81.2.69.142";
  const auto findings = all_guards().inspect(text);
  ASSERT_EQ(findings.size(), 4U);
  EXPECT_EQ(findings[0].what, "email");
  EXPECT_EQ(findings[1].what, "payment_card");
  EXPECT_EQ(text.substr(findings[1].begin, findings[1].end - findings[1].begin), "4111 1111 1111 1111");
  EXPECT_EQ(text.substr(findings[2].begin, findings[2].end - findings[2].begin), "bob\\u0040example.org");
  EXPECT_EQ(findings[3].what, "ipv4");
}

// A value must be found wherever it stands: at the beginning and end, and across the blocks of the scan.
TEST(guard_set, place_does_not_matter) {
  constexpr std::string_view values[] = {"anna@example.com",
                                         "4111 1111 1111 1111",
                                         "DE89370400440532013000",
                                         "536-90-4399",
                                         "81.2.69.142",
                                         "2a02:8071:85a3::8a2e:370:7334",
                                         "my therapist",
                                         "password=hunter2!",
                                         "+1 415 555 2671",
                                         "AKIA"
                                         "IOSFODNN7EXAMPLE",
                                         "bob%40example.com",
                                         "４１１１１１１１１１１１１１１１"};
  for (const std::string_view value : values) {
    const ClassSet classes = all_guards().classify({value});
    EXPECT_NE(classes, 0U) << value;
    for (std::size_t before = 1; before < 200; ++before) {
      const std::string text = fmt::format("{:.<{}}\n{}", "", before - 1, value);
      ASSERT_EQ(all_guards().classify({text}), classes) << value << " after " << before;
      const std::string longer = fmt::format("{}\n{:.<70}", text, "");
      ASSERT_EQ(all_guards().classify({longer}), classes) << value << " after " << before;
    }
  }
}

TEST(guard_set, escapes_are_undone_up_to_three_levels) {
  const std::string plain = "john@example.com";
  std::string text = "john\\u0040example.com";
  for (int level = 0; level < 3; ++level) {
    EXPECT_EQ(all_guards().classify({text}), class_personal) << text;
    const auto findings = all_guards().inspect(text);
    ASSERT_FALSE(findings.empty());
    EXPECT_LE(findings[0].end, text.size());
    std::string next;
    for (const char c : text) next += c == '\\' ? "\\u005c" : std::string(1, c);
    text = next;
  }
}

TEST(guard_set, quotes_around_a_value_are_found_however_often_they_were_escaped) {
  std::string text = R"({"password": "hunter2-of-mine", "note": "C:\\temp"})";
  for (int level = 0; level <= 3; ++level) {
    EXPECT_NE(all_guards().classify({text}) & class_secret, 0U) << text;
    std::string quoted;
    json::append_string(quoted, text);
    text = R"({"input": )" + quoted + "}";
  }
}

TEST(guard_set, places_of_escaped_findings_are_those_of_the_original) {
  const std::string_view text = R"(x \u00e9\u00e9 "john\u0040example.com")";
  const auto unescaped = guards::unescape(text);
  EXPECT_EQ(unescaped.text, "x éé \"john@example.com\"");
  const auto findings = all_guards().inspect(text);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(text.substr(findings[0].begin, findings[0].end - findings[0].begin), "john\\u0040example.com");
}

// Values, parts of values and escapes, in any order.
std::string random_text(std::mt19937& random, std::size_t most_pieces) {
  constexpr std::string_view pieces[] = {"anna@",    "example.com", "4111 ",     "1111",     " 1111 1111",
                                         "-",        "\\u0040",     "%40",       "&#64;",    "my ",
                                         "diabetes", "sk-",         "AKIA",      "password", ":",
                                         "=",        "\"",          " hunter2!", "DE89",     "3704 0044 0532 0130 00",
                                         "\n",       "\xF0\x9F",    "é",         "４",       "81.2.69.",
                                         "7",        "::",          "fe80",      "tel ",     "+49 ",
                                         "0",        " is "};
  std::string text;
  for (auto count = random() % most_pieces; count > 0; --count) text += pieces[random() % std::size(pieces)];
  return text;
}

TEST(guard_set, classify_and_inspect_agree_on_random_text) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = random_text(random, 24);
    ClassSet classes = 0;
    for (const Finding& finding : all_guards().inspect(text)) {
      classes |= finding.classes;
      ASSERT_LE(finding.begin, finding.end) << text;
      ASSERT_LE(finding.end, text.size()) << text;
    }
    ASSERT_EQ(all_guards().classify({text}), classes) << text;
  }
}

// What stands in other texts may tell more of a text, never less.
TEST(guard_set, texts_together_hold_what_each_holds_alone) {
  std::mt19937 random(9);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::string> owned;
    for (auto count = 1 + random() % 6; count > 0; --count) owned.push_back(random_text(random, 1 + random() % 24));
    const std::vector<std::string_view> texts(owned.begin(), owned.end());
    ClassSet alone = 0;
    for (const std::string_view text : texts) {
      for (const Finding& finding : all_guards().inspect(text)) alone |= finding.classes;
    }
    const ClassSet together = all_guards().classify(texts);
    ASSERT_EQ(together & alone, alone) << fmt::format("{}", fmt::join(owned, "|"));
  }
}

TEST(guard_set, reading_in_parts_finds_what_reading_at_once_finds) {
  std::mt19937 random(8);
  for (int round = 0; round < 20'000; ++round) {
    const std::vector<std::string> owned = {random_text(random, 40), random_text(random, 3), random_text(random, 40)};
    const std::vector<std::string_view> texts(owned.begin(), owned.end());
    GuardSet::Reading reading(all_guards(), texts);
    int parts = 1;
    while (!reading.advance(1 + random() % 200)) ASSERT_LT(++parts, 10'000);
    ASSERT_EQ(reading.classes(), all_guards().classify(texts)) << owned[0] << "\n" << owned[1] << "\n" << owned[2];
  }
  GuardSet::Reading nothing(all_guards(), {});
  EXPECT_TRUE(nothing.advance(1));
}

TEST(guard_set, reading_in_parts_reads_no_more_at_once_than_it_was_told) {
  const std::string text = repeat("plain words and 12 numbers, ", 64 * 1024);
  GuardSet::Reading reading(all_guards(), {text, text});
  int parts = 1;
  while (!reading.advance(1024)) ++parts;
  EXPECT_GE(parts, 128);
  EXPECT_LE(parts, 132);  // and what lies around the boundary of the two
  EXPECT_EQ(reading.classes(), 0U);
}

TEST(guard_set, any_bytes_are_survived) {
  std::mt19937 random(11);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random() % 300, '\0');
    for (char& c : text) c = static_cast<char>(random());
    for (const Finding& finding : all_guards().inspect(text)) ASSERT_LE(finding.end, text.size());
  }
  EXPECT_EQ(all_guards().classify({std::string_view("\0\0anna@example.com\0", 19)}), class_personal);
  EXPECT_EQ(all_guards().classify({"\xFF\xFE"
                                   "anna@example.com\x80"}),
            class_personal);
}

TEST(guard_set, clean_text_allocates_nothing) {
  const std::string text = repeat("A plain sentence about rivers, with 12 numbers in 1977: nothing else. ", 100'000);
  const std::vector<std::string_view> texts{text, "role", "user", "assistant"};
  ASSERT_EQ(all_guards().classify(texts), 0U);
  const std::size_t before = allocations;
  const ClassSet classes = all_guards().classify(texts);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(classes, 0U);
}

// A guard sees a view of bounded size at each call, so linear calls are linear work. No text may call guards more often
// than a small number of times per byte, whatever it is made of, nor be read more often than its escapes are undone.
TEST(guard_set, work_is_linear_on_hostile_text) {
  constexpr std::string_view hostile[] = {"1",
                                          "@",
                                          "-",
                                          ":",
                                          "1 ",
                                          "1.",
                                          "1-",
                                          "4",
                                          "4 ",
                                          "a@",
                                          "@a.",
                                          "a:",
                                          "::",
                                          "\\",
                                          "\\u",
                                          "\\u005c",
                                          "%25",
                                          "%4",
                                          "&",
                                          "&#",
                                          "(",
                                          "(1) ",
                                          "+1",
                                          "00 ",
                                          "0:",
                                          "https://a:",
                                          "sk-",
                                          "sk-a",
                                          "password ",
                                          "password:",
                                          "BEGIN ",
                                          "my ",
                                          "my hiv ",
                                          "dot ",
                                          "GB29 ",
                                          "1.1.1.1 ",
                                          "ff:",
                                          "１",
                                          "１ ",
                                          "\xE2\x80\x8B",
                                          "1\xE2\x80\x8B",
                                          "\xEF",
                                          "\xF0",
                                          "account number ",
                                          "dob 1 ",
                                          "eyJ",
                                          "patient:",
                                          "SK0",
                                          "tel 1"};
  for (const std::string_view piece : hostile) {
    const std::string small = repeat(piece, 1 << 13);
    const std::string large = repeat(piece, 1 << 17);
    const ScanWork little = all_guards().measure(small);
    const ScanWork much = all_guards().measure(large);
    EXPECT_LE(much.bytes, 4 * large.size()) << piece;
    EXPECT_LE(much.calls, 8 * large.size()) << piece;
    EXPECT_LE(much.calls, 17 * little.calls + 64) << piece;  // 16 times the text
  }
}

TEST(block_scan, fast_and_portable_give_the_same_masks) {
  std::mt19937 random(3);
  const guards::BlockScan fast = guards::best_block_scan();
  for (int round = 0; round < 2'000; ++round) {
    guards::ByteSet set;
    for (int n = 0; n < 12; ++n) set.add(static_cast<uint8_t>(random()));
    std::array<char, 64> block{};
    for (char& c : block) c = static_cast<char>(random());
    const guards::Masks a = fast(block.data(), set);
    const guards::Masks b = guards::scan_block_portable(block.data(), set);
    ASSERT_EQ(a.alnum, b.alnum);
    ASSERT_EQ(a.digits, b.digits);
    ASSERT_EQ(a.leads, b.leads);
    ASSERT_EQ(a.special, b.special);
  }
}

TEST(characters, folding_has_a_way_back) {
  for (char32_t value = 'A'; value < 0x530; ++value) {
    const char32_t low = guards::fold(value);
    EXPECT_TRUE(guards::fold(low) == low) << static_cast<uint32_t>(value);
    if (low != value && value != 0x3C2) {
      EXPECT_TRUE(guards::upper(low) == value) << static_cast<uint32_t>(value);
    }
  }
}

TEST(characters, utf_8_is_read_forwards_and_backwards) {
  for (const char32_t value : {0x24, 0xA3, 0x20AC, 0x1F600, 0xFFFF, 0x10FFFF}) {
    std::string text = "a";
    guards::append_utf8(text, value);
    EXPECT_TRUE(guards::character_at(text, 1).value == value);
    EXPECT_TRUE(guards::character_before(text, text.size()).value == value);
    EXPECT_EQ(guards::character_before(text, text.size()).size, text.size() - 1);
    for (std::size_t cut = 2; cut < text.size(); ++cut) {
      EXPECT_EQ(guards::character_at(std::string_view(text).substr(0, cut), 1).size, 1U);
    }
  }
}

}  // namespace
}  // namespace weir
