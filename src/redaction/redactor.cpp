#include "redaction/redactor.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "guards/contents.h"
#include "guards/encoded.h"
#include "redaction/body_places.h"
#include "redaction/redact_text.h"

namespace weir::redaction {
namespace {

constexpr int most_passes = 5;
constexpr int most_renumberings = 64;       // because the request itself holds such names
constexpr std::size_t shortest_known = 6;   // of values that are taken out wherever they stand
constexpr std::size_t longest_prefix = 64;  // before what is encoded, in one run of letters: `id_aGVs…`

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Only the message: further down a path may have the value in it, as a key.
Error cannot(std::string_view what, const json::Document& document, std::size_t text, std::string_view why) {
  const auto path = json::path_of_text(document, text);
  const auto end = std::min(path.find(']') == std::string::npos ? path.size() : path.find(']') + 1, path.find('.'));
  return {.code = ErrorCode::zone_refused,
          .message = fmt::format("{} in {} has to be taken out before this request may leave, and {}.", what,
                                 path.empty() ? std::string("the request") : path.substr(0, end), why)};
}

// Which of a document's texts a view is of, and where in it: guards read views of them, and what was decoded.
class Origins {
 public:
  explicit Origins(const json::Document& document) : texts_(document.texts()), kinds_(document.text_kinds()) {
    for (std::size_t i = 0; i < texts_.size(); ++i) (kinds_.is_number(texts_[i]) ? numbers_ : strings_).push_back(i);
  }

  struct Origin {
    std::size_t text = 0;
    std::size_t offset = 0;
  };
  [[nodiscard]] std::optional<Origin> of(std::string_view view) const {
    const auto& list = kinds_.is_number(view) ? numbers_ : strings_;
    const auto after = std::upper_bound(list.begin(), list.end(), view.data(), [this](const char* at, std::size_t i) {
      return std::less<>()(at, texts_[i].data());
    });
    if (after == list.begin()) return std::nullopt;
    const std::size_t text = *std::prev(after);
    const char* const end = texts_[text].data() + texts_[text].size();
    if (std::greater<>()(view.data() + view.size(), end)) return std::nullopt;
    return Origin{.text = text, .offset = static_cast<std::size_t>(view.data() - texts_[text].data())};
  }

 private:
  const std::vector<std::string_view>& texts_;
  json::TextKinds kinds_;
  std::vector<std::size_t> strings_;
  std::vector<std::size_t> numbers_;
};

std::string decoded(std::string_view letters) {
  std::string out;
  const auto code = guards::text_code(letters.substr(0, 512));
  if (code == guards::Code::hex) {
    guards::append_hex(letters, out);
  } else if (code == guards::Code::base64) {
    guards::Base64Decoder().feed(letters, out);
  }
  guards::drop_wide_zeros(out);
  return out;
}

// The runs of letters in `text` that hold `wanted` when they are decoded.
std::vector<Span> encoded_spans(std::string_view text, std::string_view wanted, std::string_view what) {
  std::vector<Span> spans;
  for (std::size_t at = 0; at < text.size();) {
    const auto found = guards::find_run(text, at, text.size(), guards::shortest_run);
    if (found.begin == std::string_view::npos) break;
    guards::Run run{.begin = found.begin, .end = found.begin, .line = found.begin};
    while (!guards::follow(text, run, SIZE_MAX / 2, guards::Breaks::lines)) {
    }
    at = std::max(run.end, found.begin + 1);
    for (std::size_t begin = run.begin; begin < std::min(run.end, run.begin + longest_prefix); ++begin) {
      const bool starts =
          begin == run.begin || std::string_view("+/-_").find(text[begin - 1]) != std::string_view::npos;
      if (!starts || decoded(text.substr(begin, run.end - begin)).find(wanted) == std::string::npos) continue;
      spans.push_back({.begin = begin, .end = run.end, .what = "encoded_" + std::string(what)});
      break;
    }
  }
  return spans;
}

// Finds known values in texts: at the beginning of a word, and to the end of one.
class KnownValues {
 public:
  void add(std::string_view value, std::string_view what) {
    if (value.size() < shortest_known) return;
    auto& list = by_head_[std::string(value.substr(0, head))];
    if (std::none_of(list.begin(), list.end(), [value](const auto& one) { return one.first == value; })) {
      list.emplace_back(std::string(value), std::string(what));
    }
  }
  [[nodiscard]] bool empty() const { return by_head_.empty(); }

