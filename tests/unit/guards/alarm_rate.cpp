// How often guards raise an alarm where nothing private is: on numbers made here, always; on sources, changelogs, logs
// and pictures of the machine's own packages where they are installed. Each corpus is cut into pieces of 3,000 bytes; a
// piece counts when anything but a mail address (changelogs are full of real ones) is found in it. Prints the rate by
// corpus and by kind, which docs/quality.md quotes; with WEIR_VERBOSE=1 each alarm.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "guards/guard.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_size = 3000;
constexpr std::size_t most_pieces = 3000;  // of a corpus
constexpr std::size_t most_of_a_file = 20;

struct Corpus {
  std::string_view name;
  std::vector<std::string> folders;
  std::vector<std::string> endings;
};

const std::vector<Corpus>& corpora() {
  static const std::vector<Corpus> all = {
      {"C and C++ headers", {"/usr/include"}, {".h", ".hpp"}},
      {"Python", {"/usr/lib/python3", "/usr/lib/python3.11"}, {".py"}},
      {"JavaScript", {"/usr/lib/node_modules", "/usr/share/nodejs"}, {".js", ".mjs", ".ts"}},
      {"JSON", {"/usr/lib/node_modules", "/usr/share"}, {".json"}},
      {"changelogs", {"/usr/share/doc"}, {"changelog.gz", "changelog.Debian.gz", "NEWS.gz"}},
      {"SVG", {"/usr/share", "/usr/lib"}, {".svg"}},
      {"logs", {"/var/log", "/root/.npm/_logs"}, {".log"}},
      {"CSV", {"/usr/share", "/usr/lib"}, {".csv", ".tsv"}},
  };
  return all;
}

std::string read_file(const std::string& path) {
  if (!path.ends_with(".gz")) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  std::string text;
  std::FILE* pipe = ::popen(("gzip -dc '" + path + "' 2>/dev/null | head -c 60000").c_str(), "r");
  if (pipe == nullptr) return text;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    text.append(buffer.data(), size);
  ::pclose(pipe);
  return text;
}

std::vector<std::string> files_of(const Corpus& corpus) {
  std::vector<std::string> files;
  for (const std::string& folder : corpus.folders) {
    std::error_code error;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      const std::string path = at->path().string();
      const bool fits = std::any_of(corpus.endings.begin(), corpus.endings.end(),
                                    [&](const std::string& ending) { return path.ends_with(ending); });
      if (fits && at->is_regular_file(error)) files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  std::shuffle(files.begin(), files.end(), std::mt19937(7));  // the same ones each time
  return files;
}

struct Rate {
  std::size_t pieces = 0;
  std::size_t alarmed = 0;
  std::size_t sure = 0;  // of these, with confidence medium and up
  std::map<std::string, std::size_t> by_kind;

  [[nodiscard]] double percent(std::size_t part) const {
    return pieces == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(pieces);
  }
};

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

void count(std::string_view piece, std::string_view source, Rate& rate) {
  static const bool verbose = std::getenv("WEIR_VERBOSE") != nullptr;
  ++rate.pieces;
  bool alarmed = false;
  bool sure = false;
  std::map<std::string, std::size_t> kinds;
  for (const Finding& finding : all_guards().inspect(piece)) {
    if (finding.what == "email") continue;
    alarmed = true;
    sure = sure || finding.confidence >= Confidence::medium;
    ++kinds[std::string(finding.what)];
    if (!verbose) continue;
    const std::size_t from = finding.begin - std::min<std::size_t>(finding.begin, 50);
    std::string around(piece.substr(from, finding.end - from + 30));
    std::replace(around.begin(), around.end(), '\n', '~');
    fmt::print("{}\t{}\t{}\t[{}]\t{}\n", source, finding.what, static_cast<int>(finding.confidence),
               piece.substr(finding.begin, finding.end - finding.begin), around);
  }
  rate.alarmed += alarmed ? 1 : 0;
  rate.sure += sure ? 1 : 0;
  for (const auto& [kind, times] : kinds) ++rate.by_kind[kind];
}

void count_text(std::string_view text, std::string_view source, Rate& rate) {
  for (std::size_t n = 0; n < most_of_a_file && !text.empty() && rate.pieces < most_pieces; ++n) {
    count(text.substr(0, piece_size), source, rate);
    text.remove_prefix(std::min(text.size(), piece_size));
  }
}

void print(std::string_view name, const Rate& rate) {
  fmt::print("{:<28} {:>6} pieces  {:>6.2f}% alarmed  {:>6.2f}% medium and up\n", name, rate.pieces,
             rate.percent(rate.alarmed), rate.percent(rate.sure));
  for (const auto& [kind, times] : rate.by_kind) fmt::print("    {:<24} {:>5} pieces\n", kind, times);
}

// Numbers as programs write them, made with one seed.
class Made {
 public:
  std::string vector_of_floats(std::size_t size) {
    std::string text = "{\"embedding\": [";
    for (std::size_t i = 0; i < size; ++i) text += fmt::format("{}{}", i == 0 ? "" : ", ", normal_(random_) * 0.05);
    return text + "]}";
  }
  std::string floats_of_seven_digits(std::size_t size) {
    std::string text = "[";
    for (std::size_t i = 0; i < size; ++i) text += fmt::format("{}{:.7f}", i == 0 ? "" : ",", normal_(random_));
    return text + "]";
  }
  std::string integers(std::size_t size, uint32_t most, std::string_view between) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += fmt::format("{}{}", i == 0 ? "" : between, random_() % most);
    return text;
  }
  std::string svg_path(std::size_t size) {
    std::string text = "<path d=\"M";
    const auto place = [this] { return normal_(random_) * 300; };
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t form = random_() % 4;
      if (form == 0) text += fmt::format("{:.3f}-{:.3f}", place(), std::abs(place()));
      if (form == 1) text += fmt::format("c{:.2f} {:.2f} {:.2f} {:.2f}", place(), place(), place(), place());
      if (form == 2) text += fmt::format("l{:.4f},{:.4f}", place(), place());
      if (form == 3) text += fmt::format(" {:.0f} {:.0f} {:.0f}", place() * 10, place(), place());
    }
    return text + "z\"/>";
  }
  std::string csv(std::size_t rows) {
    std::string text = "id,time,x,y,value\n";
    for (std::size_t i = 0; i < rows; ++i) {
      text += fmt::format("{},{},{:.6f},{:.3f},{}\n", random_() % 100'000'000, 1'700'000'000 + random_() % 90'000'000,
                          normal_(random_) * 100, normal_(random_) * 1000, random_() % 1'000'000'000);
    }
    return text;
  }
  std::string matrix(std::size_t rows) {
    std::string text;
    for (std::size_t i = 0; i < rows; ++i)
      text += fmt::format("{:>4} {:>4} {:>4} {:>4} {:>4} {:>4}\n", random_() % 10'000, random_() % 10'000,
                          random_() % 10'000, random_() % 10'000, random_() % 10'000, random_() % 10'000);
    return text;
  }
  std::string commits(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
      std::string id;
      for (int n = 0; n < 5; ++n) id += fmt::format("{:08x}", static_cast<uint32_t>(random_()));
      text += fmt::format("commit {}\nDate:   {} +0{}00\nindex {:07x}..{:07x} 100644\n@@ -{},{} +{},{} @@\n", id,
                          1'600'000'000 + random_() % 100'000'000, random_() % 10, random_() % 0xFFFFFFF,
                          random_() % 0xFFFFFFF, random_() % 900, random_() % 30, random_() % 900, random_() % 30);
    }
    return text;
  }

 private:
  std::mt19937 random_{42};
  std::normal_distribution<double> normal_;
};

