// The accelerators of catalog/gpus.tsv; the columns are described in catalog/README.md.
#include "plan/hardware.h"

#include <cmath>

#include "core/nearest.h"
#include "plan/catalog_data.h"
#include "plan/catalog_text.h"

namespace weir::plan {
namespace {

constexpr int64_t mebibyte = 1024 * 1024;

MicroDollars dollars(std::string_view text) { return std::llround(number_of(text) * 1e6); }

Gpu parse_line(std::string_view line) {
  Gpu gpu;
  gpu.id = next_field(line);
  gpu.title = next_field(line);
  gpu.memory_bytes = whole_number_of(next_field(line)) * mebibyte;
  gpu.memory_bytes_per_s = number_of(next_field(line)) * 1e9;
  gpu.flops_16bit = number_of(next_field(line)) * 1e12;
  gpu.flops_8bit = number_of(next_field(line)) * 1e12;
  gpu.watts = whole_number_of(next_field(line));
  gpu.rent_per_hour = dollars(next_field(line));
  gpu.price = dollars(next_field(line));
  gpu.as_of = next_field(line);
  gpu.aliases = next_field(line);
  gpu.prices_from = next_field(line);
  gpu.source = next_field(line);
  gpu.note = next_field(line);
  return gpu;
}

std::vector<Gpu> parse(std::string_view text) {
  std::vector<Gpu> all;
  while (!text.empty()) {
    const auto line = cut(text, '\n');
    if (!line.empty() && line.front() != '#') all.push_back(parse_line(line));
  }
  return all;
}

// Without the words that makers put in front: `NVIDIA GeForce RTX 4090` is `rtx4090`.
std::string bare_name(std::string_view text) {
  auto name = folded_name(text);
  for (const std::string_view word : {"nvidia", "geforce", "quadro", "tesla", "amd", "instinct", "apple"}) {
    if (name.starts_with(word) && name.size() > word.size()) name.erase(0, word.size());
  }
  return name;
}

bool is_called(const Gpu& gpu, std::string_view bare) {
  if (bare_name(gpu.id) == bare || bare_name(gpu.title) == bare) return true;
  for (auto rest = gpu.aliases; !rest.empty();) {
    if (bare_name(cut(rest, ' ')) == bare) return true;
  }
  return false;
}

}  // namespace

std::span<const Gpu> gpus() {
  static const std::vector<Gpu> all = parse(gpus_data());
  return all;
}

std::optional<Gpu> find_gpu(std::string_view id) {
  const auto bare = bare_name(id);
  if (bare.empty()) return std::nullopt;
  for (const auto& gpu : gpus()) {
    if (is_called(gpu, bare)) return gpu;
  }
  return std::nullopt;
}

std::string_view nearest_gpu(std::string_view id) {
  std::vector<std::string_view> names;
  for (const auto& gpu : gpus()) {
    names.push_back(gpu.id);
    for (auto rest = gpu.aliases; !rest.empty();) names.push_back(cut(rest, ' '));
  }
  const auto near = nearest(id, names);
  const auto found = near.empty() ? std::nullopt : find_gpu(near);
  return found ? found->id : std::string_view();
}

Result<Gpu> gpu_named(std::string_view id) {
  if (auto found = find_gpu(id)) return *found;
  const auto near = nearest_gpu(id);
  auto message = fmt::format("the catalog has no GPU `{}`", id);
  if (!near.empty()) {
    message += fmt::format("; did you mean `{}`?", near);
  } else {
    message += "; known are";
    for (const auto& gpu : gpus()) message += fmt::format(" {}", gpu.id);
  }
  return failure(ErrorCode::not_found, std::move(message));
}

}  // namespace weir::plan