  void find_in(std::string_view text, std::vector<Span>& spans) const {
    for (std::size_t at = 0; at + head <= text.size(); ++at) {
      if (at > 0 && is_word(text[at]) && is_word(text[at - 1])) continue;
      const auto list = by_head_.find(text.substr(at, head));
      if (list == by_head_.end()) continue;
      for (const auto& [value, what] : list->second) {
        const std::size_t end = at + value.size();
        if (text.substr(at, value.size()) != value) continue;
        if (end < text.size() && is_word(text[end]) && is_word(value.back())) continue;
        spans.push_back({.begin = at, .end = end, .what = what});
      }
    }
  }

 private:
  static constexpr std::size_t head = 5;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>> by_head_;
};

// What a text is but for the placeholders in it: nothing is left to find.
bool is_only_placeholders(std::string_view text, const Placeholders& placeholders) {
  for (std::size_t at = 0; at < text.size();) {
    const auto here = placeholders.match(text, at, at == 0 ? '\0' : text[at - 1], Placeholders::Ends::here);
    if (here.state != Placeholders::Match::State::found) {
      if (is_word(text[at])) return false;
      ++at;
    } else {
      at = here.end;
    }
  }
  return true;
}

// A span that touches a placeholder takes all of it.
void take_whole_placeholders(std::vector<Span>& spans, std::string_view text, const Placeholders& placeholders) {
  for (std::size_t at = 0; at < text.size();) {
    const auto here = placeholders.match(text, at, at == 0 ? '\0' : text[at - 1], Placeholders::Ends::here);
    if (here.state != Placeholders::Match::State::found) {
      ++at;
      continue;
    }
    for (Span& span : spans) {
      if (span.begin >= here.end || span.end <= at) continue;
      span.begin = std::min(span.begin, at);
      span.end = std::max(span.end, here.end);
    }
    at = here.end;
  }
}

}  // namespace

struct Redactor::State {
  State(const GuardSet& of, const Request& from, const RedactionWish& wanted, json::DocumentPool& documents,
        Replacements before)
      : guards(of), request(from), wish(wanted), pool(documents), known(std::move(before)) {}

  const GuardSet& guards;
  const Request& request;
  RedactionWish wish;
  json::DocumentPool& pool;
  Replacements known;

  Request made;  // after the first pass: what was made of the request
  std::optional<ContentsReading> reading;
  int passes = 0;
  std::optional<Error> error;
  bool done = false;

  using Spans = std::map<std::size_t, std::vector<Span>>;  // by text

  [[nodiscard]] const Request& current() const { return passes == 0 ? request : made; }

