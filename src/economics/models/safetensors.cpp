#include "economics/models/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "core/json.h"

namespace weir::plan {
namespace {

constexpr uint64_t length_size = 8;
constexpr std::size_t most_dimensions = 16;

struct DataType {
  std::string_view name;
  int64_t bits;
};
constexpr std::array data_types = std::to_array<DataType>(
    {{"BOOL", 8},    {"U8", 8},      {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F4", 4},
     {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"I16", 16}, {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},
     {"U32", 32},    {"F32", 32},    {"C64", 64}, {"F64", 64},    {"I64", 64},    {"U64", 64}});

const DataType* data_type(std::string_view name) {
  const auto* const found =
      std::find_if(data_types.begin(), data_types.end(), [&](const DataType& type) { return type.name == name; });
  return found == data_types.end() ? nullptr : found;
}

struct Tensor {
  std::string_view name;
  const DataType* type = nullptr;
  int64_t count = 1;
  uint64_t begin = 0;
  uint64_t end = 0;
};

tl::unexpected<std::string> wrong(std::string_view name, std::string_view what) {
  return tl::unexpected(fmt::format("tensor `{}` {}", name, what));
}

tl::expected<Tensor, std::string> parse_tensor(std::string_view name, const json::Element& value) {
  Tensor tensor{.name = name};
  std::string_view type;
  json::Array shape;
  json::Array offsets;
  if (value["dtype"].get(type) != simdjson::SUCCESS) return wrong(name, "has no `dtype`");
  if (value["shape"].get(shape) != simdjson::SUCCESS) return wrong(name, "has no `shape`");
  if (value["data_offsets"].get(offsets) != simdjson::SUCCESS || offsets.size() != 2)
    return wrong(name, "has no `data_offsets`");
  tensor.type = data_type(type);
  if (tensor.type == nullptr) return wrong(name, fmt::format("has the unknown dtype `{}`", type));
  if (shape.size() > most_dimensions) return wrong(name, fmt::format("has {} dimensions", shape.size()));
  for (const auto size : shape) {
    int64_t length = 0;
    if (size.get(length) != simdjson::SUCCESS || length < 0 || !multiplies(tensor.count, length, tensor.count)) {
      return wrong(name, "has dimensions that make no sense");
    }
  }
  if (offsets.at(0).get(tensor.begin) != simdjson::SUCCESS || offsets.at(1).get(tensor.end) != simdjson::SUCCESS ||
      tensor.end < tensor.begin) {
    return wrong(name, "has offsets that make no sense");
  }
  int64_t bits = 0;
  if (!multiplies(tensor.count, tensor.type->bits, bits) ||
      tensor.end - tensor.begin != static_cast<uint64_t>(bits) / 8 + (bits % 8 != 0 ? 1 : 0)) {
    return wrong(name, fmt::format("of {} × {} has {} bytes", tensor.count, type, tensor.end - tensor.begin));
  }
  return tensor;
}

// Packed formats keep several weights in one number: AWQ, GPTQ and compressed-tensors in 32 bits, mxfp4 in bytes.
int64_t weights_of(const Tensor& tensor) {
  const auto ends = [&](std::string_view suffix) { return tensor.name.ends_with(suffix); };
  if (tensor.type->bits == 32 && (ends(".qweight") || ends(".weight_packed")))
    return tensor.count <= INT64_MAX / 8 ? tensor.count * 8 : tensor.count;
  if (tensor.type->bits == 8 && ends("_blocks")) return tensor.count <= INT64_MAX / 2 ? tensor.count * 2 : tensor.count;
  for (const std::string_view helper : {".scales", "_scales", ".qzeros", ".g_idx", ".weight_scale", ".weight_scale_inv",
                                        ".weight_shape", ".input_scale", ".absmax", ".quant_map"}) {
    if (ends(helper)) return 0;
  }
  return tensor.count;
}

bool is_expert(std::string_view name) {
  return name.find(".experts.") != std::string_view::npos && name.find("shared_expert") == std::string_view::npos;
}

bool take(const Tensor& tensor, TensorTotals& totals) {
  const auto bytes = static_cast<int64_t>(tensor.end - tensor.begin);
  const auto weights = weights_of(tensor);
  if (!adds(totals.bytes, bytes, totals.bytes) || !adds(totals.parameters, weights, totals.parameters)) return false;
  ++totals.tensors;
  totals.bytes_by_type[std::string(tensor.type->name)] += bytes;
  if (is_expert(tensor.name)) totals.expert_parameters += weights;
  if (tensor.name.ends_with("embed_tokens.weight")) totals.table_bytes = bytes;
  if (tensor.name.ends_with("lm_head.weight")) totals.has_head = true;
  return true;
}

// The data must be covered without holes, and no byte may be two tensors'.
std::optional<std::string> gap_in(std::vector<Tensor>& tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  uint64_t due = 0;
  for (const auto& tensor : tensors) {
    if (tensor.begin != due)
      return fmt::format("tensor `{}` begins at {} of the data; {} is due", tensor.name, tensor.begin, due);
    due = tensor.end;
  }
  return std::nullopt;
}

HeaderResult<TensorTotals> parse_header(std::string_view text, uint64_t data_size) {
  json::Document document;
  if (const auto parsed = document.parse_copy(text); !parsed) {
    const auto fault = json::locate_fault(text);
    return invalid_header(length_size + fault.offset, "the header is no JSON: " + parsed.error().message);
  }
  json::Object object;
  if (document.root().get(object) != simdjson::SUCCESS)
    return invalid_header(length_size, "the header is no JSON object");
  std::vector<Tensor> tensors;
  TensorTotals totals;
  std::set<std::string_view> names;
  for (const auto& [name, value] : object) {
    if (name == "__metadata__") continue;
    const auto tensor = parse_tensor(name, value);
    if (!tensor) return invalid_header(length_size, tensor.error());
    if (!names.insert(name).second) return invalid_header(length_size, fmt::format("tensor `{}` comes twice", name));
    if (tensor->end > data_size) {
      return invalid_header(length_size + text.size() + data_size,
                            fmt::format("truncated: tensor `{}` ends at byte {} of the data, which has {}", name,
                                        tensor->end, data_size));
    }
    if (!take(*tensor, totals)) return invalid_header(length_size, "the tensors are larger together than any memory");
    tensors.push_back(*tensor);
  }
  if (const auto gap = gap_in(tensors)) return invalid_header(length_size, *gap);
  return totals;
}

}  // namespace

HeaderResult<TensorTotals> read_safetensors(std::span<const std::byte> bytes, uint64_t file_size) {
  file_size = std::max<uint64_t>(file_size, bytes.size());
  if (file_size < length_size)
    return invalid_header(file_size, "truncated: a safetensors file begins with eight bytes of length");
  const auto incomplete = [](uint64_t offset, uint64_t needed) {
    return tl::unexpected(HeaderError{
        .fault = HeaderFault::incomplete, .message = "more of the file is needed", .offset = offset, .needed = needed});
  };
  if (bytes.size() < length_size) return incomplete(0, length_size);
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);  // little-endian, as we are
  if (length < 2 || length > longest_safetensors_header) {
    return invalid_header(0, fmt::format("this is no safetensors file: it announces a header of {} bytes", length));
  }
  if (length > file_size - length_size) {
    return invalid_header(0, fmt::format("truncated: the header has {} bytes, and the file ends after {}", length,
                                         file_size - length_size));
  }
  if (length > bytes.size() - length_size) return incomplete(length_size, length_size + length);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + length_size,
                              static_cast<std::size_t>(length));
  if (text.front() != '{')
    return invalid_header(length_size, "this is no safetensors file: its header does not begin with `{`");
  return parse_header(text, file_size - length_size - length);
}

Result<std::vector<std::string>> parts_of_index(std::string_view text) {
  json::Document document;
  if (const auto parsed = document.parse_copy(text); !parsed) return failure(parsed.error());
  json::Object map;
  if (document.root()["weight_map"].get(map) != simdjson::SUCCESS) {
    return failure(ErrorCode::invalid_request, "the index has no `weight_map`");
  }
  std::set<std::string> parts;
  for (const auto& [name, value] : map) {
    std::string_view part;
    if (value.get(part) != simdjson::SUCCESS || part.empty() || part.find('/') != std::string_view::npos ||
        part.find('\\') != std::string_view::npos || part.find('\0') != std::string_view::npos || part == "..") {
      return failure(ErrorCode::invalid_request,
                     fmt::format("`weight_map.{}` is not the name of a file beside the index", name));
    }
    parts.emplace(part);
  }
  if (parts.empty()) return failure(ErrorCode::invalid_request, "the index names no files");
  return std::vector<std::string>(parts.begin(), parts.end());
}

}  // namespace weir::plan
