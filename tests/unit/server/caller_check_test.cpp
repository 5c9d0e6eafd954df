#include "server/caller_check.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

const std::vector<std::string> nothing;
const std::vector<std::string> loopback_listen = {"127.0.0.1:4077"};

CallerRules rules_for(Reach reach, const std::vector<std::string>& hosts = nothing,
                      const std::vector<std::string>& origins = nothing) {
  return {.hosts = hosts, .origins = origins, .listen = loopback_listen, .machine = "Workstation", .reach = reach};
}

Status by_host(std::string_view host, const CallerRules& rules) {
  return check_caller({.method = "GET", .host = host}, rules);
}

TEST(caller_check, on_loopback_only_names_of_the_machine_itself_are_answered) {
  const auto rules = rules_for(Reach::loopback);
  for (const auto* good : {"localhost",
                           "localhost:4077",
                           "LOCALHOST:4077",
                           "localhost.",
                           "localhost.:80",
                           "app.localhost",
                           "127.0.0.1",
                           "127.0.0.1:4077",
                           "127.8.9.10",
                           "127.1",
                           "0x7f.1",
                           "2130706433",
                           "[::1]",
                           "[::1]:4077",
                           "[0:0:0:0:0:0:0:1]:1",
                           "[::ffff:127.0.0.1]",
                           "0.0.0.0:4077",
                           "[::]:4077",
                           "workstation:4077",
                           "host.docker.internal:4077",
                           ""}) {
    EXPECT_TRUE(by_host(good, rules)) << good;
  }
  for (const auto* bad :
       {"evil.example", "evil.example:4077", "127.0.0.1.evil.example", "127.0.0.1.nip.io", "localhost.evil.example",
        "notlocalhost", "localhost.evil", "xlocalhost:4077", "10.0.0.5:4077", "8.8.8.8", "[2001:db8::1]:4077",
        "[::ffff:8.8.8.8]", "1.127.0.0", "evil", "workstation.evil.example", "xn--localhost-", "internal"}) {
    const auto refused = by_host(bad, rules);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().status(), 403) << bad;
    EXPECT_NE(refused.error().message.find("server.hosts"), std::string::npos) << bad;
  }
  for (const auto* none : {"user@localhost", "user:pass@127.0.0.1", "localhost:4077@evil.example", "localhost:abc",
                           "::1", "[::1", "[::1]x", "[localhost]", "local host", "localhost/", "localhost,evil.example",
                           ":4077", ".", "localhost:999999"}) {
    const auto refused = by_host(none, rules);
    ASSERT_FALSE(refused) << none;
    EXPECT_EQ(refused.error().status(), 400) << none;
  }
}

TEST(caller_check, names_can_be_added) {
  const std::vector<std::string> hosts = {"AI.example.org", "10.0.0.5", "[fd00::5]"};
  const auto rules = rules_for(Reach::loopback, hosts);
  for (const auto* good : {"ai.example.org", "AI.EXAMPLE.ORG.:443", "10.0.0.5:80", "[fd00::5]:4077", "localhost"})
    EXPECT_TRUE(by_host(good, rules)) << good;
  for (const auto* bad : {"x.ai.example.org", "example.org", "10.0.0.6"}) EXPECT_FALSE(by_host(bad, rules)) << bad;
  const std::vector<std::string> any = {"*"};
  EXPECT_TRUE(by_host("evil.example", rules_for(Reach::loopback, any)));
}

TEST(caller_check, beyond_loopback_addresses_and_names_that_nobody_can_buy_are_answered_too) {
  const auto rules = rules_for(Reach::beyond);
  for (const auto* good : {"10.0.0.5:4077", "8.8.8.8", "[2001:db8::1]", "weir:4077", "gpu1.local", "weir.internal"})
    EXPECT_TRUE(by_host(good, rules)) << good;
  for (const auto* bad : {"evil.example", "10.0.0.5.nip.io", "weir.evil.example:4077"})
    EXPECT_FALSE(by_host(bad, rules)) << bad;
}

TEST(caller_check, a_unix_socket_has_no_name) {
  EXPECT_TRUE(by_host("anything.example", rules_for(Reach::unix_socket)));
}

TEST(caller_check, the_host_of_an_absolute_target_counts_as_much) {
  CallerSigns signs{.method = "GET", .host = "localhost", .target_host = "evil.example"};
  EXPECT_FALSE(check_caller(signs, rules_for(Reach::loopback)));
  signs.target_host = "127.0.0.1:4077";
  EXPECT_TRUE(check_caller(signs, rules_for(Reach::loopback)));
}

struct Asked {
  const char* what;
  CallerSigns signs;
  int status;  // 0: served
};

void expect_all(const std::vector<Asked>& cases, const CallerRules& rules) {
  for (const auto& c : cases) {
    auto signs = c.signs;
    if (signs.host.empty()) signs.host = "localhost:4077";
    const auto checked = check_caller(signs, rules);
    EXPECT_EQ(checked ? 0 : checked.error().status(), c.status) << c.what;
    if (!checked) {
      EXPECT_FALSE(checked.error().message.empty()) << c.what;
    }
  }
}

