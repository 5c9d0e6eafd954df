// Hardware: the accelerators that can hold a model, with what decides about speed and cost. The data is
// catalog/gpus.tsv, dated and sourced line by line, embedded in the binary. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/usage.h"

namespace weir::plan {

// What a card can calculate with (formats.h) follows from its generation. In order of age within NVIDIA's.
enum class Architecture : uint8_t { volta, turing, ampere, ada, hopper, blackwell, cdna3, apple };

// How several of them reach each other: the slots of the board; a bridge over two cards; all of a board at once;
// or not at all, because each is a computer of its own.
enum class Link : uint8_t { pcie, bridge, nvlink, fabric, network };

struct Gpu {
  std::string_view id;            // `a100-80gb`, `rtx-4090`
  std::string_view title;         // `NVIDIA A100 SXM 80 GB`
  int64_t memory_bytes = 0;       // what a program can have: less ECC, or the GPU's part of unified memory
  double memory_bytes_per_s = 0;  // peak of the data sheet
  double flops_16bit = 0;         // dense tensor FLOP/s at fp16/bf16, of the data sheet
  double flops_8bit = 0;          // dense tensor OP/s at fp8/int8; 0 = no faster than 16 bit
  int64_t watts = 0;              // board power limit
  Architecture architecture = Architecture::ampere;
  Link link = Link::pcie;
  double link_bytes_per_s = 0;     // of one card, both directions together, as data sheets have it
  MicroDollars rent_per_hour = 0;  // on demand, typical; 0 = hardly rented
  MicroDollars spot_per_hour = 0;  // may be ended at short notice, or of hosts that guarantee nothing; 0 = not known
  MicroDollars price = 0;          // of buying one, typical; 0 = hardly sold alone
  std::string_view as_of;          // date of the rents; of the price where there are none
  std::string_view source;         // of the technical data
  std::string_view aliases;        // other ids, with blanks between them
  std::string_view prices_from;    // who asks these prices
  std::string_view note;           // "" or what to know about it
};

[[nodiscard]] std::span<const Gpu> gpus();
// By id, alias or title; letter case, blanks, `-`, `_` and the maker's name aside (`a100`, `RTX 4090`, `nvidia_l40s`).
// nullopt when it is none. `nearest_gpu` is for the error message then; "" when none is near.
[[nodiscard]] std::optional<Gpu> find_gpu(std::string_view id);
[[nodiscard]] std::string_view nearest_gpu(std::string_view id);
// `Turing`, `Apple silicon`.
[[nodiscard]] std::string_view title_of(Architecture architecture);
// `2 × l4 over PCIe`; one card is its id alone. No group of cards is shown without its link.
[[nodiscard]] std::string cards_text(const Gpu& gpu, int64_t cards);
// The same with titles: `2 × NVIDIA L4 24 GB over PCIe`.
[[nodiscard]] std::string cards_title(const Gpu& gpu, int64_t cards);
// What to know of the link between so many of them, a sentence; "" for one card.
[[nodiscard]] std::string link_note(const Gpu& gpu, int64_t cards);
// Bytes a second that one of so many cards can send at best.
[[nodiscard]] double send_rate(const Gpu& gpu, int64_t cards);
// find_gpu with the message ready: what is unknown, and what may have been meant.
[[nodiscard]] Result<Gpu> gpu_named(std::string_view id);

}  // namespace weir::plan
