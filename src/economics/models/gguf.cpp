#include "economics/models/gguf.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "economics/models/ggml_types.h"

namespace weir::plan {
namespace {

constexpr uint64_t longest_name = 65'535;
constexpr uint64_t most_kept_numbers = 4096;
constexpr int deepest_array = 3;
constexpr uint32_t most_dimensions = 4;
constexpr uint64_t largest_file = uint64_t{1} << 62;

enum class ValueType : uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64, count_ };

// Bytes of one value; of a string and an array the least it can have.
constexpr uint64_t least_size(ValueType type) {
  switch (type) {
    case ValueType::u8:
    case ValueType::i8:
    case ValueType::boolean:
      return 1;
    case ValueType::u16:
    case ValueType::i16:
      return 2;
    case ValueType::u32:
    case ValueType::i32:
    case ValueType::f32:
      return 4;
    case ValueType::array:
      return 12;
    default:
      return 8;
  }
}

// Reads forward; the first failure stays, and everything read after it is zero.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, uint64_t file_size)
      : bytes_(bytes), file_size_(std::max<uint64_t>(file_size, bytes.size())) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const HeaderError& error() const { return error_; }
  [[nodiscard]] uint64_t offset() const { return at_; }
  [[nodiscard]] uint64_t left_in_file() const { return file_size_ - at_; }

  void fail(uint64_t offset, std::string what) {
    if (failed_) return;
    failed_ = true;
    error_ = invalid_header(offset, std::move(what)).value();
  }

  template <typename T>
  T take() {
    std::array<std::byte, sizeof(T)> raw{};
    const auto view = take_bytes(sizeof(T));
    if (!failed_) std::memcpy(raw.data(), view.data(), sizeof(T));
    return std::bit_cast<T>(raw);  // GGUF is little-endian, and so are we
  }

  std::string_view take_bytes(uint64_t size) {
    if (failed_) return {};
    if (size > file_size_ - at_) {
      fail(at_, fmt::format("truncated: {} bytes are due, and the file ends after {}", size, file_size_ - at_));
      return {};
    }
    if (size > bytes_.size() - at_) {
      failed_ = true;
      error_ = {.fault = HeaderFault::incomplete,
                .message = "more of the file is needed",
                .offset = at_,
                .needed = at_ + size};
      return {};
    }
    const auto* const begin = reinterpret_cast<const char*>(bytes_.data()) + at_;
    at_ += size;
    return {begin, static_cast<std::size_t>(size)};
  }

  std::string_view take_string(std::string_view what, uint64_t longest) {
    const auto begin = at_;
    const auto length = take<uint64_t>();
    if (!failed_ && length > longest) fail(begin, fmt::format("a {} of {} bytes makes no sense", what, length));
    return take_bytes(length);
  }

 private:
  std::span<const std::byte> bytes_;
  uint64_t file_size_;
  uint64_t at_ = 0;
  bool failed_ = false;
  HeaderError error_;
};

int64_t clamped(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, std::numeric_limits<int64_t>::max()));
}

ValueType take_type(Cursor& cursor) {
  const auto begin = cursor.offset();
  const auto type = cursor.take<uint32_t>();
  if (type >= static_cast<uint32_t>(ValueType::count_))
    cursor.fail(begin, fmt::format("there is no value type {}", type));
  return cursor.failed() ? ValueType::u8 : static_cast<ValueType>(type);
}

GgufValue take_scalar(Cursor& cursor, ValueType type) {
  switch (type) {
    case ValueType::u8:
      return int64_t{cursor.take<uint8_t>()};
    case ValueType::i8:
      return int64_t{cursor.take<int8_t>()};
    case ValueType::u16:
      return int64_t{cursor.take<uint16_t>()};
    case ValueType::i16:
      return int64_t{cursor.take<int16_t>()};
    case ValueType::u32:
      return int64_t{cursor.take<uint32_t>()};
    case ValueType::i32:
      return int64_t{cursor.take<int32_t>()};
    case ValueType::f32:
      return double{cursor.take<float>()};
    case ValueType::boolean:
      return int64_t{cursor.take<uint8_t>() != 0 ? 1 : 0};
    case ValueType::u64:
      return clamped(cursor.take<uint64_t>());
    case ValueType::i64:
      return cursor.take<int64_t>();
    case ValueType::f64:
      return cursor.take<double>();
    default:
      return std::string(cursor.take_string("text", largest_file));
  }
}

