#include "guards/parts.h"

#include <algorithm>

#include "guards/disguise.h"
#include "guards/registry.h"
#include "guards/tables.h"

namespace weir::guards {
namespace {

constexpr std::string_view escape_marks = "\\%&";

// Where a text would stand among the usual ones.
std::size_t usual_slot(std::string_view text) {
  if (text.empty()) return 0;
  return (text.size() * 7 + static_cast<unsigned char>(text.front()) * 5 + static_cast<unsigned char>(text.back())) %
         256;
}

}  // namespace

Parts::Parts(const GuardSettings& settings) : exceptions(settings.exceptions, settings.least_confidence) {
  for (auto& guard : make_guards(settings)) {
    const GuardInfo info = guard->info();
    if (std::find(settings.off.begin(), settings.off.end(), info.name) != settings.off.end()) continue;
    if (info.triggers.stretches && !settings.identity) continue;  // nobody asks
    entries.push_back({.guard = std::move(guard), .info = info});
  }
  by_byte.fill(no_trigger);
  for (std::size_t i = 0; i < entries.size(); ++i) add_triggers(i);
  if (!entries.empty()) add_headers();
  for (const char byte : escape_marks) special.add(static_cast<uint8_t>(byte));
  for (const char lead : disguise_leads) special.add(static_cast<uint8_t>(lead));  // `@` of other widths too
  literals.build();
  scan_block = best_block_scan();
}

void Parts::add_triggers(std::size_t index) {
  const GuardInfo& info = entries[index].info;
  const uint64_t bit = uint64_t{1} << index;
  possible |= info.classes;
  byte_fits[index] = info.triggers.byte_fits;
  number_fits[index] = info.triggers.number_fits;
  for (const char byte : info.triggers.bytes) {
    special.add(static_cast<uint8_t>(byte));
    uint8_t& table = by_byte[static_cast<unsigned char>(byte)];
    if (table == no_trigger) {
      table = static_cast<uint8_t>(by_followers.size());
      by_followers.emplace_back();
    }
    if (info.triggers.followers.empty()) {
      for (uint64_t& guards : by_followers[table]) guards |= bit;
    }
    for (const char next : info.triggers.followers) by_followers[table][static_cast<unsigned char>(next)] |= bit;
  }
  for (std::size_t word = 0; word < info.triggers.words.size(); ++word) {
    literals.add(info.triggers.words[word], static_cast<uint32_t>(index), static_cast<uint32_t>(word));
  }
  if (info.triggers.stretches) by_stretch.push_back(index);
  if (info.triggers.run > 0) by_run.push_back(index);
  if (info.triggers.within != nullptr) within.add(*info.triggers.within);
  if (info.triggers.digits == 0) return;
  for (std::size_t digits = info.triggers.digits; digits < by_digits.size(); ++digits) by_digits[digits] |= bit;
}

void Parts::add_headers() {
  std::vector<std::string_view> words(header_words().begin(), header_words().end());
  for (const Entry& entry : entries) words.insert(words.end(), entry.info.names.begin(), entry.info.names.end());
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const std::string_view word : words) literals.add(word, static_cast<uint32_t>(entries.size()), 0);
}

bool Parts::known_clean(std::string_view text) const {
  std::size_t slot = usual_slot(text);
  while (!clean_[slot].empty() && clean_[slot] != text) slot = (slot + 1) % clean_.size();
  return clean_[slot] == text;
}

void Parts::know_clean(std::string_view text) {
  std::size_t slot = usual_slot(text);
  while (!clean_[slot].empty()) slot = (slot + 1) % clean_.size();
  clean_[slot] = text;
}

}  // namespace weir::guards