TEST(alarm_rate, of_vectors_of_numbers_is_none) {
  Made made;
  Rate rate;
  for (int i = 0; i < 10; ++i) count(made.vector_of_floats(1000), "vector", rate);
  for (int i = 0; i < 10; ++i) count(made.floats_of_seven_digits(1000), "vector", rate);
  print("vectors of 1,000 floats", rate);
  EXPECT_EQ(rate.alarmed, 0U);
}

TEST(alarm_rate, of_numbers_that_programs_write_is_small) {
  constexpr int texts = 400;
  Made made;
  std::map<std::string_view, Rate> rates;
  for (int i = 0; i < texts; ++i) {
    count(made.integers(300, 4'000'000'000, ", "), "integers", rates["integers, commas"]);
    count(made.integers(300, 4'000'000'000, " "), "integers", rates["integers, spaces"]);
    count(made.integers(500, 10'000, " "), "integers", rates["integers to 10,000, spaces"]);
    count(made.integers(300, 1'000'000, "\n"), "integers", rates["integers, lines"]);
    count(made.svg_path(140), "path", rates["SVG paths"]);
    count(made.csv(60), "csv", rates["CSV of numbers"]);
    count(made.matrix(100), "matrix", rates["columns of four digits"]);
    count(made.commits(20), "commits", rates["commits"]);
  }
  for (const auto& [name, rate] : rates) {
    print(name, rate);
    EXPECT_LE(rate.percent(rate.alarmed), 0.5) << name;
  }
}

TEST(alarm_rate, of_installed_packages_is_small) {
  for (const Corpus& corpus : corpora()) {
    Rate rate;
    for (const std::string& file : files_of(corpus)) {
      if (rate.pieces >= most_pieces) break;
      count_text(read_file(file), file, rate);
    }
    if (rate.pieces == 0) continue;
    print(corpus.name, rate);
    if (rate.pieces >= 200) {
      EXPECT_LE(rate.percent(rate.alarmed), 0.5) << corpus.name;
    }
  }
}

}  // namespace
}  // namespace weir
