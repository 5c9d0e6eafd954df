#include "guards/scan.h"

#include "guards/characters.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace weir::guards {
namespace {

#if defined(__x86_64__)
struct Half {
  uint32_t alnum;
  uint32_t digits;
  uint32_t leads;
  uint32_t special;
};

__attribute__((target("avx2"))) inline __m256i repeated(const std::array<uint8_t, 16>& table) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table.data())));
}

// Bytes in [low, low + span]: an unsigned comparison by way of the minimum.
__attribute__((target("avx2"))) inline __m256i within(__m256i bytes, char low, char span) {
  const __m256i shifted = _mm256_sub_epi8(bytes, _mm256_set1_epi8(low));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(shifted, _mm256_set1_epi8(span)), shifted);
}

__attribute__((target("avx2"))) inline uint32_t mask_of(__m256i bytes) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
}

__attribute__((target("avx2"))) inline Half scan_half(__m256i bytes, __m256i ascii, __m256i other) {
  const __m256i digits = within(bytes, '0', 9);
  const __m256i letters = within(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), 'a', 25);
  const __m256i leads = _mm256_and_si256(bytes, _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(-65)));  // sign bit counts

  const __m256i bit_of_row = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128,  //
                                              1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  // A shuffle gives 0 where the index byte has its top bit set: each table sees only its own bytes.
  const __m256i rows = _mm256_or_si256(_mm256_shuffle_epi8(ascii, bytes),
                                       _mm256_shuffle_epi8(other, _mm256_xor_si256(bytes, _mm256_set1_epi8(-128))));
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
  const __m256i hit = _mm256_and_si256(rows, _mm256_shuffle_epi8(bit_of_row, high));
  return {.alnum = mask_of(_mm256_or_si256(digits, letters)),
          .digits = mask_of(digits),
          .leads = mask_of(leads),
          .special = ~mask_of(_mm256_cmpeq_epi8(hit, _mm256_setzero_si256()))};
}

__attribute__((target("avx2"))) Masks scan_block_avx2(const char* block, const ByteSet& set) {
  const __m256i ascii = repeated(set.ascii);
  const __m256i other = repeated(set.other);
  const auto* bytes = reinterpret_cast<const __m256i*>(block);
  const Half low = scan_half(_mm256_loadu_si256(bytes), ascii, other);
  const Half high = scan_half(_mm256_loadu_si256(bytes + 1), ascii, other);
  const auto join = [](uint32_t lower, uint32_t upper) { return lower | (static_cast<uint64_t>(upper) << 32U); };
  return {.alnum = join(low.alnum, high.alnum),
          .digits = join(low.digits, high.digits),
          .leads = join(low.leads, high.leads),
          .special = join(low.special, high.special)};
}
#endif

}  // namespace

Masks scan_block_portable(const char* block, const ByteSet& set) {
  Masks masks;
  for (uint64_t i = 0; i < 64; ++i) {
    const char c = block[i];
    const auto byte = static_cast<uint8_t>(c);
    masks.alnum |= static_cast<uint64_t>(is_alnum(c)) << i;
    masks.digits |= static_cast<uint64_t>(is_digit(c)) << i;
    masks.leads |= static_cast<uint64_t>(byte >= 0xC0) << i;
    masks.special |= static_cast<uint64_t>(set.has(byte)) << i;
  }
  return masks;
}

BlockScan best_block_scan() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return &scan_block_avx2;
#endif
  return &scan_block_portable;
}

}  // namespace weir::guards
