#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace weir::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(std::FILE* file) const { std::fclose(file); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

std::string next_path(std::string_view what) {
  static int number = 0;
  return fmt::format("{}weir-{}-{}.{}.pem", testing::TempDir(), ::getpid(), ++number, what);
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  X509_add_ext(certificate, extension.get(), -1);
}

Certificate blank(EVP_PKEY* key, const std::string& common_name, int days) {
  static long serial = 0;
  constexpr long day = 24 * 60 * 60;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), days < 0 ? 10 * days * day : -day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * day);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return certificate;
}

template <typename Write>
std::string write(std::string_view what, Write into) {
  const auto path = next_path(what);
  const std::unique_ptr<std::FILE, Free> file(std::fopen(path.c_str(), "w"));
  into(file.get());
  return path;
}

std::string write(X509* certificate) {
  return write("certificate", [&](std::FILE* file) { PEM_write_X509(file, certificate); });
}

}  // namespace

struct Authority::Parts {
  Key key;
  Certificate certificate;
};

Authority::Authority() : parts_(std::make_unique<Parts>()) {
  parts_->key.reset(EVP_EC_gen("P-256"));
  parts_->certificate = blank(parts_->key.get(), "An authority for tests", 3'650);
  auto* const self = parts_->certificate.get();
  X509_set_issuer_name(self, X509_get_subject_name(self));
  extend(self, self, NID_basic_constraints, "critical,CA:TRUE");
  extend(self, self, NID_key_usage, "critical,keyCertSign");
  X509_sign(self, parts_->key.get(), EVP_sha256());
  file_ = write(self);
}

Authority::~Authority() = default;

CertificateFiles Authority::sign(const std::string& name, int days) const {
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = blank(key.get(), "A server for tests", days);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(parts_->certificate.get()));
  extend(certificate.get(), parts_->certificate.get(), NID_subject_alt_name, name);
  X509_sign(certificate.get(), parts_->key.get(), EVP_sha256());
  return {.certificate = write(certificate.get()), .key = write("key", [&](std::FILE* file) {
                                                     PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr,
                                                                          nullptr);
                                                   })};
}

}  // namespace weir::test
