// What opens a wallet of a cryptocurrency: seed phrases (BIP-39: twelve and more words of one list in a row), private
// keys by their checksums, and those of 64 hexadecimal digits that are named as such. Also wallets' addresses, by their
// checksums, or by a name where they have none.
#include <array>
#include <bitset>
#include <cstdint>

#include "guards/characters.h"
#include "guards/context.h"
#include "guards/guard.h"
#include "guards/listed.h"
#include "guards/naming.h"
#include "guards/seed_words.h"
#include "guards/wallet_checks.h"

namespace weir {
namespace {

using namespace guards;

constexpr std::string_view key_words[] = {"private key", "private_key", "privatekey", "privkey",
                                          "priv_key",    "secret key",  "wallet key", "wallet",
                                          "ethereum",    "metamask",    "signer",     "deployer"};
constexpr std::size_t named_outright = 7;  // of these

constexpr std::string_view phrase_words[] = {
    "seed phrase",    "mnemonic",    "recovery phrase", "secret phrase", "backup phrase",           "seed words",
    "recovery words", "seed_phrase", "seedphrase",      "frase semilla", "wiederherstellungsphrase"};

// Of what people make up, a word that comes twice: no sentence has it.
constexpr std::string_view doubled_words[] = {"abandon abandon", "zoo zoo"};

constexpr WordSet wallet_names =
    "wallet|wallets|bitcoin|btc|xbt|ethereum|eth|crypto|usdt|usdc|tether|litecoin|ltc|dogecoin|doge|tron|trx|monero|"
    "xmr|"
    "ripple|xrp|solana|sol|phantom|cardano|ada|stellar|xlm|polkadot|dot|algorand|algo|metamask|ledger|trezor|tezos|xtz|"
    "zcash|zec|dash|bnb|binance|polygon|matic|avax|bch|coinbase|cartera|monedero|portefeuille|portafoglio|carteira|"
    "portfel|cüzdan|кошелёк|кошелек|кошелька|биткоин|kryptowährung|krypto|nano|kaspa|near|sui|aptos|ton";

constexpr WordSet key_names = "private|secret|key|keypair|privkey|priv|sk";

// The words of seed phrases. Of 2,048 there are no longer ones than fit into a number, and of the words that a text has
// nearly all are told by one bit that they are none.
class SeedList {
 public:
  static constexpr std::size_t longest = sizeof(uint64_t);

  void add(std::string_view word) {
    const uint64_t packed = pack(word);
    filter_.set(slot(packed, filter_bits));
    std::size_t at = slot(packed, table_bits);
    while (table_[at] != 0) at = (at + 1) % table_.size();
    table_[at] = packed;
  }

  // In whatever case; letters of ASCII only.
  [[nodiscard]] bool has(std::string_view word) const {
    if (word.size() < 3 || word.size() > longest) return false;
    const uint64_t packed = pack(word);
    if (!filter_.test(slot(packed, filter_bits))) return false;
    std::size_t at = slot(packed, table_bits);
    while (table_[at] != 0 && table_[at] != packed) at = (at + 1) % table_.size();
    return table_[at] == packed;
  }

 private:
  static constexpr unsigned filter_bits = 14;
  static constexpr unsigned table_bits = 12;  // half of it stays empty

  static uint64_t pack(std::string_view word) {
    uint64_t packed = 0;
    for (const char letter : word) packed = packed << 8U | static_cast<unsigned char>(letter | 0x20);
    return packed;
  }
  static std::size_t slot(uint64_t packed, unsigned bits) { return (packed * 0x9E3779B97F4A7C15U) >> (64U - bits); }

  std::bitset<std::size_t{1} << filter_bits> filter_;
  std::array<uint64_t, std::size_t{1} << table_bits> table_{};
};

class WalletKey : public Guard {
 public:
  WalletKey() {
    words_.insert(words_.end(), std::begin(key_words), std::end(key_words));
    words_.insert(words_.end(), std::begin(phrase_words), std::end(phrase_words));
    words_.insert(words_.end(), std::begin(doubled_words), std::end(doubled_words));
    const SeedWords seeds = seed_words();
    each_listed(
        seeds.rare,
        [this](std::string_view word) {
          words_.push_back(word);
          list_.add(word);
        },
        ' ');
    each_listed(
        seeds.others, [this](std::string_view word) { list_.add(word); }, ' ');
  }

  GuardInfo info() const override {
    return {.name = "wallet_key",
            .description = "seed phrases, private keys and addresses of wallets, by their checksums or names",
            .classes = class_secret | class_financial | class_personal,
            .triggers = {.words = words_, .run = shortest_address},
            .kinds = {"seed_phrase", "wallet_key", "crypto_address"},
            .names = {"wallet", "bitcoin", "ethereum"}};
  }

