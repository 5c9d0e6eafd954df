// Editions of the price catalog: the one in the binary, and a newer one in the data folder (`weir catalog update`). An
// older file never takes the place of a newer edition, and a file that is damaged or absurd takes no place at all.
// Blocking; start-up, reload and commands. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "ledger/pricing.h"

namespace weir {

struct CatalogEdition {
  std::shared_ptr<const std::string> text;  // null: that of the binary
  std::string date;                         // of the newest of its data
  std::string source;                       // as the data say it
  std::string file;                         // "" = in the binary
  std::size_t providers = 0;
  std::size_t models = 0;
  std::string trouble;  // why the file in the data folder is not in use; "" where it is, or where there is none

  [[nodiscard]] Catalog catalog(std::string today) const;
};

inline constexpr std::string_view catalog_file_name = "prices.tsv";

[[nodiscard]] CatalogEdition embedded_edition();
// The newer of the binary's edition and the one in `data_folder`.
[[nodiscard]] CatalogEdition current_edition(const std::string& data_folder, std::string_view today);
// Whether a text is a catalog that can be used, by its form and its date. invalid_request says what is wrong, with its
// line.
[[nodiscard]] Result<CatalogEdition> check_edition(std::string text, std::string_view today);
// Prices change, but not most of them by a factor of twenty: then the unit is another one. Takes a second.
[[nodiscard]] Status near_to_known(const CatalogEdition& edition, std::string_view today);

// Between two days (`2026-11-28`); negative where the second is earlier, 0 for what is no day.
[[nodiscard]] int64_t days_between(std::string_view first, std::string_view second);
// A sentence where prices of that day are older than 90 days; "" else.
[[nodiscard]] std::string age_note(std::string_view as_of, std::string_view today);

}  // namespace weir
