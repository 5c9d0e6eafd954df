#include "economics/models/model_shape.h"

#include <algorithm>
#include <array>

#include "core/nearest.h"
#include "economics/models/catalog_data.h"
#include "economics/models/catalog_text.h"
#include "economics/models/quantisation.h"

namespace weir::plan {
namespace {

struct Entry {
  ModelShape shape;
  std::vector<std::string_view> names;  // id first, then aliases
  std::vector<std::string> folded;      // of the names and the title
};

Entry parse_line(std::string_view line) {
  Entry entry;
  auto& shape = entry.shape;
  const auto id = next_field(line);
  shape.name = id;
  shape.title = next_field(line);
  entry.names.push_back(id);
  for (auto aliases = next_field(line); !aliases.empty();) entry.names.push_back(cut(aliases, ' '));
  for (auto* number : {&shape.parameters, &shape.active_parameters, &shape.layers, &shape.hidden, &shape.heads,
                       &shape.kv_heads, &shape.head_dim, &shape.vocabulary, &shape.context}) {
    *number = whole_number_of(next_field(line));
  }
  shape.embeddings = next_field(line) == "1" ? Embeddings::tied : Embeddings::untied;
  for (auto* number : {&shape.window, &shape.windowed_layers, &shape.latent})
    *number = whole_number_of(next_field(line));
  shape.published = next_field(line);
  shape.source = next_field(line);
  shape.note = next_field(line);
  for (const auto name : entry.names) entry.folded.push_back(folded_name(name));
  entry.folded.push_back(folded_name(shape.title));
  return entry;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = [] {
    std::vector<Entry> parsed;
    for (auto text = shapes_data(); !text.empty();) {
      const auto line = cut(text, '\n');
      if (!line.empty() && line.front() != '#') parsed.push_back(parse_line(line));
    }
    return parsed;
  }();
  return all;
}

const Entry* entry_called(std::string_view folded) {
  if (folded.empty()) return nullptr;
  for (const auto& entry : entries()) {
    if (std::find(entry.folded.begin(), entry.folded.end(), folded) != entry.folded.end()) return &entry;
  }
  return nullptr;
}

// Words of a name that say how a model was trained, packed or published, not which shape it has.
bool is_noise(std::string_view folded_word) {
  constexpr std::array words = std::to_array<std::string_view>(
      {"meta", "instruct", "chat",    "it",  "hf",  "base", "gguf", "pt",  "latest", "preview", "quantized", "unsloth",
       "text", "bnb",      "dynamic", "16k", "32k", "128k", "v1.0", "mlx", "4bit",   "8bit",    "imatrix"});
  return std::find(words.begin(), words.end(), folded_word) != words.end();
}

struct Reading {
  std::string bare;          // folded, without noise
  std::string quantisation;  // named in it
};

// Words are cut at everything but `_`, because quantisations have it in their names.
Reading read_name(std::string_view name) {
  Reading reading;
  while (!name.empty()) {
    const auto end = name.find_first_of("-: @");
    const auto word = name.substr(0, end);
    name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
    if (const auto* quantisation = find_quantisation(word); quantisation != nullptr && !reading.bare.empty()) {
      // `bnb-4bit`, `mlx-4bit`: the number of bits says less than the word before it.
      const bool vague = word == "4bit" || word == "8bit";
      if (!vague || reading.quantisation.empty()) reading.quantisation = quantisation->name;
    } else if (const auto folded = folded_name(word); !is_noise(folded)) {
      reading.bare += folded;
    }
  }
  return reading;
}

ModelShape with_quantisation(const Entry& entry, std::string quantisation) {
  auto shape = entry.shape;
  shape.quantisation = std::move(quantisation);
  return shape;
}

Error unknown(std::string_view name, std::string_view bare) {
  std::vector<std::string_view> names;
  for (const auto& entry : entries()) names.insert(names.end(), entry.names.begin(), entry.names.end());
  auto near = nearest(name.substr(name.rfind('/') + 1), names);
  if (near.empty()) near = nearest(bare, names);
  auto message = fmt::format("the catalog has no model `{}`", name);
  if (!near.empty()) message += fmt::format("; did you mean `{}`?", near);
  return {.code = ErrorCode::not_found, .message = std::move(message)};
}

}  // namespace

std::span<const ModelShape> shapes() {
  static const std::vector<ModelShape> all = [] {
    std::vector<ModelShape> copies;
    for (const auto& entry : entries()) copies.push_back(entry.shape);
    return copies;
  }();
  return all;
}

Result<ModelShape> shape_named(std::string_view name) {
  const auto own = name.substr(name.rfind('/') + 1);  // without the publisher
  if (const auto* exact = entry_called(folded_name(own))) return exact->shape;
  const auto reading = read_name(own);
  if (const auto* found = entry_called(reading.bare)) return with_quantisation(*found, reading.quantisation);
  return tl::unexpected(unknown(name, reading.bare));
}

std::optional<std::string> fault_of(const ModelShape& shape) {
  struct Limit {
    std::string_view what;
    int64_t value;
    int64_t least;
    int64_t most;
  };
  // A thousand times what models have today; products of any three stay within 63 bits or are computed in doubles.
  const Limit limits[] = {{"parameters", shape.parameters, 1, 1'000'000'000'000'000},
                          {"active parameters", shape.active_parameters, 1, shape.parameters},
                          {"layers", shape.layers, 1, 100'000},
                          {"hidden size", shape.hidden, 1, 10'000'000},
                          {"attention heads", shape.heads, 1, 1'000'000},
                          {"key/value heads", shape.kv_heads, 0, shape.heads},
                          {"head dimension", shape.head_dim, 1, 1'000'000},
                          {"vocabulary", shape.vocabulary, 0, 1'000'000'000},
                          {"context", shape.context, 0, 10'000'000'000},
                          {"window", shape.window, 0, 10'000'000'000},
                          {"windowed layers", shape.windowed_layers, 0, shape.layers},
                          {"latent size", shape.latent, 0, 10'000'000}};
  for (const auto& limit : limits) {
    if (limit.value < limit.least || limit.value > limit.most) {
      return fmt::format("{} of {} make no sense: between {} and {} are possible", limit.what, limit.value, limit.least,
                         limit.most);
    }
  }
  return std::nullopt;
}

}  // namespace weir::plan
