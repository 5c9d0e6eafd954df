// Recall on labelled text and false alarms on ordinary prompts. The data is not part of the repository: it is looked
// for in $WEIR_SHARED or ../shared, and the tests are skipped without it. They print the table that docs/privacy.md
// quotes.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "guards/guard.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

fs::path shared_folder() {
  if (const char* folder = std::getenv("WEIR_SHARED")) return folder;
  return fs::path(WEIR_SOURCE).parent_path() / "shared";
}

std::vector<std::string> read_lines(const fs::path& file) {
  std::vector<std::string> lines;
  const std::string command = "gzip -dc '" + file.string() + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
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

std::size_t byte_offset(std::string_view text, std::size_t code_points) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && code_points-- == 0) break;
  }
  return at;
}

bool covers(const Finding& finding, std::size_t begin, std::size_t end) {
  return finding.begin < end && finding.end > begin &&
         2 * (std::min(finding.end, end) - std::max(finding.begin, begin)) >= end - begin;
}

struct Tally {
  std::size_t spans = 0;
  std::size_t found = 0;     // by any guard, at the place
  std::size_t labelled = 0;  // the whole text got the class that the span needs
};

TEST(labelled_text, structured_values_are_found) {
  const fs::path file = shared_folder() / "pii" / "dev.jsonl.gz";
  const fs::path data = fs::exists(file) ? file : shared_folder() / "data" / "pii" / "dev.jsonl.gz";
  if (!fs::exists(data))
    GTEST_SKIP() << "no labelled text at " << data << "; set WEIR_SHARED to the folder that holds data/";
  const GuardSet guards{GuardSettings{}};
  const bool verbose = std::getenv("WEIR_VERBOSE") != nullptr;
  std::map<std::string, Tally> tallies;
  simdjson::dom::parser parser;
  for (const std::string& line : read_lines(data)) {
    const auto row = parser.parse(line);
    const std::string_view text = row["text"];
    const auto findings = guards.inspect(text);
    const ClassSet classes = guards.classify({text});
    for (const simdjson::dom::element span : row["spans"].get_array()) {
      const std::string_view type = span["type"];
      Tally& tally = tallies[std::string(type)];
      const std::size_t begin = byte_offset(text, uint64_t(span["start"]));
      const std::size_t end = byte_offset(text, uint64_t(span["end"]));
      const ClassSet needed = type == "CREDIT_CARD" || type == "IBAN_CODE" ? class_financial : class_personal;
      const bool found = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return (finding.classes & needed) != 0 && covers(finding, begin, end);
      });
      ++tally.spans;
      tally.found += found ? 1 : 0;
      tally.labelled += (classes & needed) != 0 ? 1 : 0;
      if (verbose && !found && type != "PERSON" && type != "ADDRESS" && type != "STREET_ADDRESS" &&
          type != "LOCATION" && type != "ORGANIZATION" && type != "GPE" && type != "TITLE" && type != "NRP" &&
          type != "PREFIX" && type != "DATE_TIME" && type != "AGE" && type != "DOMAIN_NAME" && type != "ZIP_CODE") {
        fmt::print("missed {} in: {}\n", type, text);
      }
    }
  }
  fmt::print("{:<18} {:>6} {:>8} {:>9}\n", "span", "spans", "found", "labelled");
  for (const auto& [type, tally] : tallies) {
    const auto share = [&tally](std::size_t part) {
      return 100.0 * static_cast<double>(part) / static_cast<double>(tally.spans);
    };
    fmt::print("{:<18} {:>6} {:>7.1f}% {:>8.1f}%\n", type, tally.spans, share(tally.found), share(tally.labelled));
  }
  const auto recall = [&tallies](const char* type) {
    const Tally& tally = tallies[type];
    return tally.spans == 0 ? 0.0 : static_cast<double>(tally.found) / static_cast<double>(tally.spans);
  };
  EXPECT_GE(recall("CREDIT_CARD"), 0.97);
  EXPECT_GE(recall("EMAIL_ADDRESS"), 0.99);
  EXPECT_GE(recall("IBAN_CODE"), 0.99);
  EXPECT_GE(recall("US_SSN"), 0.97);
  EXPECT_GE(recall("IP_ADDRESS"), 0.97);
  EXPECT_GE(recall("PHONE_NUMBER"), 0.93);
  EXPECT_GE(recall("US_DRIVER_LICENSE"), 0.9);
}

TEST(labelled_text, ordinary_prompts_rarely_raise_an_alarm) {
  const GuardSet guards{GuardSettings{}};
  const bool verbose = std::getenv("WEIR_VERBOSE") != nullptr;
  bool any = false;
  for (const char* name : {"mmlu", "gsm8k", "mtbench"}) {
    const fs::path file = shared_folder() / "data" / "routing" / (std::string(name) + ".jsonl.gz");
    if (!fs::exists(file)) continue;
    any = true;
    std::size_t prompts = 0;
    std::map<std::string, std::size_t> alarms;  // prompts by what was found
    std::map<std::string, std::size_t> by_subject;
    std::size_t alarmed = 0;
    simdjson::dom::parser parser;
    for (const std::string& line : read_lines(file)) {
      const auto row = parser.parse(line);
      std::string text;
      std::string_view subject;
      if (row["subject"].get(subject) != simdjson::SUCCESS) subject = "";
      std::string_view prompt;
      simdjson::dom::array turns;
      if (row["prompt"].get(prompt) == simdjson::SUCCESS) text = prompt;
      if (row["turns"].get(turns) == simdjson::SUCCESS) {
        for (const simdjson::dom::element turn : turns) text += std::string(std::string_view(turn)) + "\n";
      }
      ++prompts;
      std::set<std::string> kinds;
      for (const Finding& finding : guards.inspect(text)) {
        kinds.insert(std::string(finding.what));
        if (verbose) {
          const std::size_t from = finding.begin - std::min<std::size_t>(finding.begin, 50);
          fmt::print("{} {}: {} | …{}…\n", name, subject, finding.what, text.substr(from, finding.end - from + 40));
        }
      }
      for (const std::string& kind : kinds) ++alarms[kind];
      if (!kinds.empty()) ++alarmed;
      if (!kinds.empty() && kinds.count("health") == 0) ++by_subject[std::string(subject)];
    }
    fmt::print("{}: {} prompts, {} with a finding\n", name, prompts, alarmed);
    for (const auto& [kind, count] : alarms)
      fmt::print("  {:<20} {:>5} ({:.2f}%)\n", kind, count, 100.0 * double(count) / double(prompts));
    std::size_t other = 0;
    // Exams speak of invented people: of their illnesses and ages.
    for (const auto& [kind, count] : alarms) other += kind == "health" || kind == "age" ? 0 : count;
    EXPECT_LE(static_cast<double>(other), 0.01 * static_cast<double>(prompts)) << name;
  }
  if (!any) GTEST_SKIP() << "no prompts in " << shared_folder() << "; set WEIR_SHARED to the folder that holds data/";
}

}  // namespace
}  // namespace weir
