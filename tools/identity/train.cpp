// Trains the model of person names and postal addresses: an averaged perceptron over whole texts with a margin, in
// integers alone, so that the same corpus gives the same bytes on every machine. What a word looks like is asked of the
// code that reads the model later (src/guards/identity_*).
//
//   identity_trainer FOLDER model.bin                      trains of what corpus.mjs wrote, and prints how well the
//                                                          kept-aside templates do
//   identity_trainer --test model.bin labelled.jsonl…      of any {text, spans: [[begin, end, kind]]}, bytes
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "guards/identity_model.h"

namespace weir::guards {
namespace {

constexpr std::size_t rows = 48 * 1024;     // of the model
constexpr std::size_t learned = 1U << 22U;  // while it is learned
constexpr std::size_t blocks = 4096;
constexpr std::size_t slots = 16 * 1024;  // of classes, of which three quarters are taken
constexpr int first_passes = 3;           // of all features
constexpr int last_passes = 4;            // of those that are kept
constexpr int wanted_margin = 60;         // of a right reading before a wrong one, per wrong word
// What each word of a person gets on top, in units of the model: names that are missed weigh more than alarms.
constexpr int lean = 10;

constexpr std::size_t tags = IdentityModel::tags;
constexpr int never = INT32_MIN / 4;

struct Text {
  std::string text;
  std::vector<IdentityWord> words;
  std::vector<uint8_t> tags;
  std::string group;
  bool test = false;
};

struct Random {
  uint64_t state = 0x9E3779B97F4A7C15ULL;
  uint64_t next() {
    state ^= state << 13U;
    state ^= state >> 7U;
    return state ^= state << 17U;
  }
};

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct Mark {
  std::size_t begin, end;
  IdentityKind kind;
};

std::vector<Mark> marks_of(simdjson::dom::element row) {
  std::vector<Mark> marks;
  for (const simdjson::dom::element span : simdjson::dom::array(row["spans"])) {
    simdjson::dom::array parts = span;
    marks.push_back({.begin = static_cast<std::size_t>(uint64_t(parts.at(0))),
                     .end = static_cast<std::size_t>(uint64_t(parts.at(1))),
                     .kind = std::string_view(parts.at(2)) == "person" ? IdentityKind::person : IdentityKind::address});
  }
  return marks;
}

void tag(Text& text, const std::vector<Mark>& marks) {
  text.tags.assign(text.words.size(), 0);
  for (const Mark& mark : marks) {
    bool first = true;
    for (std::size_t i = 0; i < text.words.size(); ++i) {
      const IdentityWord& word = text.words[i];
      if (word.begin >= mark.end || word.end <= mark.begin) continue;
      const auto base = static_cast<uint8_t>(mark.kind == IdentityKind::person ? 1 : 3);
      text.tags[i] = static_cast<uint8_t>(first ? base : base + 1);
      first = false;
    }
  }
}

std::vector<Text> read_corpus(const std::string& path, const IdentityLexicon& lexicon) {
  std::vector<Text> corpus;
  simdjson::dom::parser parser;
  for (const std::string& line : read_lines(path)) {
    const simdjson::dom::element row = parser.parse(line);
    Text text;
    text.text = std::string(std::string_view(row["text"]));
    if (text.text.size() > IdentityModel::longest_text) continue;
    text.group = std::string(std::string_view(row["lang"]));
    text.test = row["test"].get_bool();
    text.words.resize(text.text.size());
    std::size_t at = 0;
    text.words.resize(read_identity_words(text.text, at, lexicon, text.words));
    tag(text, marks_of(row));
    corpus.push_back(std::move(text));
  }
  return corpus;
}

// Words with their classes and lists, most frequent first: of those there is room for.
std::vector<uint32_t> read_classes(const std::string& path) {
  std::vector<uint32_t> result(slots);
  std::size_t taken = 0;
  for (const std::string& line : read_lines(path)) {
    std::istringstream in(line);
    std::string word;
    unsigned of = 0;
    unsigned lists = 0;
    in >> word >> of >> lists;
    const IdentityLexicon::Entry entry{.lists = static_cast<uint8_t>(lists), .of = static_cast<uint8_t>(of)};
    taken += IdentityLexicon::add(result, identity_key(word), entry) ? 1 : 0;
    if (taken * 4 >= slots * 3) break;
  }
  return result;
}

// All other words that are on a list.
std::vector<uint16_t> read_lists(const std::string& path, const IdentityLexicon& known) {
  constexpr std::string_view names[] = {"given", "family", "place", "common", "street"};
  std::map<std::string, uint8_t> lists;
  for (const std::string& line : read_lines(path)) {
    const std::size_t tab = line.find('\t');
    const auto* list = std::find(std::begin(names), std::end(names), line.substr(0, tab));
    lists[line.substr(tab + 1)] |= static_cast<uint8_t>(1U << static_cast<unsigned>(list - std::begin(names)));
  }
  std::vector<uint16_t> result(blocks * IdentityLexicon::block_entries);
  std::size_t left_out = 0;
  for (const auto& [word, bits] : lists) {
    const uint64_t key = identity_key(word);
    if (known.find(key).of != 0) continue;
    left_out += IdentityLexicon::add(result, key, bits) ? 0 : 1;
  }
  fmt::print("{} words on lists, {} without room\n", lists.size(), left_out);
  return result;
}

struct Lexicon {
  std::vector<uint16_t> blocks;
  std::vector<uint32_t> slots;
  [[nodiscard]] IdentityLexicon view() const { return {blocks, slots}; }
};

// Weights while they are learned: the sum over all steps comes from the moments at which each changed.
class Learner {
 public:
  using Weights = std::array<int64_t, tags>;
  using Small = std::array<int32_t, tags>;

