#include "guards/joint.h"

#include <algorithm>
#include <cstring>

#include "guards/characters.h"
#include "guards/context.h"

namespace weir::guards {
namespace {

constexpr std::size_t dressing = 8;  // marks, quotes and the colon around a text
constexpr std::size_t shortest_secret = 6;

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Ids of messages and calls: they would stand between a question and its answer.
bool carries_only(std::string_view key) {
  return is_any_of(key, {"id", "tool_call_id", "call_id", "model", "tool_use_id"});
}

bool has_digit(std::string_view text) { return std::any_of(text.begin(), text.end(), is_digit); }

// A value may begin or end with it.
bool is_of_value(char c) {
  return is_alnum(c) || !is_ascii(c) || std::string_view("@.-_+/=:()#").find(c) != std::string_view::npos;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view last_token(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && !is_space(text[begin - 1]) && !is_mark(text[begin - 1])) --begin;
  return text.substr(begin);
}

std::string_view first_token(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && !is_space(text[end]) && !is_mark(text[end])) ++end;
  return text.substr(0, end);
}

}  // namespace

bool Passage::counts(std::string_view guard, std::size_t begin, std::size_t end) const {
  if (of == Of::text) return true;
  if (of == Of::joint) {
    return std::none_of(cuts_.begin(), cuts_.end(),
                        [begin, end](const Cut& cut) { return begin < cut.end && end > cut.begin; });
  }
  const auto seam = std::upper_bound(seams_.begin(), seams_.end(), begin);
  if (seam == seams_.end() || *seam >= end) return false;
  return of == Of::seams || guard != "phone" || is_named_phone(text, begin);
}

bool Joint::is_prose_key(std::string_view key) {
  return is_any_of(key, {"content", "text", "input", "prompt", "output", "reasoning", "reasoning_content", "refusal",
                         "suffix", "system", "instructions", "thinking"});
}

bool Joint::has_room(std::string_view text) const {
  const std::size_t most = text.size() <= longest_whole ? text.size() : 2 * edge;
  return size_ + most + dressing <= room && cut_count_ + 3 <= most_cuts && place_count_ < most_seams &&
         seam_size_ + std::min(text.size(), 2 * seam_edge) + dressing <= seam_room;
}

void Joint::pass_key(std::string_view key) {
  key_ = key;
  after_key_ = false;
  prose_ = is_prose_key(key);
}

Joint::Took Joint::take(std::string_view text, What what) {
  if (what == What::key) {
    pass_key(text);
    field_ = true;
    if (text.size() > longest_whole) return Took::ends;
    if (size_ > 0) put(field_mark);
    if (locating_) located_.push_back({.begin = size_, .text = next_ - 1, .shift = 0});
    put('"');
    if (locating_) shift_last(located_, size_, 0);
    put(text);
    put("\": ");
    after_key_ = true;
    after_number_ = false;
    return Took::whole;
  }
  const bool between_messages = prose_before_ && !field_;
  if (what == What::text && (carries_only(key_) || (between_messages && key_ == "name"))) return Took::nothing;
  if (locating_) located_.push_back({.begin = size_, .text = next_ - 1, .shift = 0});
  if (what == What::number) {
    if (!after_key_ && size_ > 0) put(after_number_ ? std::string_view(", ") : std::string_view(&field_mark, 1));
    if (locating_) shift_last(located_, size_, 0);
    if (text.size() <= longest_whole) put(text);
    after_key_ = prose_before_ = false;
    after_number_ = true;
  } else {
    take_text(text);
  }
  return text.size() <= longest_whole ? Took::whole : Took::ends;
}

void Joint::take_text(std::string_view text) {
  const bool seam = prose_ && prose_before_ && !field_;
  if (!after_key_ && size_ > 0) put(seam ? seam_mark : field_mark);
  const bool quoted = after_key_ && !prose_;
  if (quoted) put('"');
  if (locating_) shift_last(located_, size_, 0);
  if (text.size() <= longest_whole) {
    put(text);
  } else {
    put_ends(text);
  }
  if (quoted) put('"');
  if (prose_) {
    take_seam(text, seam);
  }
  prose_before_ = prose_;
  field_ = after_key_ = after_number_ = false;
}

