#include "training/training_data.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "core/stable_hash.h"
#include "guards/placeholders.h"
#include "judges/answer_text.h"
#include "training/near_duplicates.h"

namespace weir {
namespace {

constexpr double nearly_the_same = 0.85;  // one of them is enough
constexpr double related = 0.4;           // they stay on one side of the split
constexpr double thought_badly = 0.5;

// A line in the making.
struct Sample {
  std::string messages;  // JSON
  std::string tools;
  std::string chosen;    // JSON of a message
  std::string rejected;  // the same; "" = none
  std::string question;  // what users said, for comparing
  ClassSet classes = 0;
  std::string route;
  int64_t time_us = 0;
  double worth = 0;  // of two that are nearly the same the one with more of it stays
  bool redacted = false;
};

std::string message_of(std::string_view text) {
  std::string json;
  json::Writer out(json);
  out.begin_object().key("role").value("assistant").key("content").value(text).end_object();
  return json;
}

// Which answer is worth learning, and which is the worse one; nullopt: none is.
std::optional<Sample> sample_of(KeptLesson& kept) {
  auto& lesson = kept.lesson;
  const bool escalated = !lesson.better_model.empty();
  const auto& given = escalated ? lesson.better_answer : lesson.first_answer;
  const bool bad = kept.feedback >= 0 && kept.feedback < thought_badly;
  Sample sample{.route = lesson.route, .time_us = lesson.time_us, .worth = std::max(kept.feedback, 0.0)};
  if (!kept.written_answer.empty()) {
    sample.chosen = message_of(kept.written_answer);
    sample.rejected = given;
    sample.worth = 2;
  } else if (bad || given.empty()) {
    return std::nullopt;
  } else {
    sample.chosen = given;
    if (escalated) sample.rejected = lesson.first_answer;
  }
  if (sample.rejected == sample.chosen) sample.rejected.clear();
  sample.messages = std::move(lesson.messages);
  sample.tools = std::move(lesson.tools);
  return sample;
}

// Every text of a JSON value, read and perhaps written anew.
class Texts {
 public:
  Texts(const GuardSet& guards, Placeholders& names) : guards_(guards), names_(names) {}

  enum class Mode : uint8_t { look, avoid, redact };
  std::string rewrite(const std::string& json, Mode mode) {
    if (json.empty()) return json;
    mode_ = mode;
    json::Document document;
    std::string out;
    if (!document.parse(json)) return out;
    json::Writer writer(out);
    value(document.root(), writer, {});
    return out;
  }
  ClassSet found = 0;
  bool changed = false;

 private:
  void value(const json::Element& element, json::Writer& out, std::string_view key) {
    json::Object object;
    json::Array array;
    std::string_view text;
    if (element.get(object) == simdjson::SUCCESS) {
      out.begin_object();
      for (const auto& field : object) {
        out.key(field.key);
        value(field.value, out, field.key);
      }
      out.end_object();
    } else if (element.get(array) == simdjson::SUCCESS) {
      out.begin_array();
      for (const auto& item : array) value(item, out, key);
      out.end_array();
    } else if (element.get(text) == simdjson::SUCCESS && key != "role" && key != "type") {
      out.value(without_values(text));
    } else {
      out.value(element);
    }
  }

  std::string without_values(std::string_view text) {
    if (mode_ == Mode::avoid) {
      names_.avoid(text);
      return {};
    }
    std::string out;
    std::size_t at = 0;
    for (const auto& one : guards_.inspect(text)) {
      found |= one.classes;
      if (mode_ == Mode::look || one.begin < at) continue;
      out.append(text.substr(at, one.begin - at));
      out += names_.of(one.what, text.substr(one.begin, one.end - one.begin));
      at = one.end;
      changed = true;
    }
    return out.append(text.substr(at));
  }