  void learn(Text& text) {
    ++step_;
    const std::size_t size = text.words.size();
    if (size == 0) return;
    hashes_.resize(size);
    scores_.resize(size);
    from_.resize(size);
    constexpr std::size_t beside = IdentityModel::beside;
    padded_.assign(size + 2 * beside, beyond_text);
    std::copy(text.words.begin(), text.words.end(), padded_.begin() + beside);
    for (std::size_t i = 0; i < size; ++i) {
      hashes_[i] = IdentityModel::features_of(&padded_[beside + i]);
      scores_[i] = {};
      for (std::size_t k = 0; k < IdentityModel::features; ++k) {
        const Small& row = weights_[hashes_[i][k] % learned];
        for (std::size_t t = 0; t < tags; ++t) scores_[i][t] += row[t];
      }
      for (std::size_t t = 0; t < tags; ++t) {
        if (t != text.tags[i]) scores_[i][t] += wanted_margin;
      }
    }
    std::array<int64_t, tags> reached{};
    for (std::size_t i = 0; i < size; ++i) {
      std::array<int64_t, tags> now{};
      for (std::size_t t = 0; t < tags; ++t) {
        int64_t best = never;
        uint8_t from = 0;
        for (std::size_t f = 0; f < (i == 0 ? 1 : tags); ++f) {
          if ((t == 2 || t == 4) && (i == 0 || (f != t && f != t - 1))) continue;
          const int64_t value = i == 0 ? transitions_[0][t] : reached[f] + transitions_[f + 1][t];
          if (value > best) {
            best = value;
            from = static_cast<uint8_t>(f);
          }
        }
        now[t] = best + scores_[i][t];
        from_[i][t] = from;
      }
      reached = now;
    }
    auto t = static_cast<uint8_t>(std::max_element(reached.begin(), reached.end()) - reached.begin());
    guess_.resize(size);
    for (std::size_t i = size; i-- > 0;) {
      guess_[i] = t;
      t = from_[i][t];
    }
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t right_from = i == 0 ? 0 : text.tags[i - 1] + 1U;
      const std::size_t wrong_from = i == 0 ? 0 : guess_[i - 1] + 1U;
      if (guess_[i] != text.tags[i]) {
        ++wrong;
        for (std::size_t k = 0; k < IdentityModel::features; ++k) {
          const std::size_t row = hashes_[i][k] % learned;
          if (!kept_.empty() && kept_[row] != hashes_[i][k]) continue;
          of_[row] = hashes_[i][k];
          change(weights_[row], sums_[row], text.tags[i], 1);
          change(weights_[row], sums_[row], guess_[i], -1);
        }
      }
      if (guess_[i] != text.tags[i] || right_from != wrong_from) {
        change(transitions_[right_from], transition_sums_[right_from], text.tags[i], 1);
        change(transitions_[wrong_from], transition_sums_[wrong_from], guess_[i], -1);
      }
    }
  }

