// Buffer: bytes that came from a socket and were not used yet. Memory is taken when first written to, kept, and never
// zeroed. Views are valid until the next `room`. One thread.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace weir::net {

class Buffer {
 public:
  [[nodiscard]] std::string_view unused() const { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }

  // At least `size` bytes to read into, behind what is held; `commit` says how many were.
  [[nodiscard]] std::span<char> room(std::size_t size) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < size) grow(size);
    return {data_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t bytes) { end_ += bytes; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  void clear() { begin_ = end_ = 0; }

 private:
  void grow(std::size_t size) {
    const auto held = end_ - begin_;
    if (capacity_ < held + size) {
      const auto capacity = std::max(held + size, capacity_ * 2);
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (held > 0) std::memcpy(larger.get(), data_.get() + begin_, held);
      data_ = std::move(larger);
      capacity_ = capacity;
    } else {
      std::memmove(data_.get(), data_.get() + begin_, held);
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weir::net
