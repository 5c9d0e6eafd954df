// From an option as it is written to an option as it is counted. For document.cpp alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/reader.h"
#include "economics/cost/comparison.h"
#include "economics/document/document.h"
#include "economics/document/document_keys.h"

namespace weir::plan {

using OptionNames = std::vector<std::string>;

// The position of the option that `name` names; reported, with the nearest name, when there is none.
[[nodiscard]] std::optional<std::size_t> find_option(config::Reading& reading, const Text& name, std::string_view key,
                                                     const OptionNames& names);

class OptionMaker {
 public:
  // `comparison`: its workload is read already.
  OptionMaker(config::Reading& reading, const PriceBook& book, const OptionNames& names,
              const std::vector<OptionDoc>& docs, const Comparison& comparison)
      : reading_(reading), book_(book), names_(names), docs_(docs), comparison_(comparison) {}

  [[nodiscard]] Option make(const OptionDoc& doc) const;

 private:
  [[nodiscard]] CloudOption cloud(const CloudDoc& doc, std::vector<std::string>& sources) const;
  [[nodiscard]] LocalOption local(const LocalDoc& doc, const OptionDoc& option,
                                  std::vector<std::string>& sources) const;
  [[nodiscard]] HybridOption hybrid(const OptionDoc& doc) const;

  void token_prices(const CloudDoc& doc, CloudOption& out, std::vector<std::string>& sources) const;
  void batch(const CloudDoc& doc, CloudOption& out, std::vector<std::string>& sources) const;
  [[nodiscard]] Machine machine(const MachineDoc& doc, std::vector<std::string>& sources) const;
  [[nodiscard]] Owned owned(const OwnedDoc& doc, const MachineDoc& machine, const std::optional<Gpu>& gpu,
                            std::vector<std::string>& sources) const;
  [[nodiscard]] Capacity capacity(const CapacityDoc& doc, std::vector<std::string>& sources) const;
  void spill(const LocalDoc& doc, const OptionDoc& option, LocalOption& out) const;
  [[nodiscard]] const OptionDoc* doc_of(std::size_t option) const { return &docs_[option]; }

  config::Reading& reading_;
  const PriceBook& book_;
  const OptionNames& names_;
  const std::vector<OptionDoc>& docs_;
  const Comparison& comparison_;
};

}  // namespace weir::plan
