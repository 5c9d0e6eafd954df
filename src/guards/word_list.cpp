// The team's own words (config `word_lists`): project names, customers, code words. Matched as whole words without
// regard to case, in any script; a space in a term stands for any white space. A term without any letter or digit never
// matches.
#include "guards/characters.h"
#include "guards/guard.h"

namespace weir {
namespace {

class WordLists : public Guard {
 public:
  explicit WordLists(const GuardSettings& settings) {
    std::size_t total = 0;
    for (const WordList& list : settings.word_lists) total += list.words.size();
    storage_.reserve(total);  // views into it are taken while it grows
    for (const WordList& list : settings.word_lists) {
      for (const std::string& word : list.words) {
        storage_.push_back(word);
        words_.push_back(storage_.back());
        labels_.push_back(list.label);
        classes_ |= list.label;
      }
    }
  }

  GuardInfo info() const override {
    return {.name = "word_list",
            .description = "the words of the config's own lists",
            .classes = classes_,
            .triggers = {.words = words_},
            .kinds = {"word_list"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (!guards::ends_word(sighting.text, sighting.end)) return;
    out.add("word_list", labels_[sighting.word], sighting.at, sighting.end);
  }

 private:
  std::vector<std::string> storage_;
  std::vector<std::string_view> words_;
  std::vector<ClassSet> labels_;
  ClassSet classes_ = 0;
};

}  // namespace

std::unique_ptr<Guard> make_word_list_guard(const GuardSettings& settings) {
  return std::make_unique<WordLists>(settings);
}

}  // namespace weir
