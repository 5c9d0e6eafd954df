// Tokens that are made of a Google service account: a JWT whose signature the account's public key confirms.
#include "formats/gemini/service_account.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base64.h"
#include "core/json.h"
#include "formats/format.h"
#include "formats/token_exchange.h"

namespace weir::gemini {
namespace {

struct KeyPair {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  std::string pem;
  KeyPair() {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    pem.assign(data, static_cast<std::size_t>(size));
    BIO_free(bio);
  }
  ~KeyPair() { EVP_PKEY_free(key); }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
};

std::string file_of(std::string_view pem, std::string_view type = "service_account") {
  std::string out;
  json::Writer(out)
      .begin_object()
      .key("type")
      .value(type)
      .key("private_key_id")
      .value("k1")
      .key("private_key")
      .value(pem)
      .key("client_email")
      .value("weir@p.iam.gserviceaccount.com")
      .key("token_uri")
      .value("https://tokens.test/token")
      .end_object();
  return out;
}

std::string decoded(std::string_view part) {
  std::string text(part);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return decode_base64(text).value_or("?");
}

class service_account : public testing::Test {
 protected:
  KeyPair pair_;
};

TEST_F(service_account, signs_a_token_that_its_public_key_confirms) {
  const auto maker = make_token_maker(file_of(pair_.pem));
  ASSERT_TRUE(maker) << maker.error().message;
  const auto token = (*maker)->token(1'700'000'000);
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  ASSERT_LT(first, second);
  EXPECT_EQ(decoded(token.substr(0, first)), R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
  EXPECT_EQ(decoded(token.substr(first + 1, second - first - 1)),
            R"({"iss":"weir@p.iam.gserviceaccount.com","sub":"weir@p.iam.gserviceaccount.com",)"
            R"("scope":"https://www.googleapis.com/auth/cloud-platform","iat":1699999940,"exp":1700003540})");
  const auto signature = decoded(token.substr(second + 1));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, pair_.key);
  EXPECT_EQ(EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                             reinterpret_cast<const unsigned char*>(token.data()), second),
            1);
  EVP_MD_CTX_free(context);
}

TEST_F(service_account, keeps_a_token_while_it_holds_and_makes_another_in_time) {
  const auto maker = *make_token_maker(file_of(pair_.pem));
  EXPECT_EQ(maker->last(), "");
  const auto token = maker->token(1'700'000'000);
  EXPECT_EQ(maker->last(), token);
  EXPECT_EQ(maker->token(1'700'000'000 + 2'900), token);
  EXPECT_NE(maker->token(1'700'000'000 + 3'000), token) << "it ends within ten minutes";
  EXPECT_NE(maker->token(1'699'990'000), token) << "a clock that was put back: it is not valid yet";
}

HttpResponse answered(std::string_view token, int64_t seconds) {
  return {
      .status = 200, .headers = {}, .body = fmt::format(R"({{"access_token":"{}","expires_in":{}}})", token, seconds)};
}

TEST_F(service_account, exchanges_its_token_when_it_is_refused_and_before_the_new_one_ends) {
  constexpr int64_t now = 1'700'000'000;
  const auto maker = *make_token_maker(file_of(pair_.pem));
  const auto& exchange = dynamic_cast<const TokenExchange&>(*maker);
  EXPECT_EQ(exchange.place(), "https://tokens.test/token");
  EXPECT_FALSE(exchange.wants_one(now, false)) << "one of its own is taken by most";
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(exchange.wants_one(now, true)) << "whoever was refused meanwhile";
  const auto own = maker->token(now);
  ASSERT_TRUE(exchange.take(answered("ya29.a", 3'600), now));
  EXPECT_EQ(exchange.exchanged(), 1U);
  EXPECT_EQ(maker->token(now), "ya29.a");
  EXPECT_EQ(maker->last(), "ya29.a");
  EXPECT_FALSE(exchange.wants_one(now + 3'200, false));
  EXPECT_TRUE(exchange.wants_one(now + 3'300, false));
  EXPECT_FALSE(exchange.wants_one(now + 3'300, false)) << "one of those who ask is enough: it still holds";
  EXPECT_TRUE(exchange.wants_one(now + 3'330, false)) << "it got none";
  EXPECT_EQ(maker->token(now + 3'600), maker->token(now + 3'600));
  EXPECT_NE(maker->token(now + 3'600), "ya29.a") << "it has ended";
  EXPECT_TRUE(exchange.wants_one(now + 3'600, true));
}

TEST_F(service_account, that_gets_nothing_or_nothing_that_is_taken_is_not_exchanged_with_each_request) {
  constexpr int64_t now = 1'700'000'000;
  const auto maker = *make_token_maker(file_of(pair_.pem));
  const auto& exchange = dynamic_cast<const TokenExchange&>(*maker);
  const auto own = maker->token(now);
  struct Case {
    HttpResponse answer;
    ErrorCode code;
  };
  const Case cases[] = {
      {{.status = 0}, ErrorCode::upstream_auth},
      {{.status = 400, .body = R"({"error":"invalid_grant","error_description":"no"})"}, ErrorCode::upstream_auth},
      {{.status = 503, .body = "<html>"}, ErrorCode::upstream_server_error},
      {{.status = 429}, ErrorCode::upstream_server_error},
      {{.status = 200, .body = "[]"}, ErrorCode::upstream_malformed},
      {{.status = 200, .body = R"({"access_token":7})"}, ErrorCode::upstream_malformed},
      {answered("", 3'600), ErrorCode::upstream_malformed},
      {answered("a\\r\\nX: y", 3'600), ErrorCode::upstream_malformed},
      {answered("a", 0), ErrorCode::upstream_malformed},
      {answered("a", -5), ErrorCode::upstream_malformed},
      {answered(std::string(20'000, 'a'), 3'600), ErrorCode::upstream_malformed},
  };
  for (const auto& one : cases) {
    const auto taken = exchange.take(one.answer, now);
    ASSERT_FALSE(taken) << one.answer.body;
    EXPECT_EQ(taken.error().code, one.code) << one.answer.body;
    EXPECT_EQ(maker->token(now), own);
    EXPECT_FALSE(exchange.wants_one(now + 10, true));
    EXPECT_TRUE(exchange.wants_one(now + 20, true));
  }
  ASSERT_TRUE(exchange.take(answered("ya29.a", 3'600), now));
  int asked = 0;
  for (int i = 0; i < 100; ++i) asked += exchange.wants_one(now, true) ? 1 : 0;
  EXPECT_EQ(asked, 4) << "whatever it gets is refused";
  EXPECT_TRUE(exchange.wants_one(now + 60, true));
}

TEST_F(service_account, what_is_wrong_with_a_file_is_said_and_never_its_key) {
  struct Case {
    std::string file;
    std::string_view said;
  };
  auto broken = pair_.pem;
  broken[100] = '!';
  const Case cases[] = {
      {"", "no JSON"},
      {"[]", "no object"},
      {file_of(pair_.pem, "authorized_user"), "'authorized_user'"},
      {R"({"type":"service_account","client_email":"a"})", "`private_key`"},
      {file_of(broken), "no RSA key"},
      {file_of("-----BEGIN PRIVATE KEY-----"), "no RSA key"},
  };
  for (const auto& one : cases) {
    const auto maker = make_token_maker(one.file);
    ASSERT_FALSE(maker) << one.file;
    EXPECT_NE(maker.error().message.find(one.said), std::string::npos) << maker.error().message;
    EXPECT_EQ(maker.error().message.find(pair_.pem.substr(40, 30)), std::string::npos);
  }
}

TEST_F(service_account, vertex_is_asked_with_the_token) {
  json::DocumentPool pool;
  ProviderSettings provider{.tokens = *make_token_maker(file_of(pair_.pem))};
  provider.quirks.vertex_ai = true;
  const ModelSettings model{.name = "gemini-3"};
  auto request = client_face("openai").read({.operation = Operation::chat,
                                             .path = "/v1/chat/completions",
                                             .body = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})"},
                                            pool);
  const auto http =
      model_face("gemini").write(*request, {.provider = provider, .model = model, .wall_s = 1'700'000'000}, "");
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->headers.get("authorization"), "Bearer " + provider.tokens->last());
  EXPECT_FALSE(http->headers.has("x-goog-api-key"));
}

}  // namespace
}  // namespace weir::gemini
