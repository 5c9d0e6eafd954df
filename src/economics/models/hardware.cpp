// The accelerators of catalog/gpus.tsv; the columns are described in catalog/README.md.
#include "economics/models/hardware.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/nearest.h"
#include "economics/models/catalog_data.h"
#include "economics/models/catalog_text.h"

namespace weir::plan {
namespace {

constexpr int64_t mebibyte = 1024 * 1024;

MicroDollars dollars(std::string_view text) { return std::llround(number_of(text) * 1e6); }

constexpr std::array<std::string_view, 8> architectures = {"volta",  "turing",    "ampere", "ada",
                                                           "hopper", "blackwell", "cdna3",  "apple"};
constexpr std::array<std::string_view, 8> architecture_titles = {"Volta",  "Turing",    "Ampere", "Ada",
                                                                 "Hopper", "Blackwell", "CDNA 3", "Apple silicon"};
constexpr std::array<std::string_view, 5> links = {"pcie", "bridge", "nvlink", "fabric", "network"};

// The catalog is ours, and a test reads every line: a word that is none is the first.
template <typename Enum, std::size_t Size>
Enum named(std::string_view text, const std::array<std::string_view, Size>& names) {
  const auto* const found = std::find(names.begin(), names.end(), text);
  return static_cast<Enum>(found == names.end() ? 0 : found - names.begin());
}

std::string_view link_name(const Gpu& gpu, int64_t cards) {
  switch (gpu.link) {
    case Link::pcie:
      return "PCIe";
    case Link::bridge:
      return cards == 2 ? "an NVLink bridge" : "NVLink in pairs and PCIe";
    case Link::nvlink:
      return "NVLink";
    case Link::fabric:
      return "Infinity Fabric";
    case Link::network:
      break;
  }
  return "a network";
}

constexpr double pcie_bytes_per_s =
    64e9;  // 16 lanes of the fourth generation, both directions: what cards with bridges have

Gpu parse_line(std::string_view line) {
  Gpu gpu;
  gpu.id = next_field(line);
  gpu.title = next_field(line);
  gpu.memory_bytes = whole_number_of(next_field(line)) * mebibyte;
  gpu.memory_bytes_per_s = number_of(next_field(line)) * 1e9;
  gpu.flops_16bit = number_of(next_field(line)) * 1e12;
  gpu.flops_8bit = number_of(next_field(line)) * 1e12;
  gpu.watts = whole_number_of(next_field(line));
  gpu.architecture = named<Architecture>(next_field(line), architectures);
  auto link = next_field(line);
  gpu.link = named<Link>(cut(link, ' '), links);
  gpu.link_bytes_per_s = number_of(link) * 1e9;
  gpu.rent_per_hour = dollars(next_field(line));
  gpu.spot_per_hour = dollars(next_field(line));
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

std::string_view title_of(Architecture architecture) {
  return architecture_titles[static_cast<std::size_t>(architecture)];
}

std::string cards_text(const Gpu& gpu, int64_t cards) {
  if (cards == 1) return std::string(gpu.id);
  return fmt::format("{} × {} over {}", cards, gpu.id, link_name(gpu, cards));
}

std::string cards_title(const Gpu& gpu, int64_t cards) {
  if (cards == 1) return std::string(gpu.title);
  return fmt::format("{} × {} over {}", cards, gpu.title, link_name(gpu, cards));
}

double send_rate(const Gpu& gpu, int64_t cards) {
  const double both = gpu.link == Link::bridge && cards > 2 ? pcie_bytes_per_s : gpu.link_bytes_per_s;
  return both / 2;
}

std::string link_note(const Gpu& gpu, int64_t cards) {
  if (cards == 1) return {};
  const double rate = send_rate(gpu, cards) * 2 / 1e9;
  const auto begin = fmt::format("{}: ", cards_text(gpu, cards));
  switch (gpu.link) {
    case Link::pcie:
      return begin + fmt::format(
                         "{:g} GB/s between two cards, through the board, which needs full lanes for each of the {}; "
                         "servers have them, desktop boards for one or two.",
                         rate, cards);
    case Link::bridge:
      if (cards == 2) return begin + fmt::format("{:g} GB/s, with a bridge that is bought apart; else PCIe.", rate);
      return begin + fmt::format("bridges join two cards each; between pairs there is PCIe, {:g} GB/s.", rate);
    case Link::nvlink:
    case Link::fabric:
      return begin + fmt::format("{:g} GB/s; sold and rented as boards of 4 or 8.", rate);
    case Link::network:
      break;
  }
  return begin + fmt::format(
                     "{} computers, joined by a network or Thunderbolt of {:g} GB/s at best. Common servers do "
                     "not split a model among them, and those that can wait for the network at every layer.",
                     cards, rate);
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