  void end_pass();
  [[nodiscard]] Spans found(const json::Document& document);
  void add_place(Spans& spans, const Origins& origins, const FoundPlace& place, std::string_view read,
                 std::size_t index, const json::Document& document);
  void add_known(Spans& spans, const json::Document& document);
  void apply(Spans spans, const json::Document& document);
  [[nodiscard]] std::vector<std::pair<std::size_t, std::vector<Named>>> name_all(const Spans& spans,
                                                                                 const json::Document& document,
                                                                                 const std::vector<BodyPlace>& places);
  [[nodiscard]] std::string names_in_texts(const json::Document& document, const Replacements& names) const;
};

// Every place that is to be taken out, by the text that it stands in.
Redactor::State::Spans Redactor::State::found(const json::Document& document) {
  Spans spans;
  const Origins origins(document);
  const auto& read = reading->texts();
  for (const FoundPlace& place : reading->places()) {
    if (!wish.wants(place.classes, place.confidence)) continue;
    const std::string_view value = read[place.text].substr(place.begin, place.end - place.begin);
    if (passes > 0 && is_only_placeholders(value, known.placeholders)) continue;
    add_place(spans, origins, place, value, place.text, document);
  }
  return spans;
}

void Redactor::State::add_place(Spans& spans, const Origins& origins, const FoundPlace& place, std::string_view value,
                                std::size_t index, const json::Document& document) {
  const auto& read = reading->texts();
  if (const auto origin = origins.of(read[index])) {
    spans[origin->text].push_back(
        {.begin = origin->offset + place.begin, .end = origin->offset + place.end, .what = std::string(place.what)});
    return;
  }
  // It was decoded from one of the texts before it.
  while (index > 0 && !origins.of(read[index - 1])) --index;
  if (index == 0) {
    error = cannot(place.what, document, 0, "it was not found where it stands");
    return;
  }
  const auto origin = *origins.of(read[index - 1]);
  const std::string_view text = document.texts()[origin.text];
  auto encoded = encoded_spans(text, value, place.what);
  if (encoded.empty()) encoded.push_back({.begin = 0, .end = text.size(), .what = "text"});
  auto& list = spans[origin.text];
  list.insert(list.end(), encoded.begin(), encoded.end());
}

// The same values elsewhere, where nothing around them tells what they are.
void Redactor::State::add_known(Spans& spans, const json::Document& document) {
  KnownValues values;
  for (const auto& [text, list] : spans) {
    for (const Span& span : list) {
      values.add(document.texts()[text].substr(span.begin, span.end - span.begin), span.what);
    }
  }
  for (const auto& [value, name] : known.name_of) values.add(value, "value");  // has its name already
  if (values.empty()) return;
  for (std::size_t i = 0; i < document.texts().size(); ++i) {
    std::vector<Span> more;
    values.find_in(document.texts()[i], more);
    if (more.empty()) continue;
    auto& list = spans[i];
    list.insert(list.end(), more.begin(), more.end());
  }
}

std::vector<std::pair<std::size_t, std::vector<Named>>> Redactor::State::name_all(
    const Spans& spans, const json::Document& document, const std::vector<BodyPlace>& places) {
  // What a turn more cannot move comes first.
  std::vector<std::size_t> order;
  for (const auto& [text, list] : spans) order.push_back(text);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return turn_rank(places[a].top) < turn_rank(places[b].top); });
  std::string taken;
  for (int round = 0;; ++round) {
    Replacements names = known;
    names.placeholders.avoid(taken);
    if (passes == 0) {
      for (const std::string_view text : document.texts()) names.placeholders.avoid(text);
    }
    std::vector<std::pair<std::size_t, std::vector<Named>>> out;
    for (const std::size_t text : order) {
      const std::string_view value = document.texts()[text];
      const bool numeric = places[text].kind == BodyPlace::Kind::number;
      out.emplace_back(text, name_values(value, spans.at(text), role_of(places[text], value), numeric, names));
    }
    const std::string more = passes == 0 ? names_in_texts(document, names) : std::string();
    if (more.empty() || round == most_renumberings) {
      if (!more.empty())
        error = Error{.code = ErrorCode::zone_refused,
                      .message = "The request is full of texts that look like placeholders."};
      known = std::move(names);
      return out;
    }
    taken += more;
  }
}

// Names that would be put back into an answer although the request itself holds them.
std::string Redactor::State::names_in_texts(const json::Document& document, const Replacements& names) const {
  std::string out;
  for (const std::string_view text : document.texts()) {
    for (const auto& name : names.placeholders.names_in(text, Placeholders::Within::name)) {
      if (!known.placeholders.names_in("<" + name + ">").empty()) continue;  // of an earlier request: it stays
      out.append("<").append(name).append(">");
    }
  }
  return out;
}