TEST(caller_check, programs_need_no_header_of_ours) {
  expect_all({{"curl -d", {.method = "POST", .content_type = "application/x-www-form-urlencoded"}, 0},
              {"no content type", {.method = "POST"}, 0},
              {"an SDK", {.method = "POST", .content_type = "application/json"}, 0},
              {"node's fetch", {.method = "POST", .fetch_mode = "cors", .content_type = "text/plain;charset=UTF-8"}, 0},
              {"a program that names its page",
               {.method = "POST", .referer = "https://app.example", .content_type = "application/json"},
               0},
              {"a development proxy",
               {.method = "POST", .origin = "http://localhost:5173", .content_type = "application/json"},
               0},
              {"a typed address", {.method = "GET", .fetch_site = "none", .fetch_mode = "navigate"}, 0},
              {"a followed link", {.method = "GET", .fetch_site = "cross-site", .fetch_mode = "navigate"}, 0},
              {"a page of our own",
               {.method = "POST",
                .origin = "http://localhost:4077",
                .fetch_site = "same-origin",
                .content_type = "application/json; charset=utf-8"},
               0}},
             rules_for(Reach::loopback));
}

TEST(caller_check, pages_of_the_internet_are_refused_whatever_they_send) {
  std::vector<Asked> cases;
  for (const auto* method : {"GET", "POST", "HEAD", "DELETE"}) {
    for (const auto* type : {"", "text/plain", "application/json", "multipart/form-data; boundary=x"}) {
      cases.push_back({"by origin", {.method = method, .origin = "https://evil.example", .content_type = type}, 403});
      cases.push_back({"of no origin", {.method = method, .origin = "null", .content_type = type}, 403});
      cases.push_back({"by port", {.method = method, .origin = "http://evil.example:4077", .content_type = type}, 403});
      cases.push_back(
          {"an extension", {.method = method, .origin = "chrome-extension://abc", .content_type = type}, 403});
      cases.push_back({"by site",
                       {.method = method, .fetch_site = "cross-site", .fetch_mode = "no-cors", .content_type = type},
                       403});
      cases.push_back({"a name like ours",
                       {.method = method, .origin = "http://localhost.evil.example:4077", .content_type = type},
                       403});
    }
  }
  cases.push_back({"a form that is sent by visiting",
                   {.method = "POST", .fetch_site = "cross-site", .fetch_mode = "navigate"},
                   403});
  expect_all(cases, rules_for(Reach::loopback));
  expect_all(cases, rules_for(Reach::unix_socket));
}

TEST(caller_check, a_browser_sends_json_as_json_only) {
  expect_all(
      {{"a form of the same machine",
        {.method = "POST", .origin = "http://localhost:3000", .content_type = "text/plain"},
        415},
       {"by upper case",
        {.method = "POST", .origin = "http://localhost:3000", .content_type = "TEXT/PLAIN ; charset=utf-8"},
        415},
       {"of our own",
        {.method = "POST", .origin = "http://localhost:4077", .content_type = "application/x-www-form-urlencoded"},
        415},
       {"without origin", {.method = "POST", .fetch_site = "same-origin"}, 415},
       {"an old browser's form",
        {.method = "POST", .referer = "https://evil.example/page", .content_type = "text/plain"},
        415},
       {"an old browser's form of ours",
        {.method = "POST", .referer = "http://localhost:4077/", .content_type = "text/plain"},
        0}},
      rules_for(Reach::loopback));
}

TEST(caller_check, listed_origins_may_call) {
  const std::vector<std::string> one = {"https://chat.example.org"};
  expect_all(
      {{"listed",
        {.method = "POST",
         .origin = "https://chat.example.org",
         .fetch_site = "cross-site",
         .content_type = "text/plain"},
        0},
       {"in capitals", {.method = "GET", .origin = "HTTPS://Chat.example.org"}, 0},
       {"another", {.method = "POST", .origin = "https://chat.example.com", .content_type = "application/json"}, 403},
       {"another scheme",
        {.method = "POST", .origin = "http://chat.example.org", .content_type = "application/json"},
        403},
       {"permission asked", {.method = "OPTIONS", .origin = "https://evil.example"}, 0}},
      rules_for(Reach::loopback, nothing, one));
  const std::vector<std::string> any = {"*"};
  expect_all({{"any", {.method = "POST", .origin = "https://evil.example", .content_type = "text/plain"}, 0},
              {"any site", {.method = "GET", .fetch_site = "cross-site"}, 0},
              {"by another name", {.method = "POST", .host = "evil.example", .origin = "https://evil.example"}, 403}},
             rules_for(Reach::loopback, nothing, any));
}

}  // namespace
}  // namespace weir
