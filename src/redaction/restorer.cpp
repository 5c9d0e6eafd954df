#include "redaction/restorer.h"

#include <utility>

#include "core/json.h"

namespace weir::redaction {

std::string Restorer::add(std::string_view piece) {
  waiting_ += piece;
  return restore(Placeholders::Ends::later);
}

std::string Restorer::end() { return restore(Placeholders::Ends::here); }

void Restorer::pass(char c, std::string& out) {
  out += c;
  state_.pass(c);
  before_ = c;
  if (c > ' ') last_ = c;
}

void Restorer::put(std::string_view name, std::string_view value, std::string& out) {
  std::string quoted;
  json::append_string(quoted, value);
  const bool as_written = !state_.is_json() || known_->escaped.contains(name);
  if (state_.in_string()) {
    // What the placeholder's bytes would have done to the state, its value does not: it stays inside the string.
    out += as_written ? std::string(value) : quoted.substr(1, quoted.size() - 2);
  } else if (of_ == JsonState::Of::json && state_.awaits_value() && !known_->is_number(name)) {
    out += quoted;  // the model forgot the quotes
    state_.pass(std::string_view("\"\""));
  } else {
    out += value;
    state_.pass('0');
  }
}

std::string Restorer::restore(Placeholders::Ends ends) {
  using State = Placeholders::Match::State;
  const Placeholders& names = known_->placeholders;
  std::string out;
  std::size_t at = 0;
  const std::string_view text = waiting_;
  while (at < text.size()) {
    // A number that went out as a string comes back as one.
    const bool opens = text[at] == '"' && !known_->numbers.empty() &&
                       (state_.is_json() ? !state_.in_string() : last_ == ':' || last_ == ',' || last_ == '[');
    if (opens) {
      const auto inner = names.match(text, at + 1, '"', ends);
      const bool cut = at + 1 == text.size() || inner.state == State::undecided ||
                       (inner.state == State::found && inner.end == text.size());
      if (cut && ends == Placeholders::Ends::later) break;
      if (inner.state == State::found && inner.end < text.size() && text[inner.end] == '"' &&
          known_->is_number(inner.name)) {
        out += inner.value;
        state_.pass('0');
        before_ = last_ = '"';
        at = inner.end + 1;
        continue;
      }
    }
    if (!names.may_begin(text[at]) || state_.in_escape()) {
      pass(text[at++], out);
      continue;
    }
    const auto here = names.match(text, at, before_, ends);
    if (here.state == State::undecided) break;
    if (here.state == State::found) {
      put(here.name, here.value, out);
      before_ = last_ = text[here.end - 1];
      at = here.end;
    } else {
      pass(text[at++], out);
    }
  }
  waiting_.erase(0, at);
  return out;
}

std::string restored(const Replacements& known, std::string_view text, JsonState::Of of) {
  Restorer restorer(known, of);
  std::string out = restorer.add(text);
  out += restorer.end();
  return out;
}

std::string restored_name(const Replacements& known, std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const auto here = known.placeholders.match(name, at, at == 0 ? '\0' : name[at - 1], Placeholders::Ends::here,
                                               Placeholders::Within::name);
    if (here.state == Placeholders::Match::State::found) {
      out += here.value;
      at = here.end;
    } else {
      out += name[at++];
    }
  }
  return out;
}

}  // namespace weir::redaction
