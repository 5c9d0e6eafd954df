// Addresses and keys of cryptocurrencies, which carry checksums of 16 bits and more, so that a text that has the right
// one is hardly ever anything else. Read from one run of letters and digits. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "guards/named_number_checks.h"

namespace weir::guards {

struct WalletText {
  enum class Holds : uint8_t { address, key } holds = Holds::address;  // key: who has it owns what is there
  Checked checked = Checked::no_such;
};

// What `run` is. Sources: Base58Check (Bitcoin, Litecoin, Dogecoin, Dash, Tron, Zcash, Tezos …; WIF; BIP-32), with the
// XRP Ledger's own alphabet; Bech32 and Bech32m (BIP-173, BIP-350: Bitcoin, Litecoin, Cosmos, Cardano (CIP-19),
// Lightning (BOLT-11), Nostr); CashAddr; ERC-55 (Ethereum); Monero; Stellar (SEP-23); Algorand; SS58 (Polkadot).
// `form`: an address without a checksum, as Ethereum's in one letter case or Solana's, which says little by itself.
// `wrong`: the form of one that has a checksum, with a wrong one. What is ahead of the run counts where it belongs to
// the value: `bitcoincash:`, `addr_test1…`.
[[nodiscard]] WalletText wallet_text(std::string_view run, std::string_view before);

}  // namespace weir::guards