  // Of the features that fall on one row of the model the strongest stays. What is learned from here on is learned
  // again, with these alone.
  void keep_strongest() {
    std::vector<uint32_t> strongest(rows);
    std::vector<double> strength(rows);
    for (std::size_t r = 0; r < learned; ++r) {
      double most = 0;
      for (std::size_t t = 0; t < tags; ++t) most += std::abs(average(weights_[r][t], sums_[r][t]));
      const std::size_t row = IdentityModel::row_of(of_[r], rows);
      if (most <= strength[row]) continue;
      strength[row] = most;
      strongest[row] = of_[r];
    }
    kept_.assign(learned, 0);
    for (const uint32_t hash : strongest) kept_[hash % learned] = hash;
    weights_.assign(learned, {});
    sums_.assign(learned, {});
    transitions_ = {};
    transition_sums_ = {};
    step_ = 0;
  }

  // Averages, divided so that nearly all fit a byte.
  [[nodiscard]] std::string model(const Lexicon& lexicon) const {
    std::vector<double> sizes;
    for (std::size_t r = 0; r < learned; ++r) {
      for (std::size_t t = 0; t < tags; ++t) {
        if (weights_[r][t] != 0) sizes.push_back(std::abs(average(weights_[r][t], sums_[r][t])));
      }
    }
    std::sort(sizes.begin(), sizes.end());
    const double most = std::max(1.0, sizes[sizes.size() - 1 - sizes.size() / 2000]);
    const double scale = 127.0 / most;
    fmt::print("{} weights, largest {:.1f}, in a byte {:.1f}, scale {:.2f}\n", sizes.size(), sizes.back(), most, scale);
    std::string bytes = "WEIRNAM2";
    const auto put = [&bytes](auto value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); };
    put(static_cast<uint32_t>(blocks));
    put(static_cast<uint32_t>(slots));
    put(static_cast<uint32_t>(rows));
    for (std::size_t f = 0; f <= tags; ++f) {
      for (std::size_t t = 0; t < tags; ++t) {
        const double value =
            average(transitions_[f][t], transition_sums_[f][t]) * scale + (t == 1 || t == 2 ? lean : 0);
        put(static_cast<int16_t>(std::clamp(std::round(value), -32000.0, 32000.0)));
      }
    }
    for (const uint16_t entry : lexicon.blocks) put(entry);
    for (const uint32_t slot : lexicon.slots) put(slot);
    std::vector<IdentityModel::Row> table(rows);
    for (std::size_t r = 0; r < learned; ++r) {
      if (kept_[r] == 0) continue;
      IdentityModel::Row& row = table[IdentityModel::row_of(kept_[r], rows)];
      row.mark = IdentityModel::mark_of(kept_[r]);
      for (std::size_t t = 0; t < tags; ++t) {
        row.weights[t] =
            static_cast<int8_t>(std::clamp(std::round(average(weights_[r][t], sums_[r][t]) * scale), -127.0, 127.0));
      }
    }
    for (const auto& row : table) {
      put(row.mark);
      for (std::size_t t = 0; t < tags; ++t) put(row.weights[t]);
    }
    return bytes;
  }

