#include "cli/weight_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "economics/models/gguf.h"
#include "economics/models/safetensors.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t first_read = uint64_t{64} * 1024;
constexpr uint64_t longest_header = uint64_t{1} * 1024 * 1024 * 1024;
constexpr uint64_t longest_json = uint64_t{64} * 1024 * 1024;

tl::unexpected<Error> unreadable(const fs::path& path, std::string_view why) {
  return failure(ErrorCode::invalid_request, fmt::format("{}: {}", path.string(), why));
}

Result<uint64_t> size_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    return unreadable(path, error || !fs::exists(path) ? "there is no such file" : "it is no file");
  const auto size = fs::file_size(path, error);
  if (error) return unreadable(path, error.message());
  return size;
}

// Reads as much of the file as `parse` asks for.
template <typename T, typename Parse>
Result<T> read_header(const fs::path& path, Parse parse) {
  const auto size = size_of(path);
  if (!size) return failure(size.error());
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(path, "it cannot be opened: is it readable for you?");
  std::vector<char> bytes;
  uint64_t wanted = std::min(first_read, *size);
  for (;;) {
    const auto have = bytes.size();
    bytes.resize(static_cast<std::size_t>(wanted));
    file.read(bytes.data() + have, static_cast<std::streamsize>(wanted - have));
    if (static_cast<uint64_t>(file.gcount()) != wanted - have)
      return unreadable(path, "it became shorter while it was read");
    plan::HeaderResult<T> header = parse(std::as_bytes(std::span(bytes)), *size);
    if (header) return std::move(*header);
    if (header.error().fault == plan::HeaderFault::invalid) return unreadable(path, header.error().message);
    if (header.error().needed > longest_header) return unreadable(path, "its header is longer than 1 GiB");
    wanted = std::min(std::max(header.error().needed, 2 * wanted), *size);
  }
}

Result<std::string> read_text(const fs::path& path) {
  const auto size = size_of(path);
  if (!size) return failure(size.error());
  if (*size > longest_json) return unreadable(path, "it is longer than 64 MiB");
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(*size), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (static_cast<uint64_t>(file.gcount()) != *size) return unreadable(path, "it cannot be read");
  return text;
}

// `model-00001-of-00003.gguf` → the names of all three; only itself where it is no part.
std::vector<fs::path> parts_of_gguf(const fs::path& path, int64_t count) {
  const auto name = path.filename().string();
  const auto of = name.rfind("-of-");
  constexpr std::size_t digits = 5;
  constexpr int64_t most = 10'000;
  if (count < 2 || count > most || of == std::string::npos || of < digits) return {path};
  std::vector<fs::path> parts;
  for (int64_t i = 1; i <= count; ++i) {
    parts.push_back(path.parent_path() / fmt::format("{}{:05}{}", name.substr(0, of - digits), i, name.substr(of)));
  }
  return parts;
}

Result<plan::ModelShape> shape_of_gguf(const fs::path& path) {
  const auto first = read_header<plan::GgufHeader>(path, plan::read_gguf);
  if (!first) return failure(first.error());
  auto parts = parts_of_gguf(path, first->number("split.count", 1));
  plan::TensorTotals totals;
  const plan::GgufHeader* main = &*first;
  Result<plan::GgufHeader> leading = plan::GgufHeader{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto header = read_header<plan::GgufHeader>(parts[i], plan::read_gguf);
    if (!header) return failure(header.error());
    totals.add(header->totals);
    if (i == 0) {
      leading = std::move(header);
      main = &*leading;
    }
  }
  auto shape = plan::shape_of(*main, totals);
  if (!shape) return unreadable(path, shape.error().message);
  return shape;
}

Result<plan::ModelShape> shape_of_safetensors(const std::vector<fs::path>& parts) {
  plan::TensorTotals totals;
  for (const auto& part : parts) {
    const auto read = read_header<plan::TensorTotals>(part, plan::read_safetensors);
    if (!read) return failure(read.error());
    totals.add(*read);
  }
  const auto config = parts.front().parent_path() / "config.json";
  std::error_code error;
  if (!fs::exists(config, error)) {
    return unreadable(
        parts.front(),
        fmt::format("{} parameters, {} bytes of weights; its shape is not in it: put the model's config.json beside it",
                    totals.parameters, totals.bytes));
  }
  const auto text = read_text(config);
  if (!text) return failure(text.error());
  auto shape = plan::shape_of_config(*text, totals);
  if (!shape) return unreadable(config, shape.error().message);
  // What the config calls the model is the kind; people know it by its folder.
  auto folder = fs::absolute(parts.front(), error).parent_path().filename().string();
  if (!folder.empty()) shape->name = shape->title = std::move(folder);
  return shape;
}

Result<std::vector<fs::path>> parts_of_index_file(const fs::path& index) {
  const auto text = read_text(index);
  if (!text) return failure(text.error());
  const auto names = plan::parts_of_index(*text);
  if (!names) return unreadable(index, names.error().message);
  std::vector<fs::path> parts;
  for (const auto& name : *names) parts.push_back(index.parent_path() / name);
  return parts;
}

Result<plan::ModelShape> shape_of_folder(const fs::path& folder) {
  if (const auto index = folder / "model.safetensors.index.json"; fs::exists(index)) {
    const auto parts = parts_of_index_file(index);
    return parts ? shape_of_safetensors(*parts) : Result<plan::ModelShape>(failure(parts.error()));
  }
  std::vector<fs::path> tensors;
  std::vector<fs::path> ggufs;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto kind = entry.path().extension();
    if (kind == ".safetensors") tensors.push_back(entry.path());
    if (kind == ".gguf") ggufs.push_back(entry.path());
  }
  if (error) return unreadable(folder, error.message());
  std::sort(tensors.begin(), tensors.end());
  std::sort(ggufs.begin(), ggufs.end());
  if (!tensors.empty()) return shape_of_safetensors(tensors);
  if (ggufs.empty()) return unreadable(folder, "the folder has neither .safetensors nor .gguf files");
  const bool split = ggufs.front().filename().string().find("-00001-of-") != std::string::npos;
  if (ggufs.size() > 1 && !split)
    return unreadable(folder, fmt::format("the folder has {} GGUF files: name one of them", ggufs.size()));
  return shape_of_gguf(ggufs.front());
}

}  // namespace

bool names_weight_file(const std::string& name) {
  std::error_code error;
  const fs::path path(name);
  if (path.extension() == ".gguf" || path.extension() == ".safetensors" || name.ends_with(".index.json")) return true;
  return name.find('/') != std::string::npos ? fs::exists(path, error)
                                             : fs::is_directory(path, error) || fs::is_regular_file(path, error);
}

Result<plan::ModelShape> shape_of_files(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return shape_of_folder(path);
  if (path.ends_with(".index.json")) {
    const auto parts = parts_of_index_file(path);
    return parts ? shape_of_safetensors(*parts) : Result<plan::ModelShape>(failure(parts.error()));
  }
  if (fs::path(path).extension() == ".safetensors") return shape_of_safetensors({fs::path(path)});
  return shape_of_gguf(path);
}

}  // namespace weir
