// Signature Version 4 against signatures that others made.
#include "formats/bedrock/sigv4.h"

#include <gtest/gtest.h>

namespace weir::bedrock {
namespace {

constexpr std::string_view example_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

// The example that AWS's documents go through step by step: a list of IAM's users.
TEST(sigv4, makes_the_signature_of_the_documented_example) {
  HttpRequest request{.method = "GET", .path = "/?Version=2010-05-08&Action=ListUsers"};
  request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  sign(request, "iam.amazonaws.com", "", {"AKIDEXAMPLE", example_secret, ""}, {"us-east-1", "iam", 1'440'938'160});
  EXPECT_EQ(request.headers.get("X-Amz-Date"), "20150830T123600Z");
  EXPECT_EQ(request.headers.get("Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  EXPECT_FALSE(request.headers.has("X-Amz-Security-Token"));
}

struct Signed {
  std::string_view what, host, prefix, path, body, key, secret, token, region;
  int64_t wall_s;
  std::string_view date, names, signature;
};

// Signatures made by @smithy/signature-v4 and, the same, by aws4.
const std::array by_others{
    Signed{"a model with a colon in its name", "bedrock-runtime.us-east-1.amazonaws.com", "",
           "/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse", R"({"messages":[]})", "AKIDEXAMPLE",
           example_secret, "", "us-east-1", 1'700'000'000, "20231114T221320Z", "content-type;host;x-amz-date",
           "0ad88e4abe4e64d4819960b6dade4f9f5bde0d8f9c793485f4568bb67ca74b65"},
    Signed{"an inference profile by its ARN, a credential for some hours, the last second of a year",
           "bedrock-runtime.eu-central-1.amazonaws.com", "",
           "/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Aapplication-inference-profile%2Fab12/"
           "converse-stream",
           R"({"messages":[{"role":"user","content":[{"text":"grüß dich"}]}]})", "ASIAEXAMPLE", "abc/def+ghi",
           "FwoGZXIvYXdzEXAMPLE//token+==", "eu-central-1", 1'735'689'599, "20241231T235959Z",
           "content-type;host;x-amz-date;x-amz-security-token",
           "19bfd186a063165625ba89238de92fde945abbb76b8cd95564b8371f5580907f"},
    Signed{"the epoch, a port, a path before the path, and a query out of order", "localhost:8443", "/prefix",
           "/model/m/converse?b=2&a=x%20y&a=1&c", "", "AKIDEXAMPLE", "s", "", "us-west-2", 0, "19700101T000000Z",
           "content-type;host;x-amz-date", "4ea69b3bfc40eb3a833916a5095f77d7ea1d8db991e588726ef04f78c249d713"},
};

TEST(sigv4, agrees_with_other_implementations) {
  for (const auto& one : by_others) {
    HttpRequest request{.method = "POST", .path = std::string(one.path)};
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Accept", "application/json");  // not signed
    request.body = one.body;
    sign(request, one.host, one.prefix, {one.key, one.secret, one.token}, {one.region, "bedrock", one.wall_s});
    EXPECT_EQ(request.headers.get("X-Amz-Date"), one.date) << one.what;
    EXPECT_EQ(request.headers.get("X-Amz-Security-Token"), one.token) << one.what;
    std::string expected("AWS4-HMAC-SHA256 Credential=");
    expected.append(one.key).append("/").append(one.date.substr(0, 8)).append("/").append(one.region);
    expected.append("/bedrock/aws4_request, SignedHeaders=").append(one.names).append(", Signature=");
    EXPECT_EQ(request.headers.get("Authorization"), expected.append(one.signature)) << one.what;
  }
}

TEST(sigv4, signs_anew_without_leaving_the_old_signature) {
  HttpRequest request{.path = "/model/m/converse"};
  const AwsCredential credential{"A", "s", "t"};
  sign(request, "h", "", credential, {"us-east-1", "bedrock", 100});
  auto again = request;
  sign(again, "h", "", credential, {"us-east-1", "bedrock", 100});
  EXPECT_EQ(again.headers.all().size(), request.headers.all().size());
  EXPECT_EQ(again.headers.get("Authorization"), request.headers.get("Authorization"));
  sign(again, "h", "", credential, {"us-east-1", "bedrock", 101});
  EXPECT_NE(again.headers.get("Authorization"), request.headers.get("Authorization"));
}

TEST(sigv4, all_headers_of_amazons_are_signed) {
  HttpRequest request;
  request.path = "/";
  request.headers.add("X-Amzn-Bedrock-Trace", "ENABLED");
  request.headers.add("X-Amz-Meta", "  a   b ");
  request.headers.add("x-amz-meta", "c");
  sign(request, "h", "", {"A", "s", ""}, {"us-east-1", "bedrock", 0});
  EXPECT_NE(request.headers.get("Authorization").find("SignedHeaders=host;x-amz-date;x-amz-meta,"), std::string::npos)
      << request.headers.get("Authorization");
}

TEST(sigv4, a_credential_is_two_or_three_parts) {
  const auto two = aws_credential("AKID:secret/+=");
  ASSERT_TRUE(two);
  EXPECT_EQ(two->access_key, "AKID");
  EXPECT_EQ(two->secret, "secret/+=");
  EXPECT_EQ(two->session_token, "");
  const auto three = aws_credential("AKID:secret:token:with:colons");
  ASSERT_TRUE(three);
  EXPECT_EQ(three->secret, "secret");
  EXPECT_EQ(three->session_token, "token:with:colons");
  for (const std::string_view none : {"", "bedrock-api-key-abc", ":", "AKID:", ":secret", "AKID::token"}) {
    EXPECT_FALSE(aws_credential(none)) << none;
  }
}

TEST(sigv4, dates_hold_over_leap_years_and_ends_of_months) {
  for (const auto& [wall_s, date] : std::initializer_list<std::pair<int64_t, std::string_view>>{
           {0, "19700101T000000Z"},
           {951'782'400, "20000229T000000Z"},
           {951'868'799, "20000229T235959Z"},
           {951'868'800, "20000301T000000Z"},
           {1'709'164'800, "20240229T000000Z"},
           {1'798'761'599, "20261231T235959Z"},
           {4'107'542'400, "21000301T000000Z"},  // no leap year
           {-1, "19691231T235959Z"},
       }) {
    EXPECT_EQ(amz_date(wall_s), date);
  }
}

TEST(sigv4, queries_are_sorted_and_encoded_once) {
  for (const auto& [query, canonical] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"", ""},
           {"b=2&a=1", "a=1&b=2"},
           {"a=2&a=1&a", "a=&a=1&a=2"},
           {"&&a=b=c&", "a=b%3Dc"},
           {"k=%7e%2F+ü", "k=~%2F%2B%C3%BC"},
           {"k=%zz%", "k=%25zz%25"},
       }) {
    EXPECT_EQ(canonical_query(query), canonical) << query;
  }
}

}  // namespace
}  // namespace weir::bedrock