  std::size_t wrong = 0;

 private:
  [[nodiscard]] double average(int64_t weight, int64_t sum) const {
    return static_cast<double>(weight * (step_ + 1) - sum) / static_cast<double>(step_ + 1);
  }
  template <typename Row>
  void change(Row& weights, Weights& sums, std::size_t tag, int by) {
    weights[tag] += by;
    sums[tag] += by * step_;
  }

  std::vector<Small> weights_ = std::vector<Small>(learned);
  std::vector<Weights> sums_ = std::vector<Weights>(learned);
  std::vector<uint32_t> of_ = std::vector<uint32_t>(learned);  // which feature a row is of
  std::vector<uint32_t> kept_;                                 // once it is known: which of them learn
  std::array<Weights, tags + 1> transitions_{};
  std::array<Weights, tags + 1> transition_sums_{};
  int64_t step_ = 0;
  std::vector<IdentityWord> padded_;
  std::vector<std::array<uint32_t, IdentityModel::features>> hashes_;
  std::vector<Weights> scores_;
  std::vector<std::array<uint8_t, tags>> from_;
  std::vector<uint8_t> guess_;
};

// Names and places that no list has are learned as well: now and then a list forgets a word.
void forget_lists(Text& text, Random& random) {
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    IdentityWord& word = text.words[i];
    if (word.lists == 0) continue;
    const uint64_t chance = random.next() % 100;
    if (text.tags[i] != 0 && chance < 25) word.lists &= 0x18;  // common and street stay
    if (text.tags[i] == 0 && chance < 5) word.lists &= 0x1F & ~0x8;
  }
  for (IdentityWord& word : text.words) word.put_form();
  // Nor is what stands around them always the same.
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    if (text.tags[i] == 0 && text.words[i].shape < Shape::one_digit && random.next() % 100 < 12) {
      text.words[i].key = random.next();
      text.words[i].tail = static_cast<uint32_t>(random.next());
      text.words[i].head = static_cast<uint32_t>(random.next());
    }
  }
}

struct Tally {
  std::size_t marked = 0, found = 0, findings = 0, right = 0;
};

std::size_t covered(std::size_t begin, std::size_t end, std::size_t other_begin, std::size_t other_end) {
  return std::min(end, other_end) - std::min({std::max(begin, other_begin), end, other_end});
}

