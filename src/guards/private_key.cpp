// Private keys as files hold them: PEM (RFC 7468), OpenSSH, PGP (RFC 4880), PuTTY. The block's head is enough to know
// one; the finding is the whole block. Public keys and certificates are not meant.

#include "guards/characters.h"
#include "guards/guard.h"
#include "guards/key_marks.h"

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
    if (sighting.word != 0)
      return out.add_whole("private_key", class_secret, sighting.at, sighting.end, Confidence::high, &block_end);
    // `-----BEGIN RSA PRIVATE KEY-----`; dashes may be escaped or fewer where the text was pasted badly.
    if (sighting.at < 2 || text[sighting.at - 1] != '-' || text[sighting.at - 2] != '-') return;
    const std::string_view head = text.substr(sighting.end, 48);
    const std::string_view label = head.substr(0, head.find('-'));
    const std::size_t key = label.find("PRIVATE KEY");
    if (key == std::string_view::npos) return;
    out.add_whole("private_key", class_secret, sighting.at, sighting.end + label.size(), Confidence::high, &block_end);
  }

 private:
  // Past the block's own end, or past its lines where that is missing.
  static std::size_t block_end(std::string_view text, std::size_t at) {
    constexpr std::string_view last = "-----END";
    const std::size_t foot = text.find(last, at);
    if (foot != std::string_view::npos) {
      std::size_t end = foot + last.size();
      while (end < text.size() && (is_alnum(text[end]) || text[end] == ' ')) ++end;
      while (end < text.size() && text[end] == '-') ++end;
      return end;
    }
    constexpr std::size_t shortest_line = 16;
    std::size_t end = at;
    for (std::size_t next = at;;) {
      while (next < text.size() && (is_space(text[next]) || text[next] == '-')) ++next;
      if (text.substr(next, 1) == "\\" && next + 1 < text.size()) {  // `\n`
        next += 2;
        continue;
      }
      const std::size_t begin = next;
      while (next < text.size() && in_body(text[next], Body::base64)) ++next;
      if (next - begin < shortest_line) return end;
      end = next;
    }
  }

  static constexpr std::string_view words[] = {
      "BEGIN", "PuTTY-User-Key-File-", "AGE-SECRET-KEY-1",
      "b3BlbnNzaC1rZXktdjE",  // `openssh-key-v1` in base64: a block without its head
  };
};

}  // namespace

std::unique_ptr<Guard> make_private_key_guard(const GuardSettings&) { return std::make_unique<PrivateKey>(); }

}  // namespace weir
