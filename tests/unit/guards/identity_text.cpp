// How well names of persons and postal addresses are found in labelled texts, and how often a person is seen in
// ordinary prompts. No text of these was trained on, except prompts, of which every third of MMLU and every second of
// GSM8K were. The data is not part of the repository: $WEIR_SHARED or ../shared. The tests print what docs/quality.md
// quotes.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "guards/guard.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
  if (const char* folder = std::getenv("WEIR_SHARED")) return fs::path(folder) / "data";
  return fs::path(WEIR_SOURCE).parent_path() / "shared" / "data";
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::FILE* pipe = ::popen(("gzip -dc '" + file.string() + "'").c_str(), "r");
  if (pipe == nullptr) return lines;
  char* line = nullptr;
  std::size_t capacity = 0;
  for (ssize_t size = 0; (size = ::getline(&line, &capacity, pipe)) > 0;) {
    lines.emplace_back(line, static_cast<std::size_t>(size));
  }
  std::free(line);
  ::pclose(pipe);
  return lines;
}

const GuardSet& asked() {
  static const GuardSet guards([] {
    GuardSettings settings;
    settings.identity = true;
    return settings;
  }());
  return guards;
}

std::size_t byte_of(std::string_view text, std::size_t code_points) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && code_points-- == 0) break;
  }
  return at;
}

struct Span {
  std::size_t begin, end;
};

// How many bytes of `span` lie in `others`.
std::size_t covered(const Span& span, const std::vector<Span>& others) {
  std::vector<bool> in(span.end - span.begin);
  for (const Span& other : others) {
    for (std::size_t i = std::max(span.begin, other.begin); i < std::min(span.end, other.end); ++i)
      in[i - span.begin] = true;
  }
  return static_cast<std::size_t>(std::count(in.begin(), in.end(), true));
}

struct Score {
  std::size_t labelled = 0, found = 0, findings = 0, right = 0;

  void count(const std::vector<Span>& labels, const std::vector<Span>& found_spans, const std::vector<Span>& allowed) {
    for (const Span& label : labels) {
      ++labelled;
      found += 2 * covered(label, found_spans) >= label.end - label.begin ? 1U : 0U;
    }
    for (const Span& finding : found_spans) {
      ++findings;
      right += 2 * covered(finding, allowed) >= finding.end - finding.begin ? 1U : 0U;
    }
  }
  [[nodiscard]] double recall() const { return double(found) / double(std::max<std::size_t>(1, labelled)); }
  [[nodiscard]] double precision() const { return double(right) / double(std::max<std::size_t>(1, findings)); }
};

std::vector<Span> findings_of(std::string_view text, std::string_view kind, Confidence least) {
  std::vector<Span> spans;
  for (const Finding& finding : asked().inspect(text)) {
    if (finding.what == kind && finding.confidence >= least) spans.push_back({finding.begin, finding.end});
  }
  return spans;
}

TEST(identity_text, names_and_addresses_of_labelled_texts_are_found) {
  const fs::path file = data_folder() / "pii" / "dev.jsonl.gz";
  if (!fs::exists(file)) GTEST_SKIP() << "no labelled text at " << file;
  const auto lines = lines_of(file);
  simdjson::dom::parser parser;
  for (const Confidence least : {Confidence::low, Confidence::medium, Confidence::high}) {
    Score names;
    Score addresses;
    for (const std::string& line : lines) {
      const auto row = parser.parse(line);
      const std::string_view text = row["text"];
      std::vector<Span> persons;
      std::vector<Span> places;
      std::vector<Span> around;  // cities and countries are no address by themselves, but part of one
      for (const simdjson::dom::element span : row["spans"].get_array()) {
        const std::string_view type = span["type"];
        const Span place{byte_of(text, uint64_t(span["start"])), byte_of(text, uint64_t(span["end"]))};
        if (type == "PERSON") persons.push_back(place);
        const bool address = type == "ADDRESS" || type == "STREET_ADDRESS";
        if (address) places.push_back(place);
        if (address || type == "LOCATION" || type == "GPE" || type == "ZIP_CODE") around.push_back(place);
      }
      names.count(persons, findings_of(text, "person_name", least), persons);
      addresses.count(places, findings_of(text, "postal_address", least), around);
    }
    fmt::print("{:<6}  names recall {:.3f} precision {:.3f}   addresses recall {:.3f} precision {:.3f}\n",
               to_text(least), names.recall(), names.precision(), addresses.recall(), addresses.precision());
    if (least != Confidence::low) continue;
    EXPECT_GE(names.recall(), 0.88);
    EXPECT_GE(names.precision(), 0.88);
    EXPECT_GE(addresses.recall(), 0.93);
    EXPECT_GE(addresses.precision(), 0.93);
  }
}

