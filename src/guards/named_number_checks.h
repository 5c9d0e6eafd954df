// How numbers that words name must look, and their check digits by the published algorithms. Each takes the letters and
// digits as written, without what parts groups. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::guards {

enum class Checked : uint8_t {
  no_such,  // this is none, whatever names it
  wrong,    // the form, with a wrong check digit
  form,     // the form, which has no check digit
  right,
};

Checked imei(std::string_view value);           // 3GPP TS 23.003 annex B: Luhn
Checked vin(std::string_view value);            // ISO 3779; 49 CFR 565.15 (the check digit that North America wants)
Checked vin_form(std::string_view value);       // what no name calls so: also the year and the serial number's form
Checked plate(std::string_view value);          // letters and digits
Checked security_code(std::string_view value);  // three or four digits
Checked expiry(std::string_view value);         // MMYY, MMYYYY
Checked bic(std::string_view value);            // ISO 9362
bool is_bank_code(std::string_view value);      // what no name calls so: also a country, and more than a word
Checked routing(std::string_view value);        // American Bankers Association: weights 3, 7, 1
Checked ein(std::string_view value);            // IRS: the prefixes in use
Checked gstin(std::string_view value);          // India: state, PAN, entity, Z, modulo 36
Checked vat(std::string_view value);            // a country's letters; DE: ISO 7064 MOD 11,10
Checked utr(std::string_view value);            // HMRC: modulo 11
Checked de_pension(std::string_view value);     // VKVV § 4: area, birth, letter, serial, check digit
Checked de_health(std::string_view value);      // § 290 SGB V: letter, eight digits, check digit
Checked dea(std::string_view value);            // Drug Enforcement Administration
Checked npi(std::string_view value);            // 45 CFR 162.406: Luhn with 80840 before it
Checked ru_snils(std::string_view value);       // Russia, pension fund: nine digits, weighted sum modulo 101
Checked ru_inn(std::string_view value);         // Russia, taxes: 10 digits (companies) or 12 (people)

}  // namespace weir::guards
