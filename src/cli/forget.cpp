#include "forgetting/forgetting.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "cli/command.h"
#include "forgetting/receipts.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "pipeline/worker.h"
#include "report/report.h"

namespace weir {
namespace {

constexpr std::string_view what_is_kept =
    "What was counted stays: times, tokens, money, classes, and the audit's chain. Copies elsewhere (backups, logs, "
    "`weir export`) are not Weir's to find.";

Receipt receipt_of(const Forgotten& forgotten, const Whose& whose, const LedgerShare& share, const AuditKey& key) {
  Receipt receipt{.time_us = wall_clock_us(), .by = std::string(to_string(whose.by()))};
  for (const auto& name : whose.names()) receipt.whom.push_back(whom_digest(key, receipt.by, name));
  for (const auto& [name, count] : forgotten.shelves) receipt.erased.emplace_back(name, count);
  receipt.kept_requests = share.requests;
  receipt.kept_cost = share.cost;
  receipt.failed = forgotten.failed;
  return receipt;
}

plan::Report shown(const Receipt& receipt, std::string_view title) {
  plan::Table table{.title = "", .columns = {{"Kept of what was said"}, {"Rows", report::Align::right}}, .rows = {}};
  for (const auto& [name, count] : receipt.erased) table.rows.push_back({name, std::to_string(count)});
  plan::Report report{.title = std::string(title), .subtitle = {}, .sections = {}};
  report.sections.push_back({.title = "", .blocks = {std::move(table)}});
  plan::Notes notes{.title = "", .items = {}};
  notes.items.push_back(fmt::format("{} requests stay counted, with what they cost: {}.", receipt.kept_requests,
                                    format_money(receipt.kept_cost)));
  notes.items.emplace_back(what_is_kept);
  if (receipt.number > 0) {
    notes.items.push_back(fmt::format("Receipt {} of {}, whom by digest: {}.", receipt.number,
                                      format_time(receipt.time_us), fmt::join(receipt.whom, ", ")));
  }
  report.sections.push_back({.title = "", .blocks = {std::move(notes)}});
  return report;
}

class ForgetCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "forget",
            .summary = "Erase what somebody said, keep what was counted, and give a receipt",
            .details =
                "Erases kept conversations, lessons (training data), texts of experiments, feedback, what is noted of "
                "attempts (providers' errors quote prompts) and tags, and writes the files anew so that nothing of "
                "them is left. "
                "Works while weir serves from the folder; what is under way at that moment, or comes later, is kept "
                "as before: revoke the key first. Receipts are in forgotten.jsonl of the data folder; they name whom "
                "by a keyed digest, each seals the one before it, and the ledger knows how many there are. A weir that "
                "serves drops from its memory within a second what was erased.",
            .examples = {"weir forget --key anna --dry-run", "weir keys revoke anna && weir forget --key anna",
                         "weir forget --tag user:4711 --yes --json",
                         "weir forget --request req_06ffx4k3m0001tq8v2h5c9zw7d --yes", "weir forget --receipts",
                         "weir forget --verify"}};
  }

  void options(CLI::App& app) override {
    data_.add(app);
    json_.add(app);
    auto* whom = app.add_option_group("whom", "Whom, one of these:");
    whom->add_option("--key", key_, "Everything of a virtual key, by its name or id; revoked ones too")
        ->type_name("NAME|ID");
    whom->add_option("--request", request_, "What is kept of one request")->type_name("ID");
    whom->add_option("--tag", tag_, "All requests that had this tag (x-weir-tags)")->type_name("TAG");
    whom->require_option(0, 1);
    app.add_flag("--dry-run", dry_run_, "Tell what would go, and erase nothing");
    app.add_flag("-y,--yes", yes_, "Do not ask");
    app.add_flag("--receipts", receipts_, "List what was forgotten so far; with whom: theirs");
    app.add_flag("--verify", verify_, "Check the seals of all receipts; exits with 1 where one does not fit");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    if (const auto wrong = misuse()) {
      console.error(wrong->message);
      return ExitCode::usage;
    }
    if (receipts_ || verify_) return show_receipts(console);
    auto whose = find(console);
    if (!whose) return code_;
    const auto counted = count_theirs(data_.folder(), *whose);
    const auto share = whose->share();
    if (!counted || !share) return unavailable(console, counted ? share.error() : counted.error());
    // A key for digests is made now, not after the only copy of what they are of is gone.
    const auto key = dry_run_ ? read_audit_key(audit_key()) : keep_audit_key(audit_key());
    if (!key && !(dry_run_ && key.error().code == ErrorCode::not_found)) return unavailable(console, key.error());
    if (!is_known(*whose, *counted, *share, key ? &*key : nullptr)) {
      console.error(whose->by() == ForgetBy::tag
                        ? fmt::format("no request had the tag `{}`, and it was not forgotten before", tag_)
                        : "the ledger has no request of that id, and nothing of it is kept",
                    whose->by() == ForgetBy::tag ? "tags are what clients send as x-weir-tags"
                                                 : "its id is in the answer's header x-weir-request-id");
      return ExitCode::refused;
    }
    if (dry_run_) {
      show(console, receipt_of(*counted, *whose, *share, key ? *key : AuditKey{}), "Would be erased");
      return ExitCode::ok;
    }
    if (!yes_ && !confirmed(console, *counted)) {
      console.note("Nothing was erased.");
      return ExitCode::refused;
    }
    return erase(console, *whose, *share, *key);
  }

 private:
  [[nodiscard]] std::string audit_key() const { return (std::filesystem::path(data_.folder()) / "audit.key").string(); }
  [[nodiscard]] std::string whom() const { return !key_.empty() ? key_ : !request_.empty() ? request_ : tag_; }
  [[nodiscard]] ForgetBy by() const {
    return !key_.empty() ? ForgetBy::key : !request_.empty() ? ForgetBy::request : ForgetBy::tag;
  }

  [[nodiscard]] std::optional<Error> misuse() const {
    if (receipts_ || verify_) return std::nullopt;
    if (whom().empty()) return Error{.message = "say whom: --key NAME, --request ID or --tag TAG"};
    if (!dry_run_ && !yes_ && ::isatty(STDIN_FILENO) == 0) {
      return Error{.message = "nobody can be asked here: add --yes to erase, or --dry-run to see what would go"};
    }
    return std::nullopt;
  }

  ExitCode unavailable(Console& console, const Error& error) {
    console.error(error.message, "nothing was erased");
    return code_ = ExitCode::data_unavailable;
  }

  std::optional<Whose> find(Console& console) {
    const auto ledger = std::filesystem::path(data_.folder()) / "weir.db";
    if (std::error_code error; !std::filesystem::exists(ledger, error)) {
      console.error(fmt::format("there is no ledger in {}: nothing was ever kept there", data_.folder()));
      code_ = ExitCode::data_unavailable;
      return std::nullopt;
    }
    // Refuses what a newer weir wrote, and brings an older one up to date.
    const auto store = open_store(
        "sqlite", {.folder = data_.folder(), .access = dry_run_ ? StoreAccess::read_only : StoreAccess::read_write});
    if (!store) {
      unavailable(console, store.error());
      return std::nullopt;
    }
    auto whose = Whose::find(data_.folder(), by(), whom());
    if (whose) return std::move(*whose);
    const auto code = whose.error().code;
    console.error(whose.error().message, code == ErrorCode::not_found ? "weir keys list shows them all" : "");
    code_ = code == ErrorCode::not_found         ? ExitCode::refused
            : code == ErrorCode::invalid_request ? ExitCode::usage
                                                 : ExitCode::data_unavailable;
    return std::nullopt;
  }

  // Of a key the ledger knew. Once forgotten, a tag is in no request any more: then its receipt knows it.
  [[nodiscard]] bool is_known(const Whose& whose, const Forgotten& counted, const LedgerShare& share,
                              const AuditKey* key) const {
    if (whose.by() == ForgetBy::key || share.requests > 0 || counted.count() > 0) return true;
    const auto text = read_receipts(data_.folder());
    if (!text || key == nullptr) return false;
    const auto digest = whom_digest(*key, to_string(whose.by()), whose.names().front());
    const auto all = check_receipts(*text, nullptr).receipts;
    return std::any_of(all.begin(), all.end(), [&](const Receipt& one) { return names(one, {digest}); });
  }

  [[nodiscard]] static bool names(const Receipt& receipt, const std::vector<std::string>& digests) {
    return std::any_of(digests.begin(), digests.end(), [&](const std::string& one) {
      return std::find(receipt.whom.begin(), receipt.whom.end(), one) != receipt.whom.end();
    });
  }

  [[nodiscard]] bool confirmed(Console& console, const Forgotten& counted) const {
    std::string listed;
    for (const auto& [name, count] : counted.shelves) listed += fmt::format("  {}: {}\n", name, count);
    console.note(fmt::format("{}This cannot be undone. Erase? [y/N] ", listed));
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }

  ExitCode erase(Console& console, Whose& whose, const LedgerShare& share, const AuditKey& key) {
    auto book = ReceiptBook::open(data_.folder());
    if (!book) return unavailable(console, book.error());
    const auto noted = read_forgotten_head(data_.folder());
    if (!noted) return unavailable(console, noted.error());
    const auto erased = erase_theirs(data_.folder(), whose);
    auto receipt = receipt_of(erased, whose, share, key);
    const auto head = book->append(receipt, key, *noted);
    if (!head) {
      console.error(head.error().message, "it was erased, but there is no receipt of it");
      return ExitCode::failed;
    }
    show(console, receipt, "Erased");
    if (auto done = note_forgotten_head(data_.folder(), *head); !done) {
      console.error(done.error().message, "it was erased, but the ledger has not noted its receipt: run it again");
      return ExitCode::failed;
    }
    for (const auto& what : erased.failed) console.error(what, "run it again: what is gone already does no harm");
    return erased.failed.empty() ? ExitCode::ok : ExitCode::failed;
  }

  void show(Console& console, const Receipt& receipt, std::string_view title) const {
    if (json_.given) return console.print_line(receipt_json(receipt));
    console.print(plan::to_text(shown(receipt, title), console.columns()));
  }

  ExitCode show_receipts(Console& console) {
    const auto text = read_receipts(data_.folder());
    if (!text) return unavailable(console, text.error());
    const auto key = read_audit_key(audit_key());
    if (!key && (verify_ || !whom().empty())) {
      console.error(key.error().message);
      return ExitCode::data_unavailable;
    }
    auto check = check_receipts(*text, verify_ ? &*key : nullptr);
    if (verify_) look_for_missing(check, *key);
    if (!whom().empty()) {
      const auto whose = find(console);
      if (!whose) return code_;
      std::vector<std::string> digests;
      for (const auto& name : whose->names()) digests.push_back(whom_digest(*key, to_string(whose->by()), name));
      std::erase_if(check.receipts, [&](const Receipt& one) { return !names(one, digests); });
    }
    list(console, check);
    return check.faults.empty() ? ExitCode::ok : ExitCode::failed;
  }

  // Those cut off the end leave no broken seal behind them.
  void look_for_missing(ReceiptCheck& check, const AuditKey& key) const {
    const auto noted = read_forgotten_head(data_.folder());
    if (!noted) {
      check.faults.push_back(
          fmt::format("{}: it cannot be said whether receipts are missing at the end", noted.error().message));
      return;
    }
    for (auto& fault : check_last(check.receipts, *noted, key)) check.faults.push_back(std::move(fault));
  }

  void list(Console& console, const ReceiptCheck& check) const {
    if (json_.given) {
      for (const auto& one : check.receipts) console.print_line(receipt_json(one));
    } else {
      plan::Table table{.title = "",
                        .columns = {{"Receipt", report::Align::right}, {"Time"}, {"By"}, {"Whom"}, {"Erased"}},
                        .rows = {}};
      for (const auto& one : check.receipts) {
        std::string erased;
        for (const auto& [name, count] : one.erased) {
          if (count > 0) erased += fmt::format("{}{} {}", erased.empty() ? "" : ", ", count, name);
        }
        std::string whom;
        for (const auto& digest : one.whom) whom += fmt::format("{}{}…", whom.empty() ? "" : " ", digest.substr(0, 12));
        if (!one.failed.empty()) erased += " (not all)";
        table.rows.push_back({std::to_string(one.number), format_time(one.time_us), one.by, whom, erased});
      }
      plan::Report report{.title = "Forgotten", .subtitle = {}, .sections = {}};
      report.sections.push_back({.title = "", .blocks = {std::move(table)}});
      console.print(plan::to_text(report, console.columns()));
    }
    if (verify_ && check.faults.empty()) console.note("All seals fit, and none is missing.");
    for (const auto& fault : check.faults) console.error(fault);
  }

  DataOption data_;
  JsonOption json_;
  std::string key_;
  std::string request_;
  std::string tag_;
  bool dry_run_ = false;
  bool yes_ = false;
  bool receipts_ = false;
  bool verify_ = false;
  ExitCode code_ = ExitCode::ok;
};

}  // namespace

std::unique_ptr<Command> make_forget_command() { return std::make_unique<ForgetCommand>(); }

}  // namespace weir