// What makes a document personal: all that is labelled but places, companies, nations, titles, dates and sites.
bool is_personal(std::string_view type) {
  constexpr std::string_view types[] = {"PERSON",     "ADDRESS", "STREET_ADDRESS", "PHONE_NUMBER",      "EMAIL_ADDRESS",
                                        "US_SSN",     "AGE",     "IBAN_CODE",      "US_DRIVER_LICENSE", "IP_ADDRESS",
                                        "CREDIT_CARD"};
  return std::find(std::begin(types), std::end(types), type) != std::end(types);
}

TEST(identity_text, documents_with_anything_personal_have_a_finding) {
  const fs::path file = data_folder() / "pii" / "dev.jsonl.gz";
  if (!fs::exists(file)) GTEST_SKIP() << "no labelled text at " << file;
  const bool verbose = std::getenv("WEIR_VERBOSE") != nullptr;
  std::size_t personal = 0;
  std::size_t found = 0;
  simdjson::dom::parser parser;
  for (const std::string& line : lines_of(file)) {
    const auto row = parser.parse(line);
    const simdjson::dom::array spans = row["spans"];
    if (std::none_of(spans.begin(), spans.end(),
                     [](const simdjson::dom::element span) { return is_personal(span["type"]); }))
      continue;
    ++personal;
    const std::string_view text = row["text"];
    const bool any = !asked().inspect(text).empty();
    found += any ? 1 : 0;
    if (verbose && !any) fmt::print("nothing in: {}\n", text);
  }
  fmt::print("{} documents with anything personal, in {:.4f} of them something is found\n", personal,
             double(found) / double(personal));
  EXPECT_GE(double(found), 0.97 * double(personal));
}

TEST(identity_text, prompts_that_name_nobody_rarely_have_a_person) {
  const bool verbose = std::getenv("WEIR_VERBOSE") != nullptr;
  for (const char* name : {"mmlu", "gsm8k", "mtbench"}) {
    const fs::path file = data_folder() / "routing" / (std::string(name) + ".jsonl.gz");
    if (!fs::exists(file)) GTEST_SKIP() << "no prompts at " << file;
    std::size_t prompts = 0;
    std::size_t persons = 0;
    std::size_t addresses = 0;
    simdjson::dom::parser parser;
    for (const std::string& line : lines_of(file)) {
      const auto row = parser.parse(line);
      std::string text;
      std::string_view prompt;
      if (row["prompt"].get(prompt) == simdjson::SUCCESS) text = prompt;
      simdjson::dom::array turns;
      if (row["turns"].get(turns) == simdjson::SUCCESS) {
        for (const simdjson::dom::element turn : turns) text += std::string(std::string_view(turn)) + "\n";
      }
      ++prompts;
      const auto found = findings_of(text, "person_name", Confidence::low);
      persons += found.empty() ? 0 : 1;
      addresses += findings_of(text, "postal_address", Confidence::low).empty() ? 0 : 1;
      if (verbose && !found.empty())
        fmt::print("{} | {}\n", text.substr(found[0].begin, found[0].end - found[0].begin), text.substr(0, 150));
    }
    fmt::print("{:<8} {:>6} prompts, a person in {:.2f} %, an address in {:.2f} %\n", name, prompts,
               100.0 * double(persons) / double(prompts), 100.0 * double(addresses) / double(prompts));
    EXPECT_LE(double(addresses), 0.005 * double(prompts)) << name;
  }
}

}  // namespace
}  // namespace weir