void Redactor::State::apply(Spans spans, const json::Document& document) {
  const auto places = places_of(document);
  if (places.size() != document.texts().size()) {
    error = Error{.code = ErrorCode::internal, .message = "The texts of the request were not found in its body."};
    return;
  }
  std::vector<bool> media(document.texts().size(), false);
  for (const auto& medium : document.media()) media[medium.text] = true;
  for (auto& [text, list] : spans) {
    const std::string_view value = document.texts()[text];
    if (media[text] || role_of(places[text], value) == Role::fixed) {
      error = cannot(list.front().what, document, text, "must stay there as it is");
      return;
    }
    if (places[text].kind == BodyPlace::Kind::number) {  // of a list of numbers: each by itself
      for (Span& span : list) {
        while (span.begin > 0 && value[span.begin - 1] != ',' && value[span.begin - 1] > ' ') --span.begin;
        while (span.end < value.size() && value[span.end] != ',' && value[span.end] > ' ') ++span.end;
      }
    }
    if (passes > 0) take_whole_placeholders(list, value, known.placeholders);
    settle(list, value);
  }
  std::erase_if(spans, [](const auto& one) { return one.second.empty(); });
  auto named = name_all(spans, document, places);
  std::sort(named.begin(), named.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<json::Splice> splices;
  for (const auto& [text, list] : named) {
    const std::string_view value = document.texts()[text];
    const BodyPlace& place = places[text];
    if (place.kind == BodyPlace::Kind::number) {
      for (const Named& one : list) {
        splices.push_back(
            {.begin = place.begin + one.span.begin, .end = place.begin + one.span.end, .with = '"' + one.name + '"'});
      }
      continue;
    }
    const auto replaced = with_names(value, list, role_of(place, value));
    if (!replaced) {
      error = cannot(list.front().span.what, document, text, "no placeholder can stand there");
      return;
    }
    std::string quoted;
    json::append_string(quoted, *replaced);
    splices.push_back({.begin = place.begin, .end = place.end, .with = std::move(quoted)});
  }
  auto body = json::apply(document.text(), splices);
  auto next = pool.take();
  if (auto parsed = next->parse_request(std::move(body)); !parsed) {
    error = Error{.code = ErrorCode::internal, .message = "What was made of the request is no JSON."};
    return;
  }
  next->survey();
  made = Request{};
  made.document = std::move(next);
}

void Redactor::State::end_pass() {
  const auto& document = *current().document;
  auto spans = found(document);
  if (error) {
    done = true;
    return;
  }
  if (spans.empty() && (passes > 0 || known.name_of.empty())) {
    done = true;
    return;
  }
  if (passes == 0) add_known(spans, document);
  if (passes == most_passes) {
    error = cannot(spans.begin()->second.front().what, document, spans.begin()->first, "it is still there when it was");
  } else {
    // Applied to the document that `reading` views: it ends first.
    reading.reset();
    apply(std::move(spans), document);
    ++passes;
  }
  done = error.has_value();
}

Redactor::Redactor(const GuardSet& guards, const Request& request, const RedactionWish& wish, json::DocumentPool& pool,
                   Replacements known)
    : state_(std::make_unique<State>(guards, request, wish, pool, std::move(known))) {
  if (!request.form.empty() || !request.document) {
    state_->error = Error{.code = ErrorCode::zone_refused,
                          .message = "The request is a form, and nothing can be taken out of a form before it leaves."};
    state_->done = true;
  }
}

Redactor::~Redactor() = default;

bool Redactor::advance(std::size_t bytes) {
  State& state = *state_;
  while (!state.done) {
    if (!state.reading) {
      state.reading.emplace(state.guards, state.current());
      state.reading->locate();
    }
    if (!state.reading->advance(bytes)) return false;
    state.end_pass();
    state.reading.reset();
    if (bytes != SIZE_MAX && !state.done) return false;
  }
  return true;
}

Result<Redacted> Redactor::take() {
  if (state_->error) return failure(std::move(*state_->error));
  return Redacted{.body = state_->passes == 0 ? state_->request.document->text() : state_->made.document->text(),
                  .replacements = std::move(state_->known)};
}

Result<std::string> redact_said(const GuardSet& guards, const Request& request, std::string_view said,
                                const RedactionWish& wish, json::DocumentPool& pool, Replacements& known) {
  constexpr std::size_t texts_before = 16;  // the question gives a bare number its meaning
  const auto& asked = request.texts();
  std::string body;
  json::Writer w(body);
  w.begin_object().key("messages").begin_array();
  for (std::size_t i = asked.size() - std::min(texts_before, asked.size()); i < asked.size(); ++i) {
    w.begin_object().key("content").value(asked[i]).end_object();
  }
  w.begin_object().key("content").value(said).end_object().end_array().end_object();
  Request before;
  before.document = pool.take();
  if (auto parsed = before.document->parse(std::move(body)); !parsed) return failure(parsed.error());
  before.document->survey();
  Redactor redactor(guards, before, wish, pool, known);
  while (!redactor.advance(SIZE_MAX)) {
  }
  auto redacted = redactor.take();
  if (!redacted) return failure(redacted.error());
  known = std::move(redacted->replacements);
  json::Document document;
  if (auto parsed = document.parse(std::move(redacted->body)); !parsed) return failure(parsed.error());
  document.survey();
  return std::string(document.texts().back());
}

}  // namespace weir::redaction
