// Where a number stands that nothing names: among numbers, as in vectors, tables and paths of pictures; in a diff; as a
// part of a slug, a version or a hash. There a form alone says nothing: one in a hundred random numbers has it. Each
// function looks at a bounded piece of text. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "guards/number.h"

namespace weir::guards {

// Whether the groups [from, to] are one of many numbers of different forms. Lists of values of one form, as a column of
// phones or ids, are not.
// `beside`: how many groups beside one that is grouped by spaces make a row of numbers.
[[nodiscard]] bool among_numbers(std::string_view text, const Number& number, std::size_t from, std::size_t to,
                                 std::size_t beside = 3);

// Whether the run of digits [begin, end) is one of several of its length nearby, few of which are what `valid` says
// that it is: ids of rows, moments, order numbers, of which one in ten has a check digit that fits. Of a list of real
// ones nearly all are valid.
using ValidDigits = bool (*)(std::string_view digits);
[[nodiscard]] bool is_chance(std::string_view text, std::size_t begin, std::size_t end, ValidDigits valid);

// Whether a version of three parts, `1.2.3`, is one of the next words on either side; or in one of the next cells of a
// table.
enum class Beside : uint8_t { in_words, in_cells };
[[nodiscard]] bool beside_version(std::string_view text, std::size_t begin, std::size_t end, Beside beside);

// Whether the digits at `begin` are behind a decimal point: `.05`, `c.05`, but not `Tel.05`.
[[nodiscard]] bool is_fraction(std::string_view text, std::size_t begin);

// Whether [begin, end) is tied to what programs write: `fuzzer-5390364397928448`, `1e04d3d..0090211`, `~++20210831`.
[[nodiscard]] bool in_slug(std::string_view text, std::size_t begin, std::size_t end);

// Whether bytes in hexadecimal digits stand right beside it: `6f 02 19 67 56 12 e5`.
[[nodiscard]] bool in_hex_dump(std::string_view text, std::size_t begin, std::size_t end);

// Whether two capitals, as of a US state, stand before the number, perhaps in the line above: `Boston, MA 02110-1301`.
[[nodiscard]] bool after_state(std::string_view text, std::size_t begin);

}  // namespace weir::guards
