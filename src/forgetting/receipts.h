// Receipts of what was forgotten, a line of JSON each, in `forgotten.jsonl` of the data folder, its owner's alone. They
// say whom by digests (HMAC-SHA256 with the audit's key), never by a name: who has the key and a name can tell whether
// that was forgotten, nobody can read names out of them. Each seals the one before it, so that one that was altered or
// taken out is seen; how many there are, and which one is the last, the ledger knows too, under a seal of its own
// (stores/forgotten_head.h), so that those cut off the end are missed. Blocking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/usage.h"
#include "ledger/audit.h"
#include "stores/forgotten_head.h"

namespace weir {

struct Receipt {
  int64_t number = 0;  // from 1 on
  int64_t time_us = 0;
  std::string by;                                       // `key`, `request`, `tag`
  std::vector<std::string> whom;                        // digests, hexadecimal
  std::vector<std::pair<std::string, int64_t>> erased;  // name of the shelf, how many
  int64_t kept_requests = 0;                            // whose counts stay in the ledger
  MicroDollars kept_cost = 0;
  std::vector<std::string> failed;  // what could not be erased
  std::string mac;                  // hexadecimal; "" before it is in the file
};

// Of an id of a key, a request, or a tag.
[[nodiscard]] std::string whom_digest(const AuditKey& key, std::string_view by, std::string_view name);
// As it stands in the file, without the end of its line.
[[nodiscard]] std::string receipt_json(const Receipt& receipt);

struct ReceiptCheck {
  std::vector<Receipt> receipts;
  std::vector<std::string> faults;  // lines that are none, or whose seal is not the key's
};
// `key` null: nothing but whether they are receipts.
[[nodiscard]] ReceiptCheck check_receipts(std::string_view text, const AuditKey* key);
// What the ledger has noted of them against those that are there: one line a fault.
[[nodiscard]] std::vector<std::string> check_last(const std::vector<Receipt>& receipts, const ForgottenHead& noted,
                                                  const AuditKey& key);
[[nodiscard]] std::string receipts_file(const std::string& folder);
// "" where nothing was forgotten yet.
[[nodiscard]] Result<std::string> read_receipts(const std::string& folder);

// Held while somebody is forgotten: whoever else wants to forget in this folder waits.
class ReceiptBook {
 public:
  // Makes the file where it is missing.
  [[nodiscard]] static Result<ReceiptBook> open(const std::string& folder);
  ReceiptBook(ReceiptBook&& other) noexcept : fd_(std::exchange(other.fd_, -1)), file_(std::move(other.file_)) {}
  ReceiptBook& operator=(ReceiptBook&&) = delete;
  ~ReceiptBook();

  // Gives it its number, above what the ledger has noted, and its seal; durable when it returns, with what the ledger
  // is to note now.
  [[nodiscard]] Result<ForgottenHead> append(Receipt& receipt, const AuditKey& key, const ForgottenHead& noted);

 private:
  ReceiptBook(int fd, std::string file) : fd_(fd), file_(std::move(file)) {}
  int fd_;
  std::string file_;
};

}  // namespace weir
