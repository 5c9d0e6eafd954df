#include "forgetting/receipts.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "core/json.h"
#include "ledger/query.h"

namespace weir {
namespace {

constexpr std::string_view before_mac = ",\"mac\":\"";

Error about(const std::string& file, std::string_view what) {
  return {.code = ErrorCode::internal, .message = fmt::format("{}: {}", file, what)};
}

void write_texts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const auto& text : texts) out.value(text);
  out.end_array();
}

std::vector<std::string> read_texts(const json::Object& object, std::string_view name) {
  std::vector<std::string> texts;
  json::Array list;
  if (object[name].get(list) != simdjson::SUCCESS) return texts;
  for (const auto& one : list) {
    std::string_view text;
    json::read_if(one, text);
    texts.emplace_back(text);
  }
  return texts;
}

std::optional<Receipt> read_receipt(std::string_view line) {
  json::Document document;
  json::Object object;
  if (!document.parse(std::string(line)) || document.root().get(object) != simdjson::SUCCESS) return std::nullopt;
  Receipt receipt{.number = json::int_or(object, "number"), .time_us = json::int_or(object, "time_us")};
  receipt.by = json::string_or(object, "by");
  receipt.whom = read_texts(object, "whom");
  receipt.failed = read_texts(object, "failed");
  receipt.mac = json::string_or(object, "mac");
  if (json::Object erased; object["erased"].get(erased) == simdjson::SUCCESS) {
    for (const auto [name, count] : erased) {
      auto& one = receipt.erased.emplace_back(std::string(name), 0);
      json::read_if(count, one.second);
    }
  }
  if (json::Object kept; object["kept"].get(kept) == simdjson::SUCCESS) {
    receipt.kept_requests = json::int_or(kept, "requests");
    receipt.kept_cost = json::int_or(kept, "cost_micro_usd");
  }
  if (receipt.number <= 0 || receipt.mac.empty()) return std::nullopt;
  return receipt;
}

// `body`: the line without its seal.
std::string seal(const AuditKey& key, std::string_view previous, std::string_view body) {
  return to_hex(sealed(key, fmt::format("forgotten {}\n{}", previous, body)));
}

// Of the last receipt, for the ledger to note.
ForgottenHead head_of(const AuditKey& key, const Receipt& last) {
  const auto digest = sealed(key, fmt::format("forgotten head {} {}", last.number, last.mac));
  ForgottenHead head{.number = last.number};
  for (std::size_t i = 0; i < sizeof head.seal; ++i) head.seal = head.seal << 8U | digest[i];
  return head;
}

Result<std::string> read_all(int fd, const std::string& file) {
  std::string text;
  std::array<char, 16384> piece{};
  for (off_t at = 0;;) {
    const auto size = ::pread(fd, piece.data(), piece.size(), at);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failure(about(file, std::strerror(errno)));
    if (size == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
    at += size;
  }
}

}  // namespace

std::string whom_digest(const AuditKey& key, std::string_view by, std::string_view name) {
  return to_hex(sealed(key, fmt::format("whom {} {}", by, name)));
}

std::string receipt_json(const Receipt& receipt) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  if (receipt.number > 0) out.key("number").value(receipt.number);
  out.key("time").value(format_time(receipt.time_us)).key("time_us").value(receipt.time_us);
  out.key("by").value(receipt.by);
  write_texts(out, "whom", receipt.whom);
  out.key("erased").begin_object();
  for (const auto& [name, count] : receipt.erased) out.key(name).value(count);
  out.end_object();
  out.key("kept").begin_object();
  out.key("requests").value(receipt.kept_requests).key("cost_micro_usd").value(receipt.kept_cost);
  out.end_object();
  write_texts(out, "failed", receipt.failed);
  if (!receipt.mac.empty()) out.key("mac").value(receipt.mac);
  out.end_object();
  return text;
}

ReceiptCheck check_receipts(std::string_view text, const AuditKey* key) {
  ReceiptCheck check;
  std::string previous;
  int64_t last = 0;
  for (int64_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    auto receipt = read_receipt(line);
    if (!receipt) {
      check.faults.push_back(fmt::format("line {} is no receipt", number));
      continue;
    }
    if (receipt->number != last + 1)
      check.faults.push_back(fmt::format("line {}: receipt {} follows {}", number, receipt->number, last));
    const auto body = line.substr(0, line.rfind(before_mac));
    if (key != nullptr && seal(*key, previous, body) != receipt->mac)
      check.faults.push_back(fmt::format("line {}: the seal of receipt {} does not fit", number, receipt->number));
    last = receipt->number;
    previous = receipt->mac;
    check.receipts.push_back(std::move(*receipt));
  }
  return check;
}

std::vector<std::string> check_last(const std::vector<Receipt>& receipts, const ForgottenHead& noted,
                                    const AuditKey& key) {
  const auto last = receipts.empty() ? 0 : receipts.back().number;
  if (noted.number == 0 && last == 0) return {};
  if (noted.number == 0)
    return {"the ledger has noted no receipt: it cannot be said whether some are missing at the end"};
  if (last + 1 == noted.number) return {fmt::format("receipt {} is missing: it was cut off the end", noted.number)};
  if (last < noted.number)
    return {fmt::format("receipts {} to {} are missing: they were cut off the end", last + 1, noted.number)};
  const auto known =
      std::find_if(receipts.begin(), receipts.end(), [&](const Receipt& one) { return one.number == noted.number; });
  if (known != receipts.end() && head_of(key, *known) == noted) return {};
  return {fmt::format("receipt {} is not the one that the ledger has noted", noted.number)};
}

std::string receipts_file(const std::string& folder) {
  return (std::filesystem::path(folder) / "forgotten.jsonl").string();
}

Result<std::string> read_receipts(const std::string& folder) {
  const auto file = receipts_file(folder);
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::string();
  if (fd < 0) return failure(about(file, std::strerror(errno)));
  auto text = read_all(fd, file);
  ::close(fd);
  return text;
}

Result<ReceiptBook> ReceiptBook::open(const std::string& folder) {
  auto file = receipts_file(folder);
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    return failure(about(file, fmt::format("{}: the receipt could not be written, so nothing is erased; check the "
                                           "permissions of the data folder",
                                           std::strerror(errno))));
  }
  ReceiptBook book(fd, std::move(file));
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return failure(about(book.file_, std::strerror(errno)));
  }
  return book;
}

ReceiptBook::~ReceiptBook() {
  if (fd_ >= 0) ::close(fd_);  // and the lock is free
}

// Where some were cut off the end their numbers are not given again: the gap stays.
Result<ForgottenHead> ReceiptBook::append(Receipt& receipt, const AuditKey& key, const ForgottenHead& noted) {
  const auto text = read_all(fd_, file_);
  if (!text) return failure(text.error());
  const auto before = check_receipts(*text, nullptr).receipts;
  const auto previous = before.empty() ? std::string() : before.back().mac;
  receipt.number = std::max(before.empty() ? 0 : before.back().number, noted.number) + 1;
  receipt.mac.clear();
  auto body = receipt_json(receipt);
  body.pop_back();
  receipt.mac = seal(key, previous, body);
  // A line that a crash cut off stays what it is: a fault that --verify shows.
  auto line = !text->empty() && !text->ends_with('\n') ? std::string("\n") : std::string();
  line.append(receipt_json(receipt)).append("\n");
  const bool written = ::write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written || ::fsync(fd_) != 0) return failure(about(file_, std::strerror(errno)));
  return head_of(key, receipt);
}

}  // namespace weir