  const GuardSet& guards_;
  Placeholders& names_;
  Mode mode_ = Mode::look;
};

ClassSet classes_named(const Snapshot& snapshot, std::string_view names, bool& all_known) {
  ClassSet classes = 0;
  while (!names.empty()) {
    const auto comma = names.find(',');
    const auto known = snapshot.classes.find(names.substr(0, comma));
    if (known) {
      classes |= *known;
    } else {
      all_known = false;
    }
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
  }
  return classes;
}

// Takes out what may not leave. False: it may not leave at all.
bool make_fit(Sample& sample, std::string_view said_classes, const Snapshot& snapshot, const GuardSet& guards,
              bool redact) {
  bool all_known = true;
  // Pictures and files are not in the lesson.
  const auto said = classes_named(snapshot, said_classes, all_known) & ~ClassSet{class_unreadable};
  Placeholders names;
  Texts texts(guards, names);
  const std::array parts{&sample.messages, &sample.tools, &sample.chosen, &sample.rejected};
  for (const auto* const part : parts) (void)texts.rewrite(*part, Texts::Mode::look);
  sample.classes = said | texts.found;
  const auto forbidden = kept_in(snapshot, sample.route, sample.classes);
  if (!redact) return all_known && forbidden == 0;
  // What a caller declared and nothing finds cannot be taken out.
  if (!all_known || (kept_in(snapshot, sample.route, said) & ~texts.found) != 0) return false;
  for (const auto* const part : parts) (void)texts.rewrite(*part, Texts::Mode::avoid);
  for (auto* const part : parts) *part = texts.rewrite(*part, Texts::Mode::redact);
  sample.redacted = texts.changed;
  Texts after(guards, names);
  for (const auto* const part : parts) (void)after.rewrite(*part, Texts::Mode::look);
  return kept_in(snapshot, sample.route, after.found) == 0;
}

std::string question_of(const std::string& messages) {
  json::Document document;
  json::Array list;
  std::string question;
  if (!document.parse(messages) || document.root().get(list) != simdjson::SUCCESS) return question;
  for (const auto& message : list) {
    json::Object object;
    if (message.get(object) != simdjson::SUCCESS || json::string_or(object, "role") != "user") continue;
    question.append(json::string_or(object, "content")).append("\n");
  }
  return question;
}

void write_turn(json::Writer& out, const json::Object& message) {
  const auto role = json::string_or(message, "role");
  out.begin_object();
  out.key("from").value(role == "user" ? "human" : role == "assistant" ? "gpt" : role);
  std::string said(json::string_or(message, "content"));
  json::Element calls;
  if (message["tool_calls"].get(calls) == simdjson::SUCCESS) {
    std::string text;
    json::Writer(text).value(calls);
    said += "<tool_call>" + text + "</tool_call>";
  }
  out.key("value").value(said).end_object();
}

std::string sharegpt_line(const Sample& sample) {
  std::string line;
  json::Writer out(line);
  out.begin_object().key("conversations").begin_array();
  for (const auto& json : {sample.messages, "[" + sample.chosen + "]"}) {
    json::Document document;
    json::Array list;
    if (!document.parse(json) || document.root().get(list) != simdjson::SUCCESS) continue;
    for (const auto& one : list) {
      json::Object message;
      if (one.get(message) == simdjson::SUCCESS) write_turn(out, message);
    }
  }
  out.end_array();
  if (!sample.tools.empty()) out.key("tools").value(sample.tools);
  out.end_object();
  return line;
}

std::string line_of(const Sample& sample, TrainingFormat format) {
  if (format == TrainingFormat::sharegpt) return sharegpt_line(sample);
  std::string line;
  json::Writer out(line);
  out.begin_object();
  const auto inside = std::string_view(sample.messages).substr(1, sample.messages.size() - 2);
  if (format == TrainingFormat::openai) {
    out.key("messages").raw(fmt::format("[{}{}{}]", inside, inside.empty() ? "" : ",", sample.chosen));
  } else {
    out.key("prompt").raw(sample.messages);
    out.key("chosen").raw("[" + sample.chosen + "]");
    out.key("rejected").raw("[" + sample.rejected + "]");
  }
  if (!sample.tools.empty()) out.key("tools").raw(sample.tools);
  out.end_object();
  return line;
}

}  // namespace

ClassSet kept_in(const Snapshot& snapshot, std::string_view route, ClassSet classes) {
  const auto known = snapshot.route_by_name.find(route);
  if (known == snapshot.route_by_name.end()) return classes;
  ClassSet kept = 0;
  for (const auto& rule : snapshot.routes[known->second].rules) {
    if (rule.zones.empty() && rule.redact.empty() && !rule.block) continue;
    // A rule that keeps everything in keeps each class in, whatever it asks for besides.
    const bool of_any_class = rule.when.sensitive_any || rule.when.sensitive == 0;
    kept |= of_any_class ? classes : rule.when.sensitive & classes;
  }
  return kept;
}

TrainingData training_data(std::vector<KeptLesson> lessons, const Snapshot& snapshot, const GuardSet& guards,
                           const TrainingOptions& options) {
  TrainingData data{.lessons = static_cast<int64_t>(lessons.size())};
  std::vector<Sample> samples;
  for (auto& kept : lessons) {
    const auto said = kept.lesson.classes;
    auto sample = sample_of(kept);
    if (!sample) {
      ++data.left_out.bad;
    } else if (options.format == TrainingFormat::dpo && sample->rejected.empty()) {
      ++data.left_out.no_pair;
    } else if (!make_fit(*sample, said, snapshot, guards, options.redact)) {
      ++data.left_out.forbidden;
    } else {
      sample->question = normalised(question_of(sample->messages));
      samples.push_back(std::move(*sample));
    }
  }
  // The best of those that are the same comes first: the most wanted, then the newest; the text settles the rest.
  std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    if (a.worth != b.worth) return a.worth > b.worth;
    if (a.time_us != b.time_us) return a.time_us > b.time_us;
    return a.question != b.question ? a.question < b.question : a.chosen < b.chosen;
  });
  std::unordered_set<uint64_t> seen;
  const auto repeated = [&](const Sample& one) { return !seen.insert(stable_hash(one.question)).second; };
  data.left_out.exact = static_cast<int64_t>(std::erase_if(samples, repeated));

  std::vector<MinHash> hashes;
  hashes.reserve(samples.size());
  for (const auto& one : samples) hashes.push_back(minhash_of(one.question));
  const auto same = groups_of(hashes, nearly_the_same);
  const auto near = groups_of(hashes, related);
  // A group goes where the smallest of its hashes says, so that it does not depend on who stands first in it.
  std::vector<uint64_t> marks(samples.size(), UINT64_MAX);
  for (std::size_t i = 0; i < samples.size(); ++i)
    marks[near[i]] = std::min(marks[near[i]], stable_hash(samples[i].question));
  constexpr uint64_t parts = 10'000;
  const auto valid_parts = static_cast<uint64_t>(options.valid_share * parts);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (same[i] != i) {
      ++data.left_out.near;
      continue;
    }
    const auto& one = samples[i];
    const bool valid = marks[near[i]] % parts < valid_parts;
    (valid ? data.valid : data.train).push_back(line_of(one, options.format));
    data.redacted += one.redacted ? 1 : 0;
    data.first_us = data.first_us == 0 ? one.time_us : std::min(data.first_us, one.time_us);
    data.last_us = std::max(data.last_us, one.time_us);
    ++data.routes[one.route];
    for (const auto name : snapshot.classes.list(one.classes)) ++data.classes[std::string(name)];
  }
  return data;
}

}  // namespace weir
