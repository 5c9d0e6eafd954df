#include "admission/key_hash.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace weir {

void KeyHasher::Free::operator()(evp_md_st* digest) const { EVP_MD_free(digest); }
void KeyHasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

KeyHasher::KeyHasher() : digest_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  if (!digest_ || !context_) throw std::runtime_error("OpenSSL has no SHA-256: its providers are not configured");
}

KeyHash KeyHasher::hash(std::string_view secret) {
  KeyHash hash{};
  const bool done = EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) == 1 &&
                    EVP_DigestUpdate(context_.get(), secret.data(), secret.size()) == 1 &&
                    EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1;
  // Cannot fail for memory of ours; if it ever did, an all-zero hash is no key's.
  return done ? hash : KeyHash{};
}

}  // namespace weir
