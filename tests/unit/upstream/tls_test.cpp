// Providers over https: whose certificate is believed, and that nothing is said to the others.
#include "support/certificates.h"
#include "support/gateway.h"

namespace weir::test {
namespace {

struct Https : testing::Test {
  Gateway gateway;
  Authority authority;
  ScriptedUpstream& server = gateway.upstream("server", ScriptedUpstream::Over::tcp);

  // Serves with `files` at https://HOST and asks once, with `more` members in the provider.
  Served ask(const CertificateFiles& files, const std::string& host, const std::string& more) {
    gateway.clock.patience_ms = 3'000;  // the resolver has a thread of its own
    auto tls = net::TlsServer::load(files.certificate, files.key);
    EXPECT_TRUE(tls) << (tls ? "" : tls.error().message);
    server.use_tls(*tls, host);
    server.from_now_on(completion("Over TLS."));
    gateway.serve(fmt::format(R"(
providers:
  - {{id: one, kind: openai_compatible, url: "@server", zone: cloud, api_key: secret-key, retries: 0, {}}}
models:
  - {{id: a, provider: one, name: name-a}}
)",
                              more));
    return gateway.ask(chat("a"));
  }
  std::string trusted() const { return fmt::format("ca_file: {}", authority.file()); }
  // Nothing was sent, and the caller reads why.
  void expect_refused(const Served& served, std::string_view why) {
    EXPECT_EQ(served.answer.status, 502);
    EXPECT_EQ(served.entry.outcome, "upstream_unreachable");
    EXPECT_NE(served.entry.attempts.at(0).message.find(why), std::string::npos) << served.entry.attempts.at(0).message;
    EXPECT_TRUE(server.asked.empty()) << "not a byte of a request goes to a server that is not believed";
  }
};

TEST_F(Https, a_name_that_the_certificate_has_is_served) {
  const auto served = ask(authority.sign("DNS:localhost"), "localhost", trusted());
  EXPECT_EQ(served.answer.status, 200) << served.answer.body;
  EXPECT_TRUE(served.answer.has("Over TLS."));
  ASSERT_EQ(server.asked.size(), 1U);
  EXPECT_NE(server.asked[0].head.find("secret-key"), std::string::npos);
}

TEST_F(Https, an_address_that_the_certificate_has_is_served) {
  EXPECT_EQ(ask(authority.sign("IP:127.0.0.1"), "127.0.0.1", trusted()).answer.status, 200);
}

TEST_F(Https, a_certificate_for_another_name_is_refused) {
  expect_refused(ask(authority.sign("DNS:api.example.com"), "localhost", trusted()), "hostname mismatch");
}

TEST_F(Https, a_certificate_for_another_address_is_refused) {
  expect_refused(ask(authority.sign("IP:127.0.0.2"), "127.0.0.1", trusted()), "IP address mismatch");
}

TEST_F(Https, a_name_in_the_certificate_says_nothing_about_an_address) {
  expect_refused(ask(authority.sign("DNS:localhost"), "127.0.0.1", trusted()), "IP address mismatch");
}

TEST_F(Https, an_expired_certificate_is_refused) {
  expect_refused(ask(authority.sign("DNS:localhost", -1), "localhost", trusted()), "expired");
}

TEST_F(Https, a_certificate_of_an_unknown_authority_is_refused) {
  const Authority other;
  expect_refused(ask(other.sign("DNS:localhost"), "localhost", trusted()), "certificate");
}

TEST_F(Https, without_a_file_of_authorities_the_systems_count) {
  expect_refused(ask(authority.sign("DNS:localhost"), "localhost", "tls_verify: true"), "certificate");
}

TEST_F(Https, verification_can_be_switched_off_by_name) {
  EXPECT_EQ(ask(authority.sign("DNS:another.example", -1), "localhost", "tls_verify: false").answer.status, 200);
}

TEST_F(Https, trust_given_to_one_provider_is_not_given_to_the_next) {
  EXPECT_EQ(ask(authority.sign("DNS:localhost"), "localhost", "tls_verify: false").answer.status, 200);
  gateway.worker->pool.clear();
  server.asked.clear();
  expect_refused(ask(authority.sign("DNS:localhost"), "localhost", "tls_verify: true"), "certificate");
}

TEST_F(Https, a_server_that_does_not_speak_tls_is_refused_and_a_silent_one_in_time) {
  gateway.serve(fmt::format(R"(
providers:
  - {{id: one, kind: openai_compatible, url: "https://127.0.0.1:{}", zone: cloud, api_key: k, retries: 0,
     timeouts: {{connect: 700ms}}}}
models:
  - {{id: a, provider: one, name: name-a}}
)",
                            server.url().substr(server.url().rfind(':') + 1)));
  gateway.clock.patience_ms = 20;
  const auto served = gateway.ask(chat("a"));  // it waits for a request that never comes
  EXPECT_EQ(served.answer.status, 502);
  EXPECT_GE(served.answer.took_ms, 700);
  EXPECT_LE(served.answer.took_ms, 710);
  EXPECT_NE(served.entry.attempts.at(0).message.find("TLS"), std::string::npos) << served.entry.attempts.at(0).message;
}

}  // namespace
}  // namespace weir::test
