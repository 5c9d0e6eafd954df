#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/command.h"
#include "cli/write_file.h"
#include "config/load.h"
#include "config/proxy_choice.h"
#include "core/json.h"
#include "ledger/catalog_edition.h"
#include "ledger/catalog_source.h"
#include "ledger/query.h"
#include "pipeline/worker.h"
#include "upstream/fetch.h"

namespace weir {
namespace {

// Where the data are kept that the catalog is made of; its project's own library takes its updates from there.
constexpr std::string_view usual_place =
    "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json";

Result<std::string> read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure(ErrorCode::not_found, fmt::format("{} cannot be read", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string as_json(const CatalogEdition& edition, std::string_view today) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("date").value(edition.date).key("age_days").value(days_between(edition.date, today));
  out.key("source").value(edition.source).key("file");
  edition.file.empty() ? out.null() : out.value(edition.file);
  out.key("providers").value(static_cast<int64_t>(edition.providers));
  out.key("models").value(static_cast<int64_t>(edition.models)).end_object();
  return text;
}

class CatalogCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "catalog",
        .summary = "Show the price catalog in use, or take in a newer one",
        .details =
            "`weir catalog update` takes prices from where the catalog's data are kept, or from the file or "
            "address given: a catalog (prices.tsv), or the data of pydantic/genai-prices (data.json, or index.js of "
            "its npm package). What is damaged, absurd or older than what is in use is refused. It lies in the "
            "data folder; a running server takes it up with SIGHUP.",
        .examples = {"weir catalog", "weir catalog update", "weir catalog update prices.tsv",
                     "weir catalog update https://example.org/prices.tsv"}};
  }

  void options(CLI::App& app) override {
    data_.add(app);
    json_.add(app);
    update_ = app.add_subcommand("update", "Take in a newer edition");
    update_->add_option("from", from_, "A file or an address; without it, where the catalog's data are kept")
        ->type_name("FILE|URL");
    update_->add_option("--date", date_, "Of the data, where they do not say it: YYYY-MM-DD (default: today)")
        ->type_name("DATE");
    update_->add_option("--source", source_, "What to note as their source (default: the file or address)")
        ->type_name("TEXT");
    update_->add_option("--output", output_, "Write the catalog to this file instead of the data folder")
        ->type_name("FILE");
    data_.add(*update_);
    app.require_subcommand(0, 1);
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    today_ = format_date(wall_clock_us());
    if (update_->parsed()) return update(console);
    const auto edition = current_edition(data_.folder(), today_);
    if (json_.given) {
      console.print_line(as_json(edition, today_));
    } else {
      show(console, edition);
    }
    return ExitCode::ok;
  }

 private:
  void show(Console& console, const CatalogEdition& edition) const {
    console.print_line(fmt::format("Edition  {} ({} days old)", edition.date, days_between(edition.date, today_)));
    console.print_line(fmt::format("Source   {}", edition.source));
    console.print_line(fmt::format("In       {}", edition.file.empty() ? "the binary" : edition.file));
    console.print_line(fmt::format("Models   {} of {} providers", edition.models, edition.providers));
    if (!edition.trouble.empty()) console.print_line(fmt::format("\nNot used: {}", edition.trouble));
    if (const auto note = age_note(edition.date, today_); !note.empty()) console.print_line("\n" + note);
  }

  ExitCode update(Console& console) const {
    const std::string from = from_.empty() ? std::string(usual_place) : from_;
    const bool remote = from.starts_with("http://") || from.starts_with("https://");
    const auto proxy_for = [](const Url& url) { return environment_proxy(url, process_environment()); };
    auto text = remote ? fetch(from, proxy_for) : read_all(from);
    if (!text) {
      console.error(text.error().message, "what was in use before stays in use");
      return ExitCode::failed;
    }
    auto edition = edition_of(std::move(*text), from, console);
    if (!edition) {
      console.error(edition.error().message, "what was in use before stays in use");
      return ExitCode::refused;
    }
    return keep(*edition, console);
  }

  Result<CatalogEdition> edition_of(std::string text, const std::string& from, Console& console) const {
    if (is_price_source(text)) {
      auto converted =
          convert_prices(text, {.date = date_.empty() ? today_ : date_, .name = source_.empty() ? from : source_});
      if (!converted) return failure(std::move(converted.error()));
      for (const auto& left : converted->left_out) console.note("left out: " + left);
      text = std::move(converted->text);
    }
    auto edition = check_edition(std::move(text), today_);
    if (!edition) return edition;
    if (auto near = near_to_known(*edition, today_); !near) return failure(std::move(near.error()));
    return edition;
  }

  ExitCode keep(const CatalogEdition& edition, Console& console) const {
    const auto before = current_edition(data_.folder(), today_);
    if (output_.empty() && edition.date < before.date) {
      console.error(fmt::format("This catalog is of {}; the one in use is of {}", edition.date, before.date),
                    "what was in use before stays in use");
      return ExitCode::refused;
    }
    const auto path = output_.empty() ? (std::filesystem::path(data_.folder()) / catalog_file_name).string() : output_;
    if (output_.empty()) {
      std::error_code ignored;  // writing says it
      std::filesystem::create_directories(data_.folder(), ignored);
    }
    if (auto written = write_file(path, *edition.text); !written) {
      console.error(written.error().message);
      return ExitCode::data_unavailable;
    }
    console.print_line(fmt::format("{}: {} models of {} providers, prices of {} (before: {} models of {})", path,
                                   edition.models, edition.providers, edition.date, before.models, before.date));
    if (const auto note = age_note(edition.date, today_); !note.empty()) console.print_line(note);
    return ExitCode::ok;
  }

  DataOption data_;
  JsonOption json_;
  CLI::App* update_ = nullptr;
  std::string from_;
  std::string date_;
  std::string source_;
  std::string output_;
  std::string today_;
};

}  // namespace

std::unique_ptr<Command> make_catalog_command() { return std::make_unique<CatalogCommand>(); }

}  // namespace weir