void Joint::put(std::string_view text) {
  std::memcpy(joint_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

// Cut where white space is, so that no half of a word or number stands there.
void Joint::put_ends(std::string_view text) {
  std::size_t end = edge;
  while (end > 0 && !is_space(text[end])) --end;
  put(text.substr(0, end));
  cut(size_ - std::min(end, surroundings), size_ + 1);
  put(field_mark);
  std::size_t begin = text.size() - edge;
  while (begin < text.size() && !is_space(text[begin])) ++begin;
  cut(size_, size_ + surroundings);
  if (locating_) {
    located_.push_back({.begin = size_, .text = next_ - 1, .shift = 0});
    shift_last(located_, size_, begin);
  }
  put(text.substr(begin));
}

// What is put at `at` next is `in_text` of the last place's text.
void Joint::shift_last(std::vector<Place>& places, std::size_t at, std::size_t in_text) const {
  places.back().shift = static_cast<std::ptrdiff_t>(in_text) - static_cast<std::ptrdiff_t>(at);
}

bool Joint::flush(Passage& out) {
  for (;; step_ = static_cast<Step>(static_cast<int>(step_) + 1)) {
    out = Passage{};
    if (step_ == Step::joint && size_ > unread_) {
      out.of = Passage::Of::joint;
      out.text = {joint_.data(), size_};
      out.cuts_ = std::span(cuts_).first(cut_count_);
    } else if (step_ == Step::seams && worth_it_) {
      out.of = Passage::Of::seams;
      out.text = {seams_.data(), seam_size_};
      out.seams_ = std::span<const uint16_t>(places_).first(place_count_);
    } else if (step_ == Step::spaced && worth_it_) {
      out.of = Passage::Of::spaced;
      out.text = space_seams();
      out.seams_ = std::span<const uint16_t>(spaced_places_).first(place_count_);
    } else if (step_ == Step::keep) {
      keep_end();
      keep_seam_end();
      step_ = Step::joint;
      return false;
    } else {
      continue;
    }
    step_ = static_cast<Step>(static_cast<int>(step_) + 1);
    return true;
  }
}

// The places from `begin` on, and the one that it lies in.
void Joint::keep_places(std::vector<Place>& places, std::size_t begin) {
  std::vector<Place> kept_places;
  for (const Place& place : places) {
    const auto shift = place.shift + static_cast<std::ptrdiff_t>(begin);
    if (place.begin >= begin) {
      kept_places.push_back({.begin = place.begin - begin, .text = place.text, .shift = shift});
    } else {
      kept_places.assign(1, {.begin = 0, .text = place.text, .shift = shift});
    }
  }
  places = std::move(kept_places);
}

// The end of what was read stands before what comes next.
void Joint::keep_end() {
  std::size_t begin = size_ - std::min(size_, kept);
  while (begin > 0 && begin < size_ && !is_space(joint_[begin]) && !is_mark(joint_[begin])) ++begin;
  std::size_t cuts = 0;
  for (std::size_t i = 0; i < cut_count_; ++i) {
    if (cuts_[i].end > begin) {
      cuts_[cuts++] = {.begin = cuts_[i].begin - std::min(cuts_[i].begin, begin), .end = cuts_[i].end - begin};
    }
  }
  cut_count_ = cuts;
  if (begin > 0) cut(0, surroundings);
  keep_places(located_, begin);
  std::memmove(joint_.data(), joint_.data() + begin, size_ - begin);
  size_ -= begin;
  unread_ = size_;
}

void Joint::take_seam(std::string_view text, bool seam) {
  if (seam && seam_size_ > 0) {
    worth_it_ = worth_it_ || may_lie_across(text);
    places_[place_count_++] = static_cast<uint16_t>(seam_size_);
  } else {
    put_seam({&field_mark, 1});
  }
  const auto locate_from = [&](std::size_t in_text) {
    if (!locating_) return;
    seams_located_.push_back({.begin = seam_size_, .text = next_ - 1, .shift = 0});
    shift_last(seams_located_, seam_size_, in_text);
  };
  locate_from(0);
  if (text.size() <= 2 * seam_edge) return put_seam(text);
  put_seam(text.substr(0, seam_edge));
  put_seam({&field_mark, 1});
  locate_from(text.size() - seam_edge);
  put_seam(text.substr(text.size() - seam_edge));
}

void Joint::put_seam(std::string_view text) {
  std::memcpy(seams_.data() + seam_size_, text.data(), text.size());
  seam_size_ += text.size();
}

// Whether the end of what came before and the beginning of `text` look like two parts of a value.
bool Joint::may_lie_across(std::string_view text) const {
  constexpr std::size_t near = 24;
  const std::string_view all(seams_.data(), seam_size_);
  const std::string_view before = without_blanks(all.substr(all.size() - std::min(all.size(), seam_edge)));
  const std::string_view after = without_blanks(text.substr(0, seam_edge));
  if (before.empty() || after.empty() || !is_of_value(before.back()) || !is_of_value(after.front())) return false;
  if (has_digit(before.substr(before.size() - std::min(before.size(), near))) && has_digit(after.substr(0, near))) {
    return true;
  }
  const std::string_view tail = last_token(before);
  const std::string_view head = first_token(after);
  if (tail.find('@') != std::string_view::npos || head.find('@') != std::string_view::npos) return true;
  const bool marked = has_digit(tail) || tail.find_first_of("-_:") != std::string_view::npos;
  return marked && head.size() >= shortest_secret && (has_digit(tail) || has_digit(head));
}

std::string_view Joint::space_seams() {
  std::size_t size = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= place_count_; ++i) {
    const std::size_t to = i < place_count_ ? places_[i] : seam_size_;
    std::memcpy(spaced_.data() + size, seams_.data() + from, to - from);
    size += to - from;
    from = to;
    if (i == place_count_) break;
    spaced_places_[i] = static_cast<uint16_t>(size);
    spaced_[size++] = ' ';
  }
  return {spaced_.data(), size};
}

void Joint::keep_seam_end() {
  const std::size_t begin = seam_size_ - std::min(seam_size_, seam_edge);
  std::size_t places = 0;
  for (std::size_t i = 0; i < place_count_; ++i) {
    if (places_[i] > begin) places_[places++] = static_cast<uint16_t>(places_[i] - begin);
  }
  // A seam that was read need not be read again; one that a value may still reach across is found at the next.
  place_count_ = std::min(places, most_seams / 2);
  keep_places(seams_located_, begin);
  std::memmove(seams_.data(), seams_.data() + begin, seam_size_ - begin);
  seam_size_ -= begin;
  worth_it_ = false;
}

// In the seams, of a place in them with spaces between.
std::size_t Joint::without_spaces(const Passage& passage, std::size_t at) const {
  if (passage.of != Passage::Of::spaced) return at;
  return at - static_cast<std::size_t>(std::upper_bound(passage.seams_.begin(), passage.seams_.end(), at) -
                                       passage.seams_.begin());
}

std::size_t Joint::text_at(const Passage& passage, std::size_t at) const {
  if (passage.of == Passage::Of::text) return passage.index;
  const auto& places = passage.of == Passage::Of::joint ? located_ : seams_located_;
  const auto after = std::upper_bound(places.begin(), places.end(), without_spaces(passage, at),
                                      [](std::size_t place, const Place& one) { return place < one.begin; });
  return after == places.begin() ? 0 : std::prev(after)->text;
}

std::vector<Joint::Part> Joint::parts(const Passage& passage, std::size_t begin, std::size_t end) const {
  if (passage.of == Passage::Of::text) return {{.text = passage.index, .begin = begin, .end = end}};
  const auto& places = passage.of == Passage::Of::joint ? located_ : seams_located_;
  begin = without_spaces(passage, begin);
  end = without_spaces(passage, end);
  std::vector<Part> out;
  for (std::size_t i = 0; i < places.size() && places[i].begin < end; ++i) {
    const auto next = i + 1 < places.size() ? places[i + 1].begin : SIZE_MAX;
    if (next <= begin) continue;
    const auto size = static_cast<std::ptrdiff_t>(texts_[places[i].text].size());
    const auto in_text = [&](std::size_t at) {
      const auto place = static_cast<std::ptrdiff_t>(at) + places[i].shift;
      return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place, 0, size));
    };
    const Part part{.text = places[i].text,
                    .begin = in_text(std::max(begin, places[i].begin)),
                    .end = in_text(std::min(end, next))};
    if (part.begin < part.end) out.push_back(part);
  }
  return out;
}

}  // namespace weir::guards