void test(const IdentityModel& model, const std::vector<std::string>& files, int least) {
  std::map<std::string, std::array<Tally, 2>> tallies;
  const bool verbose = std::getenv("WEIR_VERBOSE") != nullptr;
  std::size_t texts = 0;
  std::size_t alarmed = 0;
  simdjson::dom::parser parser;
  for (const std::string& file : files) {
    for (const std::string& line : read_lines(file)) {
      const simdjson::dom::element row = parser.parse(line);
      bool kept = true;
      if (row["test"].get(kept) == simdjson::SUCCESS && !kept) continue;
      const std::string_view text = row["text"];
      std::string_view group = "all";
      if (row["lang"].get(group) != simdjson::SUCCESS) group = "all";
      const auto marks = marks_of(row);
      std::vector<IdentitySpan> spans(512);
      spans.resize(model.find(text, spans));
      std::erase_if(spans, [&](const IdentitySpan& span) {
        return span.margin < (span.kind == IdentityKind::person ? least : 6 * least);
      });
      ++texts;
      alarmed +=
          std::any_of(spans.begin(), spans.end(), [](const auto& span) { return span.kind == IdentityKind::person; })
              ? 1
              : 0;
      for (const std::string& to : {std::string(group), std::string("~ all")}) {
        auto& tally = tallies[to];
        for (const Mark& mark : marks) {
          auto& one = tally[static_cast<std::size_t>(mark.kind)];
          ++one.marked;
          std::size_t bytes = 0;
          for (const IdentitySpan& span : spans) {
            if (span.kind == mark.kind) bytes += covered(mark.begin, mark.end, span.begin, span.end);
          }
          const bool found = bytes * 2 >= mark.end - mark.begin;
          one.found += found ? 1 : 0;
          if (!found && verbose && to == group)
            fmt::print("MISSED {} [{}] | {}\n", static_cast<int>(mark.kind),
                       text.substr(mark.begin, mark.end - mark.begin), simdjson::minify(row));
        }
        for (const IdentitySpan& span : spans) {
          auto& one = tally[static_cast<std::size_t>(span.kind)];
          ++one.findings;
          std::size_t bytes = 0;
          for (const Mark& mark : marks) {
            if (span.kind == mark.kind) bytes += covered(span.begin, span.end, mark.begin, mark.end);
          }
          const bool right = bytes * 2 >= span.end - span.begin;
          one.right += right ? 1 : 0;
          if (!right && verbose && to == group)
            fmt::print("WRONG {} {} [{}] | {}\n", static_cast<int>(span.kind), span.margin,
                       text.substr(span.begin, span.end - span.begin), simdjson::minify(row));
        }
      }
    }
  }
  const auto share = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? 0.0 : double(part) / double(whole);
  };
  for (const auto& [group, two] : tallies) {
    fmt::print("{:<10}", group);
    for (const Tally& one : two) {
      fmt::print("  recall {:.3f} of {:<5} precision {:.3f} of {:<5}", share(one.found, one.marked), one.marked,
                 share(one.right, one.findings), one.findings);
    }
    fmt::print("\n");
  }
  fmt::print("{} texts, with a person {:.2f} %\n", texts, 100.0 * share(alarmed, texts));
}

int train(const std::string& folder, const std::string& out) {
  Lexicon lexicon{.blocks = {}, .slots = read_classes(folder + "/classes.tsv")};
  lexicon.blocks = read_lists(folder + "/lists.tsv", lexicon.view());
  const std::string corpus_file = folder + "/corpus.jsonl";
  std::vector<Text> corpus = read_corpus(corpus_file, lexicon.view());
  std::erase_if(corpus, [](const Text& text) { return text.test; });
  fmt::print("{} texts\n", corpus.size());
  Learner learner;
  Random random;
  for (int epoch = 0; epoch < first_passes + last_passes; ++epoch) {
    if (epoch == first_passes) learner.keep_strongest();
    for (std::size_t i = corpus.size(); i > 1; --i) std::swap(corpus[i - 1], corpus[random.next() % i]);
    learner.wrong = 0;
    for (Text& text : corpus) {
      const auto words = text.words;
      forget_lists(text, random);
      learner.learn(text);
      text.words = words;
    }
    fmt::print("pass {}: {} words wrong\n", epoch + 1, learner.wrong);
  }
  const std::string bytes = learner.model(lexicon);
  std::ofstream(out, std::ios::binary) << bytes;
  const auto model = IdentityModel::read(bytes);
  if (!model) return 1;
  test(*model, {corpus_file}, 0);
  return 0;
}

}  // namespace
}  // namespace weir::guards

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() >= 3 && args[0] == "--test") {
    std::ifstream in(args[1], std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    const auto model = weir::guards::IdentityModel::read(bytes.str());
    if (!model) return 1;
    const char* least = std::getenv("IDENTITY_LEAST");
    weir::guards::test(*model, {args.begin() + 2, args.end()}, least == nullptr ? 0 : std::atoi(least));
    return 0;
  }
  if (args.size() != 2) {
    fmt::print("identity_trainer FOLDER model.bin | --test model.bin labelled.jsonl…\n");
    return 2;
  }
  return weir::guards::train(args[0], args[1]);
}