GgufArray take_array(Cursor& cursor, int depth) {
  const auto begin = cursor.offset();
  const auto type = take_type(cursor);
  GgufArray array;
  array.length = cursor.take<uint64_t>();
  if (cursor.failed()) return array;
  if (array.length > cursor.left_in_file() / least_size(type)) {
    cursor.fail(begin,
                fmt::format("truncated or corrupt: an array of {} values cannot be in the {} bytes that are left",
                            array.length, cursor.left_in_file()));
    return array;
  }
  if (type == ValueType::array && depth >= deepest_array) {
    cursor.fail(begin, "arrays are nested too deep");
    return array;
  }
  if (type == ValueType::string) {
    for (uint64_t i = 0; i < array.length && !cursor.failed(); ++i) (void)cursor.take_string("text", largest_file);
  } else if (type == ValueType::array) {
    for (uint64_t i = 0; i < array.length && !cursor.failed(); ++i) (void)take_array(cursor, depth + 1);
  } else if (array.length > most_kept_numbers) {
    (void)cursor.take_bytes(array.length * least_size(type));
  } else {
    for (uint64_t i = 0; i < array.length && !cursor.failed(); ++i) {
      const auto value = take_scalar(cursor, type);
      if (const auto* number = std::get_if<int64_t>(&value)) array.numbers.push_back(*number);
    }
  }
  return array;
}

void take_metadata(Cursor& cursor, uint64_t count, GgufHeader& header) {
  for (uint64_t i = 0; i < count && !cursor.failed(); ++i) {
    const auto begin = cursor.offset();
    std::string key(cursor.take_string("key", longest_name));
    const auto type = take_type(cursor);
    GgufValue value;
    if (type == ValueType::array) {
      value = take_array(cursor, 0);
    } else {
      value = take_scalar(cursor, type);
    }
    if (cursor.failed()) return;
    if (!header.metadata.emplace(key, std::move(value)).second)
      cursor.fail(begin, fmt::format("the key `{}` comes twice", key));
  }
}

bool is_expert(std::string_view name) { return name.find("_exps.") != std::string_view::npos; }

// One line of the tensor table; its bytes. `expected`: where its data must begin.
int64_t take_tensor(Cursor& cursor, TensorTotals& totals, int64_t expected) {
  const auto begin = cursor.offset();
  const auto name = cursor.take_string("tensor name", longest_name);
  const auto dimensions = cursor.take<uint32_t>();
  if (!cursor.failed() && dimensions > most_dimensions) {
    cursor.fail(begin,
                fmt::format("tensor `{}` has {} dimensions; {} are possible", name, dimensions, most_dimensions));
  }
  int64_t count = 1;
  int64_t width = 1;
  for (uint32_t i = 0; i < dimensions && !cursor.failed(); ++i) {
    const auto size = cursor.take<uint64_t>();
    if (cursor.failed()) return 0;
    if (size == 0 || size > largest_file || !multiplies(count, static_cast<int64_t>(size), count)) {
      cursor.fail(begin, fmt::format("the dimensions of tensor `{}` make no sense", name));
    }
    if (i == 0) width = static_cast<int64_t>(size);
  }
  const auto type_id = cursor.take<uint32_t>();
  const auto offset = cursor.take<uint64_t>();
  if (cursor.failed()) return 0;
  const auto* const type = ggml_type(type_id);
  if (type == nullptr) {
    cursor.fail(begin, fmt::format("tensor `{}` has the unknown type {}", name, type_id));
    return 0;
  }
  int64_t bytes = 0;
  if (width % type->block != 0 || !multiplies(count / type->block, type->bytes, bytes)) {
    cursor.fail(begin, fmt::format("tensor `{}` cannot be of type {}: its rows are {} long", name, type->name, width));
    return 0;
  }
  if (offset != static_cast<uint64_t>(expected)) {
    cursor.fail(begin, fmt::format("tensor `{}` begins at {} of the data; {} is due", name, offset, expected));
    return 0;
  }
  if (!adds(totals.parameters, count, totals.parameters) || !adds(totals.bytes, bytes, totals.bytes)) {
    cursor.fail(begin, "the tensors are larger together than any memory");
    return 0;
  }
  ++totals.tensors;
  totals.bytes_by_type[std::string(type->name)] += bytes;
  if (is_expert(name)) totals.expert_parameters += count;
  if (name == "token_embd.weight") totals.table_bytes = bytes;
  if (name == "output.weight") totals.has_head = true;
  return bytes;
}

