// Private keys as files hold them: PEM (RFC 7468), OpenSSH, PGP (RFC 4880), PuTTY. The block's head is enough; public
// keys and certificates are not meant.
#include <algorithm>

#include "guards/characters.h"
#include "guards/guard.h"

namespace weir {
namespace {

using namespace guards;

class PrivateKey : public Guard {
 public:
  GuardInfo info() const override {
    return {.name = "private_key",
            .description = "private-key blocks: PEM, OpenSSH, PGP, PuTTY, age",
            .classes = class_secret,
            .triggers = {.words = words},
            .kinds = {"private_key"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    const std::string_view text = sighting.text;
    if (sighting.word != 0) return out.add("private_key", class_secret, sighting.at, sighting.end);
    // `-----BEGIN RSA PRIVATE KEY-----`; dashes may be escaped or fewer where the text was pasted badly.
    if (sighting.at < 2 || text[sighting.at - 1] != '-' || text[sighting.at - 2] != '-') return;
    const std::string_view head = text.substr(sighting.end, 48);
    const std::string_view label = head.substr(0, head.find('-'));
    const std::size_t key = label.find("PRIVATE KEY");
    if (key == std::string_view::npos) return;
    out.add("private_key", class_secret, sighting.at, sighting.end + label.size());
  }

 private:
  static constexpr std::string_view words[] = {
      "BEGIN", "PuTTY-User-Key-File-", "AGE-SECRET-KEY-1",
      "b3BlbnNzaC1rZXktdjE",  // `openssh-key-v1` in base64: a block without its head
  };
};

}  // namespace

std::unique_ptr<Guard> make_private_key_guard(const GuardSettings&) { return std::make_unique<PrivateKey>(); }

}  // namespace weir
