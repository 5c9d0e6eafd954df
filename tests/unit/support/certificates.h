// Certificates: an authority of a test's own, and what it signs: right ones, expired ones, for any name.
#pragma once

#include <string>

namespace weir::test {

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  // PEM file with its own certificate.
  [[nodiscard]] const std::string& file() const { return file_; }
  // `name` as in a certificate: `DNS:api.example`, `IP:127.0.0.1`. Valid from yesterday for `days`; negative = it was.
  [[nodiscard]] CertificateFiles sign(const std::string& name, int days = 30) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string file_;
};

}  // namespace weir::test
