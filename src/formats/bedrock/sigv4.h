// AWS Signature Version 4: signs a request with a secret that is not sent. Source: "Create a signed AWS API request" in
// AWS's IAM guide. Services other than S3: each segment of the path is encoded once more for the signature. Pure
// functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/http.h"

namespace weir::bedrock {

// As it stands in a config, `ACCESS_KEY_ID:SECRET[:SESSION_TOKEN]`. Views into that text.
struct AwsCredential {
  std::string_view access_key;
  std::string_view secret;
  std::string_view session_token;  // "" = a credential that lasts
};
// nullopt: the text has no `:`, so it is a bearer token, or a part of it is missing.
[[nodiscard]] std::optional<AwsCredential> aws_credential(std::string_view text);

struct SigningScope {
  std::string_view region;
  std::string_view service;
  int64_t wall_s = 0;  // seconds since the epoch; servers take some minutes to either side of their own clock
};

// Adds X-Amz-Date, X-Amz-Security-Token (where there is one) and Authorization. `host` is the Host header as it will be
// sent; `prefix` is what the client puts before `request.path`. Signed are the host, the content type and all headers
// that begin with x-amz-, as they stand now.
void sign(HttpRequest& request, std::string_view host, std::string_view prefix, const AwsCredential& credential,
          const SigningScope& scope);

// The steps of it, for tests. `payload_hash`: SHA-256 in hex.
[[nodiscard]] std::string canonical_query(std::string_view query);
[[nodiscard]] std::string amz_date(int64_t wall_s);  // `20150830T123600Z`
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace weir::bedrock