  void inspect(const Sighting& sighting, Findings& out) const override {
    if (sighting.word == Sighting::of_run) return inspect_run(sighting, out);
    if (sighting.word < std::size(key_words)) return inspect_key(sighting, out);
    if (sighting.word >= std::size(key_words) + std::size(phrase_words)) {
      inspect_phrase(sighting.text, sighting.at, word_end(sighting.text, sighting.at), out);
      return;
    }
    // `my seed phrase is: …`: words of the list may stand anywhere behind.
    std::size_t at = sighting.end;
    for (int passed = 0; passed < 12 && at < sighting.text.size(); ++passed) {
      while (at < sighting.text.size() && !is_alpha(sighting.text[at])) ++at;
      const std::size_t end = word_end(sighting.text, at);
      if (inspect_phrase(sighting.text, at, end, out)) return;
      at = end;
    }
  }

 private:
  static constexpr std::size_t fewest = 12;
  static constexpr std::size_t key_digits = 64;
  static constexpr std::size_t shortest_address = 25;

  static void inspect_run(const Sighting& sighting, Findings& out) {
    const std::string_view text = sighting.text;
    const std::string_view run = text.substr(sighting.at, sighting.end - sighting.at);
    const WalletText found = wallet_text(run, text.substr(0, sighting.at));
    if (found.checked == Checked::no_such) return;
    constexpr std::size_t near = 48;
    const bool ethereum = starts_folded(run, "0x");
    Confidence confidence = Confidence::high;
    if (found.checked == Checked::form) {
      const bool named = word_before(text, sighting.at, near, wallet_names) ||
                         word_after(text, sighting.end, near / 2, wallet_names) ||
                         asked_for(text, sighting.at, wallet_names);
      if (!named && !ethereum) return;
      if (found.holds == WalletText::Holds::key && !word_before(text, sighting.at, near, key_names)) return;
      confidence = Confidence::medium;
    } else if (found.checked == Checked::wrong) {
      if (!is_named(text, sighting.at, sighting.end, wallet_names)) return;
      confidence = Confidence::low;
    }
    if (found.holds == WalletText::Holds::key)
      return out.add("wallet_key", class_secret, sighting.at, sighting.end, confidence);
    out.add("crypto_address", class_financial | class_personal, sighting.at, sighting.end, confidence);
  }

  static std::size_t word_end(std::string_view text, std::size_t at) {
    while (at < text.size() && is_alpha(text[at])) ++at;
    return at;
  }

  // Between the words of a phrase: spaces, commas, line breaks, also numbers (`2. ability`).
  static bool parts_words(char c) {
    return is_space(c) || is_digit(c) || is_mark(c) ||
           std::string_view(",.;)-:\"'\\[]|").find(c) != std::string_view::npos;
  }

  bool inspect_phrase(std::string_view text, std::size_t at, std::size_t end, Findings& out) const {
    constexpr std::size_t widest_gap = 8;
    if (!list_.has(text.substr(at, word_end(text, end) - at))) return false;
    end = word_end(text, end);
    std::size_t count = 1;
    std::size_t begin = at;
    while (count < 2 * fewest) {
      std::size_t place = begin;
      while (place > 0 && begin - place < widest_gap && parts_words(text[place - 1])) --place;
      std::size_t word = place;
      while (word > 0 && place - word <= SeedList::longest && is_alpha(text[word - 1])) --word;
      if (place == begin || !list_.has(text.substr(word, place - word))) break;
      begin = word;
      ++count;
    }
    while (count < 2 * fewest) {
      std::size_t place = end;
      while (place < text.size() && place - end < widest_gap && parts_words(text[place])) ++place;
      const std::size_t next = word_end(text, place);
      if (place == end || !list_.has(text.substr(place, next - place))) break;
      end = next;
      ++count;
    }
    if (count < fewest) return false;
    out.add("seed_phrase", class_secret, begin, end);
    return true;
  }

  static void inspect_key(const Sighting& sighting, Findings& out) {
    static constexpr WordSet naming = "private|secret|priv|key|privkey|pk";
    static constexpr WordSet others = "hash|tx|txn|transaction|block|txhash|sha256|digest|checksum|commit|public";
    const std::string_view text = sighting.text.substr(0, sighting.end + 160);
    for (std::size_t at = sighting.end; at + key_digits <= text.size();) {
      if (!is_hex(text[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text.size() && is_hex(text[end])) ++end;
      const std::size_t before = at > 1 && to_lower(text[at - 1]) == 'x' && text[at - 2] == '0' ? at - 2 : at;
      const bool alone = !glued_before(text, before) && !glued_after(text, end);
      if (end - at == key_digits && alone) {
        if (word_before(text, before, 40, others)) return;
        if (sighting.word >= named_outright && !word_before(text, before, 48, naming)) return;
        return out.add("wallet_key", class_secret, before, end);
      }
      at = end;
    }
  }

  std::vector<std::string_view> words_;
  SeedList list_;
};

}  // namespace

std::unique_ptr<Guard> make_wallet_key_guard(const GuardSettings&) { return std::make_unique<WalletKey>(); }

}  // namespace weir