// Whole steps of `alignment`; -1 when it would not fit.
int64_t padded(int64_t size, int64_t alignment) {
  int64_t sum = 0;
  return adds(size, alignment - 1, sum) ? sum / alignment * alignment : -1;
}

void take_tensors(Cursor& cursor, uint64_t count, GgufHeader& header) {
  const auto alignment = header.number("general.alignment", 32);
  if (alignment < 1 || alignment > (int64_t{1} << 30) || (alignment & (alignment - 1)) != 0) {
    cursor.fail(cursor.offset(), fmt::format("`general.alignment` is {}: a power of two is due", alignment));
    return;
  }
  int64_t data = 0;
  int64_t end = 0;  // of the last tensor, which need not be padded
  for (uint64_t i = 0; i < count && !cursor.failed(); ++i) {
    const auto begin = cursor.offset();
    const auto bytes = take_tensor(cursor, header.totals, data);
    if (cursor.failed()) return;
    if (!adds(data, bytes, end)) end = std::numeric_limits<int64_t>::max() / 2;
    const auto size = padded(bytes, alignment);
    if (size < 0 || !adds(data, size, data)) cursor.fail(begin, "the tensors are larger together than any file");
  }
  if (cursor.failed()) return;
  const auto begin = padded(static_cast<int64_t>(cursor.offset()), alignment);
  header.data_offset = static_cast<uint64_t>(begin);
  const auto due = static_cast<uint64_t>(begin) + static_cast<uint64_t>(end);
  const auto size = cursor.offset() + cursor.left_in_file();
  if (due > size) {
    cursor.fail(size, fmt::format("truncated: the tensors end at byte {}, and the file has {}", due, size));
  }
}

}  // namespace

std::string_view GgufHeader::text(std::string_view key) const {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  const auto* const value = std::get_if<std::string>(&found->second);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

int64_t GgufHeader::number(std::string_view key, int64_t otherwise) const {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return otherwise;
  if (const auto* whole = std::get_if<int64_t>(&found->second)) return *whole;
  return otherwise;
}

HeaderResult<GgufHeader> read_gguf(std::span<const std::byte> bytes, uint64_t file_size) {
  if (file_size > largest_file) return invalid_header(0, "no file is that large");
  Cursor cursor(bytes, file_size);
  GgufHeader header;
  if (const auto magic = cursor.take_bytes(gguf_magic.size()); !cursor.failed() && magic != gguf_magic) {
    return invalid_header(0, "this is no GGUF file: it does not begin with `GGUF`");
  }
  header.version = cursor.take<uint32_t>();
  if (!cursor.failed() && header.version != 2 && header.version != 3) {
    const bool swapped = header.version == 0x02000000 || header.version == 0x03000000;
    return invalid_header(gguf_magic.size(),
                          swapped ? std::string("this GGUF file is for big-endian machines")
                                  : fmt::format("GGUF version {} is not known, only 2 and 3", header.version));
  }
  const auto begin = cursor.offset();
  const auto tensors = cursor.take<uint64_t>();
  const auto pairs = cursor.take<uint64_t>();
  if (cursor.failed()) return tl::unexpected(cursor.error());
  constexpr uint64_t least_tensor = 8 + 4 + 4 + 8;
  constexpr uint64_t least_pair = 8 + 4 + 1;
  if (tensors > cursor.left_in_file() / least_tensor || pairs > cursor.left_in_file() / least_pair) {
    return invalid_header(
        begin,
        fmt::format("truncated or corrupt: {} tensors and {} metadata entries cannot be in the {} bytes that are left",
                    tensors, pairs, cursor.left_in_file()));
  }
  take_metadata(cursor, pairs, header);
  if (!cursor.failed()) take_tensors(cursor, tensors, header);
  if (cursor.failed()) return tl::unexpected(cursor.error());
  return header;
}

}  // namespace weir::plan
