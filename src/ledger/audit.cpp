#include "ledger/audit.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/id.h"
#include "core/zone.h"

namespace weir {
namespace {

constexpr std::size_t secret_bytes = sizeof(AuditKey::secret);
constexpr std::string_view digits = "0123456789abcdef";

const uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }

AuditDigest hmac(const AuditKey& key, std::string_view text) {
  AuditDigest out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.secret.data(), static_cast<int>(key.secret.size()), bytes_of(text), text.size(), out.data(),
       &size);
  return out;
}

void append(std::string& out, int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<uint64_t>(number) >> shift & 0xff);
}

void append(std::string& out, std::string_view text) {
  append(out, static_cast<int64_t>(text.size()));
  out += text;
}

void append(std::string& out, const AuditDigest& digest) {
  out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

void add_zone(std::string& zones, std::string_view zone) {
  const auto padded = "," + zones + ",";
  if (padded.find("," + std::string(zone) + ",") != std::string::npos) return;
  zones += zones.empty() ? "" : ",";
  zones += zone;
}

// Whether its bytes may have gone out: what was never connected to has seen nothing.
bool was_sent(const AttemptEntry& attempt) {
  // Stopped because another candidate answered: what it took is known, or estimated, once there was a connection.
  if (attempt.outcome == "cancelled" && !attempt.usage.known && !attempt.usage.estimated) return false;
  return attempt.outcome != to_string(ErrorCode::upstream_unreachable) &&
         attempt.outcome != to_string(ErrorCode::queue_timeout);
}

bool is_local(std::string_view zone) {
  const auto parsed = parse_zone(zone);
  return parsed && parsed->kind == ZoneKind::local;
}

Error about(const std::string& file, std::string_view what) {
  return {.code = ErrorCode::internal, .message = fmt::format("the key of the audit, {}: {}", file, what)};
}

Result<AuditKey> make_audit_key(const std::string& file) {
  std::array<uint8_t, secret_bytes> random{};
  if (::getentropy(random.data(), random.size()) != 0) return failure(about(file, std::strerror(errno)));
  std::string text;
  for (const auto byte : random) text.append({digits[byte >> 4], digits[byte & 15]});
  text += '\n';
  // Whole or not at all, also where two begin at once: the first one's is everybody's.
  auto made = file + ".XXXXXX";
  const int fd = ::mkostemp(made.data(), O_CLOEXEC);  // its owner's alone
  if (fd < 0) return failure(about(file, std::strerror(errno)));
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const int why = errno;
  ::close(fd);
  const bool linked = written && (::link(made.c_str(), file.c_str()) == 0 || errno == EEXIST);
  const int why_not = written ? errno : why;
  ::unlink(made.c_str());
  if (!linked) return failure(about(file, std::strerror(why_not)));
  return read_audit_key(file);
}

}  // namespace

int64_t AuditKey::mark() const {
  const auto digest = sha256({reinterpret_cast<const char*>(secret.data()), secret.size()});
  int64_t mark = 0;
  for (int i = 0; i < 7; ++i) mark = mark << 8 | digest[static_cast<std::size_t>(i)];
  return mark;
}

bool is_audited(const Entry& entry) {
  if (!entry.classes.empty()) return true;
  for (const auto& attempt : entry.attempts) {
    if (!is_local(attempt.zone) && was_sent(attempt)) return true;
  }
  return false;
}

AuditRow audit_row(const Entry& entry) {
  AuditRow row{.request = entry.id,
               .time_us = entry.time_us,
               .caller = entry.caller,
               .key_id = entry.key_id,
               .route = entry.route,
               .classes = entry.classes,
               .redacted = entry.redacted,
               .left = {},
               .left_redacted = {},
               .outcome = entry.outcome,
               .reason = entry.reason};
  for (const auto& attempt : entry.attempts) {
    if (is_local(attempt.zone) || !was_sent(attempt)) continue;
    add_zone(attempt.redacted ? row.left_redacted : row.left, attempt.zone);
  }
  return row;
}

std::string canonical(const AuditRow& row) {
  std::string out;
  append(out, row.time_us);
  for (const std::string_view text : {row.request, row.caller, row.key_id, row.route, row.classes, row.redacted,
                                      row.left, row.left_redacted, row.outcome, row.reason}) {
    append(out, text);
  }
  return out;
}

AuditDigest sha256(std::string_view text) {
  AuditDigest out{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_sha256(), nullptr);
  return out;
}

AuditDigest chained(const AuditKey& key, const AuditDigest& previous, int64_t number, const AuditDigest& digest) {
  std::string text;
  append(text, previous);
  append(text, number);
  append(text, digest);
  return hmac(key, text);
}

AuditDigest sealed_head(const AuditKey& key, int64_t number, const AuditDigest& mac) {
  std::string text = "head";
  append(text, number);
  append(text, mac);
  return hmac(key, text);
}

AuditDigest sealed(const AuditKey& key, std::string_view text) { return hmac(key, text); }

Result<AuditKey> read_audit_key(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    auto error = about(file, std::strerror(errno));
    if (errno == ENOENT) error.code = ErrorCode::not_found;
    return failure(std::move(error));
  }
  std::array<char, 2 * secret_bytes + 2> text{};
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  std::string_view hex(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (hex.ends_with('\n')) hex.remove_suffix(1);
  if (hex.size() != 2 * secret_bytes || hex.find_first_not_of(digits) != std::string_view::npos) {
    return failure(about(file, "64 hexadecimal digits should stand in it; put its copy back"));
  }
  AuditKey key;
  for (std::size_t i = 0; i < secret_bytes; ++i) {
    key.secret[i] = static_cast<uint8_t>(digits.find(hex[2 * i]) * 16 + digits.find(hex[2 * i + 1]));
  }
  return key;
}

Result<AuditKey> keep_audit_key(const std::string& file) {
  auto key = read_audit_key(file);
  if (key || key.error().code != ErrorCode::not_found) return key;
  return make_audit_key(file);
}

}  // namespace weir
