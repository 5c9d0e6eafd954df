// Account, routing and sort-code numbers: they have no form of their own, so only the words before them tell.
#include <array>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view words[] = {
    "account number",   "account no",  "account #",      "acct",          "bank account",     "routing number",
    "sort code",        "kontonummer", "kontonr",        "bankleitzahl",  "numéro de compte", "número de cuenta",
    "numero de cuenta", "clabe",       "account_number", "iban_number",   "routing_number",   "sort_code",
    "accountnumber",    "accountno",   "account_no",     "routingnumber", "sortcode",         "bankaccount",
    "bank_account",     "bsb number",  "transit number", "ifsc",          "checking account", "savings account",
    "swift code",       "账号",        "口座番号",       "номер счета"};

constexpr WordSet fillers =
    "number|no|nr|num|is|was|the|my|his|her|our|ist|ending|in|with|at|of|and|es|est|code|digits|value";

class BankAccount : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "bank_account",
            .description = "bank account, routing and sort-code numbers that are named as such",
            .classes = class_financial | class_personal,
            .triggers = {.words = words},
            .kinds = {"bank_account"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    Value value = value_after(sighting.text, sighting.end, fillers);
    if (!is_account(value)) value = answer_after(sighting.text, sighting.end);
    if (!is_account(value)) return;
    out.add("bank_account", class_financial | class_personal, value.begin, value.end, Confidence::medium);
  }

 private:
  static bool is_account(const Value& value) { return value.digits >= 6 && value.digits <= 24 && value.letters <= 8; }
};

}  // namespace

std::unique_ptr<Guard> make_bank_account_guard(const GuardSettings&) { return std::make_unique<BankAccount>(); }

}  // namespace weir
