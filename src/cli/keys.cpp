#include "admission/keys.h"

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/counts.h"
#include "core/json.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "pipeline/worker.h"

namespace weir {
namespace {

std::string created_json(const CreatedKey& created) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  out.key("id").value(created.record.id);
  out.key("name").value(created.record.name);
  out.key("key").value(created.secret);
  out.end_object();
  return text;
}

class KeysCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {.name = "keys",
            .summary = "Make, list and revoke the keys that callers use",
            .details =
                "A key is shown once, when it is made; only its hash is kept. A running server follows within a "
                "second. From the first key on, every request needs one, also after the last one was revoked: then "
                "make another.",
            .examples = {"weir keys create --name app --rpm 60 --budget-month 25",
                         "weir keys create --name batch --route nightly --tpm 100000", "weir keys list",
                         "weir keys revoke app"}};
  }

  void options(CLI::App& app) override {
    app.require_subcommand(1);
    create_ = app.add_subcommand("create", "Make a key and print it");
    create_->add_option("--name", key_.name, "Who uses it; unique among keys in use")->required()->type_name("NAME");
    create_
        ->add_option("--route,--routes", key_.routes,
                     "Route or model it may name; may be given more than once (default: all)")
        ->type_name("NAME");
    create_->add_option("--rpm", key_.requests_per_minute, "Requests per minute (default: no limit)")
        ->check(CLI::PositiveNumber)
        ->transform(counts())
        ->type_name("N");
    create_->add_option("--tpm", key_.tokens_per_minute, "Tokens per minute, input and output (default: no limit)")
        ->check(CLI::PositiveNumber)
        ->transform(counts())
        ->type_name("N");
    create_->add_option("--budget-day", budget_day_, "Dollars per UTC day (default: no limit)")->type_name("USD");
    create_->add_option("--budget-month", budget_month_, "Dollars per UTC month (default: no limit)")->type_name("USD");
    create_->add_flag("--admin", key_.admin, "May read every ledger entry and the admin paths");
    list_ = app.add_subcommand("list", "List keys with their limits; never the keys themselves");
    revoke_ = app.add_subcommand("revoke", "Revoke a key");
    revoke_->add_option("key", revoked_, "Its name or id")->required();
    for (CLI::App* sub : {create_, list_, revoke_}) {
      data_.add(*sub);
      json_.add(*sub);
    }
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const StoreAccess access = list_->parsed() ? StoreAccess::read_only : StoreAccess::read_write;
    Result<std::unique_ptr<Store>> store = open_store("sqlite", {.folder = data_.folder(), .access = access});
    if (!store) {
      console.error(store.error().message);
      return ExitCode::data_unavailable;
    }
    if (create_->parsed()) return create(console, **store);
    if (revoke_->parsed()) return revoke(console, **store);
    return list(console, **store);
  }

 private:
  ExitCode create(Console& console, Store& store) {
    for (const auto& [text, amount] :
         {std::pair(&budget_day_, &key_.budget_per_day), std::pair(&budget_month_, &key_.budget_per_month)}) {
      if (text->empty()) continue;
      const Result<MicroDollars> money = parse_money(*text);
      if (!money) {
        console.error(money.error().message);
        return ExitCode::usage;
      }
      *amount = *money;
    }
    const Result<CreatedKey> created = create_key(store, key_, wall_clock_us());
    if (!created) {
      console.error(created.error().message);
      return ExitCode::failed;
    }
    if (json_.given) {
      console.print_line(created_json(*created));
      return ExitCode::ok;
    }
    // The key alone on stdout, so that `KEY=$(weir keys create …)` works.
    console.print_line(created->secret);
    console.note(
        fmt::format("{} ({}). This is the only time the key is shown.", created->record.name, created->record.id));
    return ExitCode::ok;
  }

  ExitCode list(Console& console, Store& store) const {
    const Result<std::vector<KeyRecord>> keys = store.keys();
    if (!keys) {
      console.error(keys.error().message);
      return ExitCode::data_unavailable;
    }
    if (json_.given)
      console.print_line(keys_json(*keys));
    else if (keys->empty())
      console.note("No keys yet: weir keys create --name NAME");
    else
      console.print(keys_table(*keys, console.columns()));
    return ExitCode::ok;
  }

  ExitCode revoke(Console& console, Store& store) const {
    const Result<KeyRecord> revoked = revoke_key(store, revoked_, wall_clock_us());
    if (!revoked) {
      console.error(revoked.error().message);
      return revoked.error().code == ErrorCode::not_found ? ExitCode::refused : ExitCode::failed;
    }
    if (json_.given)
      console.print_line(keys_json({*revoked}));
    else
      console.print_line(fmt::format("{} ({}) is revoked", revoked->name, revoked->id));
    // Nobody is let in without a key again: that must be meant, and how to go on must be said.
    const Result<std::vector<KeyRecord>> keys = store.keys();
    const auto used = [](const KeyRecord& key) { return key.revoked_us == 0; };
    if (keys && std::none_of(keys->begin(), keys->end(), used)) {
      console.note(
          "That was the last key in use: every request is refused now. weir keys create --name NAME makes "
          "another one, which counts within a second.");
    }
    return ExitCode::ok;
  }

  CLI::App* create_ = nullptr;  // owned by the parser, as the next two
  CLI::App* list_ = nullptr;
  CLI::App* revoke_ = nullptr;
  DataOption data_;
  JsonOption json_;
  NewKey key_;
  std::string budget_day_;
  std::string budget_month_;
  std::string revoked_;
};

}  // namespace

std::unique_ptr<Command> make_keys_command() { return std::make_unique<KeysCommand>(); }

}  // namespace weir
