#include "economics/models/gguf.h"

#include <gtest/gtest.h>

#include <bit>

#include "economics/models/quantisation.h"
#include "economics/sizing/sizing.h"

namespace weir::plan {
namespace {

// Writes GGUF as the format says, field by field, so that each can be wrong.
class File {
 public:
  explicit File(uint64_t tensors, uint64_t pairs, uint32_t version = 3) {
    text_ = "GGUF";
    put(version);
    put(tensors);
    put(pairs);
  }
  template <typename T>
  File& put(T value) {
    const auto raw = std::bit_cast<std::array<char, sizeof(T)>>(value);
    text_.append(raw.data(), raw.size());
    return *this;
  }
  File& string(std::string_view value) {
    put(uint64_t{value.size()});
    text_ += value;
    return *this;
  }
  File& pair(std::string_view key, std::string_view value) { return string(key).put(uint32_t{8}).string(value); }
  File& pair(std::string_view key, uint32_t value) { return string(key).put(uint32_t{4}).put(value); }
  File& array(std::string_view key, uint32_t type, uint64_t count) {
    return string(key).put(uint32_t{9}).put(type).put(count);
  }
  File& tensor(std::string_view name, std::vector<uint64_t> dimensions, uint32_t type, uint64_t offset) {
    string(name).put(static_cast<uint32_t>(dimensions.size()));
    for (const auto size : dimensions) put(size);
    return put(type).put(offset);
  }
  File& data(std::size_t bytes) {
    text_.append((32 - text_.size() % 32) % 32 + bytes, '\0');
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

 private:
  std::string text_;
};

HeaderResult<GgufHeader> read(std::string_view text, uint64_t file_size = 0) {
  return read_gguf(std::as_bytes(std::span(text.data(), text.size())), file_size == 0 ? text.size() : file_size);
}

// A small model as llama.cpp writes one: 2 layers, 8 heads of 32, 4 of them for keys and values.
File small_model(uint32_t version = 3) {
  File file(4, 10, version);
  file.pair("general.architecture", "llama").pair("general.name", "small").pair("general.file_type", uint32_t{15});
  file.pair("llama.block_count", uint32_t{2}).pair("llama.embedding_length", uint32_t{256});
  file.pair("llama.attention.head_count", uint32_t{8}).pair("llama.attention.head_count_kv", uint32_t{4});
  file.pair("llama.context_length", uint32_t{2048}).pair("general.alignment", uint32_t{32});
  file.array("tokenizer.ggml.tokens", 8, 3).string("a").string("bc").string("");
  file.tensor("token_embd.weight", {256, 3}, 12, 0);        // Q4_K: 3 × 144 = 432 bytes, 448 padded
  file.tensor("blk.0.attn_q.weight", {256, 256}, 14, 448);  // Q6_K: 256 × 210 = 53,760
  file.tensor("blk.0.attn_norm.weight", {256}, 0, 54'208);  // F32: 1,024
  file.tensor("output.weight", {256, 3}, 1, 55'232);        // F16: 1,536
  return file.data(55'232 + 1536);
}

TEST(gguf, a_small_model_by_hand) {
  for (const uint32_t version : {2U, 3U}) {
    const auto header = read(small_model(version).text());
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->version, version);
    EXPECT_EQ(header->totals.tensors, 4);
    EXPECT_EQ(header->totals.parameters, 768 + 65'536 + 256 + 768);
    EXPECT_EQ(header->totals.bytes, 432 + 53'760 + 1024 + 1536);
    const auto shape = shape_of(*header, header->totals);
    ASSERT_TRUE(shape) << shape.error().message;
    EXPECT_EQ(shape->name, "small");
    EXPECT_EQ(shape->quantisation, "q4_k_m");
    EXPECT_EQ(shape->layers, 2);
    EXPECT_EQ(shape->heads, 8);
    EXPECT_EQ(shape->kv_heads, 4);
    EXPECT_EQ(shape->head_dim, 32);
    EXPECT_EQ(shape->vocabulary, 3);
    EXPECT_EQ(shape->context, 2048);
    EXPECT_EQ(shape->embeddings, Embeddings::untied);
    EXPECT_EQ(shape->weight_bytes, header->totals.bytes);
    EXPECT_EQ(shape->table_bytes, 432);
    EXPECT_DOUBLE_EQ(kv_cache_bytes(*shape, 100, 2), 2.0 * 2 * 4 * 32 * 2 * 100);
  }
}

// However much of the file is there: never wrong, never a crash, and what it asks for leads on.
TEST(gguf, a_part_of_a_file_asks_for_more_until_it_is_enough) {
  const auto file = small_model().text();
  std::size_t have = 0;
  int rounds = 0;
  for (;; ++rounds) {
    const auto header = read(std::string_view(file).substr(0, have), file.size());
    if (header) break;
    ASSERT_EQ(header.error().fault, HeaderFault::incomplete) << header.error().message;
    ASSERT_GT(header.error().needed, have);
    ASSERT_LE(header.error().needed, file.size());
    have = header.error().needed;
  }
  EXPECT_GT(rounds, 10);
  EXPECT_LT(have, 1000U) << "tensor data is not needed";
}

TEST(gguf, a_truncated_file_is_told_with_the_place) {
  const auto file = small_model().text();
  for (std::size_t size = 0; size < file.size(); size += size < 1200 ? 1 : 997) {
    const auto header = read(std::string_view(file).substr(0, size));
    ASSERT_FALSE(header) << size;
    EXPECT_EQ(header.error().fault, HeaderFault::invalid) << size;
    EXPECT_NE(header.error().message.find("truncated"), std::string::npos) << size << ": " << header.error().message;
    EXPECT_NE(header.error().message.find("at byte "), std::string::npos);
    EXPECT_LE(header.error().offset, size);
  }
}

TEST(gguf, hostile_headers_are_refused_with_the_place) {
  const auto with = [](auto&& fill) {
    File file(1, 1);
    fill(file);
    return file.data(64).text();
  };
  const std::pair<std::string, std::string_view> rows[] = {
      {"MZ\x90 not a model at all, but long enough to look at", "does not begin with `GGUF`"},
      {File(0, 0, 1).text(), "version 1 is not known"},
      {File(0, 0, 0x03000000).text(), "big-endian"},
      {File(uint64_t{1} << 60, 0).text(), "cannot be in the 0 bytes"},
      {File(0, UINT64_MAX).text(), "cannot be in the 0 bytes"},
      {with([](File& f) { f.put(UINT64_MAX); }), "makes no sense"},
      {with([](File& f) { f.string("k").put(uint32_t{99}); }), "no value type 99"},
      {with([](File& f) { f.string("k").put(uint32_t{8}).put(uint64_t{1} << 50); }), "truncated"},
      {with([](File& f) { f.array("k", 4, uint64_t{1} << 62); }), "an array of"},
      {with([](File& f) { f.array("k", 8, UINT64_MAX); }), "an array of"},
      {with([](File& f) {
         f.array("k", 9, 1);
         for (int i = 0; i < 50; ++i) f.put(uint32_t{9}).put(uint64_t{1});
       }),
       "nested too deep"},
      {with([](File& f) {
         f.pair("k", uint32_t{1}).tensor("t", {1, 1, 1, 1, 1}, 0, 0);
       }),
       "5 dimensions"},
      {with([](File& f) { f.pair("k", uint32_t{1}).tensor("t", {0}, 0, 0); }), "make no sense"},
      {with([](File& f) { f.pair("k", uint32_t{1}).tensor("t", {UINT64_MAX}, 0, 0); }), "make no sense"},
      {with([](File& f) {
         f.pair("k", uint32_t{1}).tensor("t", {uint64_t{1} << 40, uint64_t{1} << 40}, 0, 0);
       }),
       "make no sense"},
      {with([](File& f) { f.pair("k", uint32_t{1}).tensor("t", {uint64_t{1} << 61}, 28, 0); }), "rows are"},
      {with([](File& f) { f.pair("k", uint32_t{1}).tensor("t", {4}, 4, 0); }), "unknown type 4"},
      {with([](File& f) { f.pair("k", uint32_t{1}).tensor("t", {100}, 12, 0); }), "cannot be of type Q4_K"},
      {with([](File& f) { f.pair("k", uint32_t{1}).tensor("t", {4}, 0, 32); }), "begins at 32 of the data; 0 is due"},
      {with([](File& f) { f.pair("k", uint32_t{1}).tensor("t", {uint64_t{1} << 40}, 0, 0); }),
       "truncated: the tensors end"},
      {with([](File& f) { f.pair("general.alignment", uint32_t{0}).tensor("t", {4}, 0, 0); }), "a power of two is due"},
      {with([](File& f) { f.pair("general.alignment", uint32_t{33}).tensor("t", {4}, 0, 0); }),
       "a power of two is due"},
  };
  for (const auto& [text, part] : rows) {
    const auto header = read(text);
    ASSERT_FALSE(header) << part;
    EXPECT_EQ(header.error().fault, HeaderFault::invalid) << part;
    EXPECT_NE(header.error().message.find(part), std::string::npos) << header.error().message;
    EXPECT_NE(header.error().message.find("at byte "), std::string::npos) << header.error().message;
  }
  File twice(0, 2);
  twice.pair("k", uint32_t{1}).pair("k", uint32_t{2});
  EXPECT_NE(read(twice.text()).error().message.find("`k` comes twice"), std::string::npos);
}

TEST(gguf, every_byte_changed_gives_an_error_or_a_sane_header) {
  const auto file = small_model().text();
  for (std::size_t at = 0; at < 900; ++at) {
    for (const char with : {'\x00', '\x01', '\x7f', '\x80', '\xff'}) {
      auto changed = file;
      changed[at] = with;
      const auto header = read(changed);
      if (!header) {
        EXPECT_FALSE(header.error().message.empty());
        continue;
      }
      const auto shape = shape_of(*header, header->totals);
      EXPECT_TRUE(!shape || !fault_of(*shape));
    }
  }
}

TEST(gguf, heads_of_each_layer_experts_windows_and_latents) {
  File file(3, 15);
  file.pair("general.architecture", "mix")
      .pair("mix.block_count", uint32_t{4})
      .pair("mix.embedding_length", uint32_t{64});
  file.array("mix.attention.head_count", 4, 4).put(uint32_t{8}).put(uint32_t{8}).put(uint32_t{4}).put(uint32_t{8});
  file.array("mix.attention.head_count_kv", 5, 4).put(int32_t{2}).put(int32_t{0}).put(int32_t{4}).put(int32_t{2});
  file.pair("mix.attention.key_length", uint32_t{48}).pair("mix.attention.value_length", uint32_t{32});
  file.pair("mix.expert_count", uint32_t{8}).pair("mix.expert_used_count", uint32_t{2});
  file.pair("mix.attention.sliding_window", uint32_t{100});
  file.array("mix.attention.sliding_window_pattern", 7, 4)
      .put(uint8_t{1})
      .put(uint8_t{0})
      .put(uint8_t{1})
      .put(uint8_t{1});
  file.pair("mix.attention.kv_lora_rank", uint32_t{512}).pair("mix.rope.dimension_count", uint32_t{64});
  file.pair("mix.vocab_size", uint32_t{10}).pair("mix.context_length", uint32_t{1000});
  file.tensor("token_embd.weight", {64, 10}, 0, 0);               // 2,560 bytes
  file.tensor("blk.0.ffn_up_exps.weight", {64, 10, 8}, 0, 2560);  // 5,120 numbers
  file.tensor("blk.0.ffn_norm.weight", {64}, 0, 2560 + 20'480);
  file.data(2560 + 20'480 + 256);
  const auto header = read(file.text());
  ASSERT_TRUE(header) << header.error().message;
  const auto shape = shape_of(*header, header->totals);
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->heads, 8);
  EXPECT_EQ(shape->kv_heads, 4);
  EXPECT_EQ(shape->kv_heads_total, 8);
  EXPECT_EQ(shape->head_dim, 40);
  EXPECT_EQ(shape->active_parameters, 640 + 5120 / 4 + 64);
  EXPECT_EQ(shape->window, 100);
  EXPECT_EQ(shape->windowed_layers, 3);
  EXPECT_EQ(shape->latent, 576);
  EXPECT_EQ(shape->vocabulary, 10);
  EXPECT_EQ(shape->embeddings, Embeddings::tied);
  EXPECT_EQ(shape->table_bytes, 0);
}

TEST(gguf, a_header_without_a_model_says_what_it_lacks) {
  const auto message = [](File file) {
    const auto header = read(file.data(0).text());
    EXPECT_TRUE(header);
    const auto shape = shape_of(*header, header->totals);
    return shape ? std::string() : shape.error().message;
  };
  EXPECT_NE(message(File(0, 0)).find("general.architecture"), std::string::npos);
  EXPECT_NE(message(File(0, 1).pair("general.architecture", "llama")).find("no tensors"), std::string::npos);
  File file(1, 1);
  file.pair("general.architecture", "clip").tensor("t", {4}, 0, 0);
  EXPECT_NE(message(file.data(16)).find("clip.block_count"), std::string::npos);
}

}  // namespace
}  // namespace weir::plan
