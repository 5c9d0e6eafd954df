#include "guards/plain_texts.h"

#include <algorithm>

#include "guards/unescape.h"

namespace weir::guards {
namespace {

constexpr std::size_t shortest_escaped = 9;      // `%25252540`: escapes as deep as are undone, and one more
constexpr std::size_t shortest_medium_run = 8;   // where a medium may stand
constexpr std::size_t shortest_known = 64;       // data inside a text that is told by its first bytes
constexpr std::size_t shortest_packed = 128;     // ... or by its letters alone: hashes and ids are shorter
constexpr std::size_t shortest_hex = 512;        // ... of sixteen letters
constexpr std::size_t shortest_left_out = 4096;  // of unknown data: long keys and tokens are for the guards to find
constexpr std::size_t sampled = 512;

// The first letters of a run, without line breaks: nearly always the run itself; `memory` is for the others.
std::string_view sample_of(std::string_view text, const Run& run, std::string& memory) {
  if (!run.broken) return text.substr(run.begin, std::min(run.letters, sampled));
  auto& letters = memory;
  letters.clear();
  letters.reserve(std::min(run.end - run.begin, sampled));
  bool escaped = false;
  for (std::size_t at = run.begin; at < run.end && letters.size() < sampled; ++at) {
    const char c = text[at];
    if (is_base64(c) && !escaped) letters += c;
    escaped = c == '\\' && !escaped;
  }
  return letters;
}

// Where the media type of a `data:` URL stands whose base64 begins at `at`; nullopt: it is none.
std::optional<std::string_view> media_type_before(std::string_view text, std::size_t at) {
  constexpr std::string_view mark = ";base64,";
  constexpr std::size_t longest = 128;
  const auto head = text.substr(at - std::min(at, longest), std::min(at, longest));
  if (!head.ends_with(mark)) return std::nullopt;
  const auto begin = head.rfind("data:");
  if (begin == std::string_view::npos) return std::nullopt;
  return head.substr(begin + 5, head.size() - mark.size() - begin - 5);
}

// Some names of file formats are words too: then the rest must be no text.
bool is_known_data(std::string_view bytes, UnreadableSet kind) {
  constexpr std::size_t last = 3;  // may be cut off within a character
  return bytes.starts_with("%PDF-") ||
         (kind != 0 && count_no_text(bytes.substr(0, bytes.size() - std::min(bytes.size(), last))) > 0);
}

bool has_escape(std::string_view text) {
  for (auto at = find_escape_mark(text, 0); at < text.size(); at = find_escape_mark(text, at + 1)) {
    if (is_escape(text, at)) return true;
  }
  return false;
}

bool mixes_alphabets(std::string_view run) {
  bool standard = false;
  bool url = false;
  for (const char c : run) {
    standard = standard || c == '+' || c == '/';
    url = url || c == '-' || c == '_';
  }
  return standard && url;
}

bool is_of(char c, std::string_view letters) { return letters.find(c) != std::string_view::npos; }

}  // namespace

bool PlainTexts::advance(std::size_t bytes) {
  std::size_t budget = bytes;
  for (;;) {
    if (decoding_) {
      if (!decode(budget)) return false;
      continue;
    }
    if (layer_) {
      if (!look(budget)) return false;
      if (decoding_) continue;
      end();
    }
    if (budget == 0) return next_text_ == texts_.size() && waiting_.empty();
    if (!waiting_.empty()) {
      const Layer next = waiting_.back();
      waiting_.pop_back();
      begin(next);
    } else if (next_text_ < texts_.size()) {
      Layer layer{.text = texts_[next_text_]};
      if (next_medium_ < media_.size() && media_[next_medium_].text == next_text_) {
        layer.medium = media_[next_medium_].kind;
        layer.sealed = layer.medium == 0;
        ++next_medium_;
      }
      ++next_text_;
      const auto shortest = layer.medium != 0 ? shortest_medium_run : shortest_escaped;
      if (layer.text.size() >= shortest) {
        begin(layer);
      } else if (changed_) {
        plain_.push_back(layer.text);
      }
      budget -= std::min(budget, layer.text.size() / 64 + 1);
    } else {
      return true;
    }
  }
}

void PlainTexts::begin(Layer layer) {
  layer_ = layer;
  at_ = kept_ = 0;
  run_.reset();
  found_.clear();
}

// Through the current layer, to its end or to a run that is to be decoded.
bool PlainTexts::look(std::size_t& budget) {
  const auto text = layer_->text;
  const auto least = layer_->medium != 0 ? shortest_medium_run : shortest_run;
  while (!decoding_) {
    if (run_) {
      const auto before = run_->end;
      const bool ended = follow(text, *run_, budget, layer_->unescaped ? Breaks::lines_and_blanks : Breaks::lines);
      budget -= std::min(budget, run_->end - before);
      if (!ended) return false;
      const Run run = *run_;
      run_.reset();
      at_ = run.end;
      take_run(run);
      continue;
    }
    if (at_ >= text.size()) return true;
    if (budget == 0) return false;
    // Most bytes are not even looked at.
    const auto until = at_ + std::min(std::min(budget, text.size()) * 8, text.size() - at_);
    const auto found = find_run(text, at_, until, least);
    budget -= std::min(budget, (std::max(found.next, at_) - at_) / 8 + 1);
    if (found.begin == std::string_view::npos) {
      at_ = until == text.size() ? text.size() : std::max(found.next, at_ + 1);
    } else {
      run_ = Run{.begin = found.begin, .end = found.begin, .line = found.begin};
    }
  }
  return true;
}

void PlainTexts::end() {
  const Layer layer = *layer_;
  if (!layer.unescaped) {
    if (changed_ && kept_ < layer.text.size()) plain_.push_back(layer.text.substr(kept_));
  }
  undo_escapes();
  waiting_.insert(waiting_.end(), found_.rbegin(), found_.rend());
  layer_.reset();
}

void PlainTexts::undo_escapes() {
  const auto& layer = *layer_;
  if (layer.text.size() < shortest_escaped || !has_escape(layer.text)) return;
  if (layer.escapes == most_escapes || layer.depth == most_layers) {
    unreadable_ |= unreadable_encoded;
    return;
  }
  owned_.push_back(unescape(layer.text).text);
  found_.push_back({.text = owned_.back(),
                    .sealed = layer.sealed,
                    .unescaped = true,
                    .depth = layer.depth + 1,
                    .escapes = layer.escapes + 1});
}

// Both alphabets in one run are paths and names, or encoded data that stands behind one: each alphabet's part of it is
// looked at by itself.
void PlainTexts::take_run(const Run& run) {
  const auto text = layer_->text;
  if (run.broken || !mixes_alphabets(text.substr(run.begin, run.end - run.begin))) return take_piece(run);
  for (const std::string_view others : {"-_", "+/"}) {
    for (std::size_t at = run.begin; at < run.end;) {
      std::size_t stop = at;
      while (stop < run.end && !is_of(text[stop], others)) ++stop;
      if (stop - at >= shortest_run) {
        const Run piece{.begin = at, .end = stop, .letters = stop - at, .width = stop - at, .line = at};
        take_piece(piece);
        if (decoding_) {
          std::size_t all = SIZE_MAX;
          decode(all);
        }
      }
      at = stop + 1;
    }
  }
}

void PlainTexts::take_piece(const Run& run) {
  std::string memory;
  const auto letters = sample_of(layer_->text, run, memory);
  if (const auto kind = medium_of(run, letters); kind != 0) {
    note(kind, run);
    if (kind != unreadable_encoded || run.letters >= shortest_left_out) leave_out(run);
    return;
  }
  if (start_decoding(run, letters)) return;
  // Behind a name: `id_aGVs…`, `v1/aGVs…`.
  constexpr std::size_t longest_name = 64;
  const auto text = layer_->text;
  for (std::size_t at = run.begin; at < std::min(run.end, run.begin + longest_name); ++at) {
    if (!is_of(text[at], "+/-_") || run.end - at <= shortest_run) continue;
    Run rest = run;
    rest.begin = at + 1;
    rest.letters -= std::min(rest.letters, rest.begin - run.begin);
    std::string more;
    if (start_decoding(rest, sample_of(text, rest, more))) return;
  }
  const bool hex = is_hex_only(letters);
  const bool data = media_type_before(text, run.begin).has_value();
  const bool packed = run.letters >= (hex ? shortest_hex : shortest_packed) &&
                      (hex ? looks_packed_hex(letters) : looks_packed(letters));
  if (layer_->medium != 0 && fills_its_text(run)) {
    note(layer_->medium, run);
    leave_out(run);
  } else if (data || packed) {
    note(unreadable_encoded, run);
    if (run.letters >= shortest_left_out) leave_out(run);
  }
}

// What the run is by its first bytes, or by the `data:` URL that it belongs to.
UnreadableSet PlainTexts::medium_of(const Run& run, std::string_view letters) const {
  const bool too_short = run.letters < shortest_known && layer_->medium == 0 &&
                         layer_->text[run.begin - std::min<std::size_t>(run.begin, 1)] != ',';
  if (layer_->sealed || too_short) return 0;
  std::string bytes;
  Base64Decoder().feed(letters, bytes);
  const auto type = media_type_before(layer_->text, run.begin);
  const auto known = kind_of_bytes(bytes);
  const bool expected = type || layer_->medium != 0;
  if (known != 0 && (expected || run.letters >= shortest_known) && is_known_data(bytes, known)) return known;
  return type && text_code(letters) == Code::none ? kind_of_media_type(*type) : UnreadableSet{0};
}

// What a run is that turns out to be no text.
UnreadableSet PlainTexts::expected(const Run& run) const {
  if (const auto type = media_type_before(layer_->text, run.begin)) {
    if (const auto kind = kind_of_media_type(*type); kind != 0) return kind;
  }
  return layer_->medium != 0 ? layer_->medium : unreadable_encoded;
}

bool PlainTexts::fills_its_text(const Run& run) const {
  return (run.end - run.begin) * 4 >= layer_->text.size() * 3 || media_type_before(layer_->text, run.begin);
}

void PlainTexts::note(UnreadableSet kind, const Run& run) {
  if (layer_->sealed) return;
  unreadable_ |= kind;
  if (layer_->depth == 0 && fills_its_text(run) && (run.end == layer_->text.size())) carried_ |= kind;
}

void PlainTexts::change() {
  if (std::exchange(changed_, true)) return;
  // Of the texts before the current one nothing was left out.
  const auto before = texts_.first(layer_->depth == 0 ? next_text_ - 1 : next_text_);
  plain_.reserve(texts_.size() + 8);
  plain_.assign(before.begin(), before.end());
}

void PlainTexts::leave_out(const Run& run) {
  if (layer_->unescaped || run.begin < kept_) return;
  change();
  if (run.begin > kept_) plain_.push_back(layer_->text.substr(kept_, run.begin - kept_));
  kept_ = run.end;
}

bool PlainTexts::start_decoding(const Run& run, std::string_view letters) {
  const auto code = text_code(letters);
  if (code == Code::none) return false;
  if (layer_->depth == most_layers) {
    note(unreadable_encoded, run);
    return true;
  }
  decoding_.emplace(Decoding{.run = run, .next = run.begin, .code = code, .decoder = {}, .text = {}});
  return true;
}

bool PlainTexts::decode(std::size_t& budget) {
  constexpr std::size_t at_once = 16 * 1024;
  auto& job = *decoding_;
  while (job.next < job.run.end) {
    if (budget == 0) return false;
    const auto size = std::min({budget, at_once, job.run.end - job.next});
    const auto piece = layer_->text.substr(job.next, size);
    if (job.code == Code::hex) {
      append_hex(layer_->text.substr(job.run.begin, job.run.end - job.run.begin), job.text);
      job.next = job.run.end;
    } else {
      job.decoder.feed(piece, job.text);
      job.next += size;
    }
    // Up to where the next piece cannot change what a character is.
    const auto certain = job.text.size() - std::min<std::size_t>(job.text.size(), 3);
    job.bad += count_no_text(job.text, job.counted, certain);
    budget -= size;
  }
  finish_decoding();
  return true;
}

void PlainTexts::finish_decoding() {
  Decoding job = std::move(*decoding_);
  decoding_.reset();
  const auto size = job.text.size();
  job.bad += count_no_text(job.text, job.counted, size);
  drop_wide_zeros(job.text);
  if (job.text.size() != size) job.bad = count_no_text(job.text);
  change();
  // Binary data may begin as a text does. What of it is text is read all the same.
  const bool mixed = job.bad * 100 > job.text.size();
  if (mixed && (job.run.letters >= shortest_packed || layer_->medium != 0)) note(expected(job.run), job.run);
  if (job.run.letters >= shortest_left_out) leave_out(job.run);
  owned_.push_back(std::move(job.text));
  found_.push_back({.text = owned_.back(), .sealed = layer_->sealed, .depth = layer_->depth + 1});
}

}  // namespace weir::guards
