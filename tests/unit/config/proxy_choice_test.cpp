// Which proxy the environment names for whom, and how a proxy's URL is read.
#include "config/proxy_choice.h"

#include <gtest/gtest.h>

#include <map>

namespace weir::test {
namespace {

Url url_of(std::string_view text) {
  Url url;
  EXPECT_TRUE(parse_url(text, url)) << text;
  return url;
}

// `HOST:PORT USER:PASSWORD`, or the error.
std::string read(std::string_view text) {
  const auto proxy = parse_proxy(text, "proxy");
  if (!proxy) return "! " + proxy.error().message;
  const std::string scheme = proxy->url.scheme == Url::Scheme::https ? "https " : "";
  return scheme + place_of(*proxy) + (proxy->credentials.empty() ? "" : " " + proxy->credentials);
}

TEST(ProxyUrl, is_read_as_people_write_it) {
  const std::map<std::string_view, std::string_view> known = {
      {"http://proxy.corp:3128", "proxy.corp:3128"},
      {"http://proxy.corp:3128/", "proxy.corp:3128"},
      {"  http://proxy.corp:3128\n", "proxy.corp:3128"},
      {"HTTP://proxy.corp:3128", "proxy.corp:3128"},
      {"proxy.corp:3128", "proxy.corp:3128"},
      {"proxy.corp", "proxy.corp:80"},
      {"https://proxy.corp", "https proxy.corp:443"},
      {"http://[::1]:3128", "[::1]:3128"},
      {"http://10.0.0.1:8080/some/path", "10.0.0.1:8080"},
      {"http://me:pass@proxy.corp:3128", "proxy.corp:3128 me:pass"},
      {"me:pass@proxy.corp:3128", "proxy.corp:3128 me:pass"},
      {"http://me@proxy.corp", "proxy.corp:80 me:"},
      {"http://CORP%5Cme:p%40ss%3aw%2Fo%25rd@proxy.corp:1", "proxy.corp:1 CORP\\me:p@ss:w/o%rd"},
      {"http://me:p@ss@proxy.corp:1", "proxy.corp:1 me:p@ss"},
      {"http://me:a:b@proxy.corp:1", "proxy.corp:1 me:a:b"},
      {"http://:pass@proxy.corp:1", "proxy.corp:1 :pass"},
  };
  for (const auto& [text, meant] : known) EXPECT_EQ(read(text), meant) << text;
}

TEST(ProxyUrl, what_is_none_is_said_without_repeating_it) {
  for (const std::string_view text :
       {"", "  ", "http://", "ftp://proxy.corp:21", "http://proxy.corp:", "http://proxy.corp:0",
        "http://proxy.corp:65536", "http://proxy.corp:http", "http://me:hunter2@", "http://me:hun/ter2@proxy.corp:1",
        "http://me:hunter2%@proxy.corp:1", "http://me:hunter2%zz@proxy.corp:1", "http://a b:1", "http://[::1:3128",
        "http://proxy\r\nX: y:1", "unix:/run/proxy.sock"}) {
    const auto said = read(text);
    EXPECT_TRUE(said.starts_with("! `proxy` ")) << text << " → " << said;
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  }
  for (const std::string_view text : {"socks5://p:1080", "socks5h://p:1080", "SOCKS4://p:1", "socks://p"}) {
    EXPECT_NE(read(text).find("SOCKS"), std::string::npos) << read(text);
  }
}

TEST(NoProxy, names_hosts_domains_addresses_networks_and_ports) {
  struct Case {
    std::string_view list, url;
    bool exempt;
  };
  const Case cases[] = {
      {"*", "https://api.openai.com", true},
      {"", "https://api.openai.com", false},
      {"api.openai.com", "https://api.openai.com", true},
      {"API.OpenAI.com", "https://api.openai.COM", true},
      {"openai.com", "https://api.openai.com", true},
      {".openai.com", "https://api.openai.com", true},
      {".openai.com", "https://openai.com", true},
      {"*.openai.com", "https://api.openai.com", true},
      {"openai.com.", "https://api.openai.com", true},
      {"openai.com", "https://api.openai.com.", true},
      {"openai.com", "https://notopenai.com", false},
      {"penai.com", "https://openai.com", false},
      {"api.openai.com", "https://openai.com", false},
      {"com", "https://api.openai.com", true},
      {"a.example, b.example ,c.example", "https://b.example", true},
      {"a.example b.example", "https://b.example", true},
      {"a.example,,c.example,", "https://b.example", false},
      {"api.example:8443", "https://api.example:8443", true},
      {"api.example:8443", "https://api.example", false},
      {"api.example:443", "https://api.example", true},
      {".example:80", "http://api.example", true},
      {"https://api.example", "https://api.example", true},
      {"10.0.0.5", "http://10.0.0.5:8000", true},
      {"10.0.0.5", "http://10.0.0.50:8000", false},
      {"0.0.5", "http://10.0.0.5:8000", false},
      {"10.0.0.0/8", "http://10.200.3.4", true},
      {"10.0.0.0/8", "http://11.0.0.1", false},
      {"192.168.1.128/25", "http://192.168.1.127", false},
      {"192.168.1.128/25", "http://192.168.1.200", true},
      {"0.0.0.0/0", "http://8.8.8.8", true},
      {"0.0.0.0/0", "http://[2001:db8::1]", false},
      {"10.0.0.0/8", "http://10.example.com", false},
      {"10.0.0.0/33", "http://10.0.0.1", false},
      {"10.0.0.0/x", "http://10.0.0.1", false},
      {"2001:db8::/32", "http://[2001:db8:1::5]", true},
      {"2001:db8::/32", "http://[2001:db9::5]", false},
      {"2001:DB8::5", "http://[2001:db8:0::5]", true},
      {"[2001:db8::5]", "http://[2001:db8::5]:8000", true},
      {"[2001:db8::5]:80", "http://[2001:db8::5]:8000", false},
      {"[2001:db8::5]:8000", "http://[2001:db8::5]:8000", true},
      {"10.0.0.5", "http://[::ffff:10.0.0.5]", true},
      {".", "https://api.example", false},
      {":443", "https://api.example", false},
      {"[", "https://api.example", false},
  };
  for (const auto& one : cases)
    EXPECT_EQ(is_exempt(url_of(one.url), one.list), one.exempt) << one.list << " " << one.url;
}

struct Variables {
  std::map<std::string, std::string, std::less<>> set;

  std::string proxy_for(std::string_view url) const {
    const auto proxy = environment_proxy(url_of(url), [this](std::string_view name) -> std::optional<std::string> {
      const auto found = set.find(name);
      return found == set.end() ? std::nullopt : std::optional(found->second);
    });
    if (!proxy) return "! " + proxy.error().message;
    return *proxy ? place_of(**proxy) + " " + (*proxy)->said_by : "direct";
  }
};

TEST(EnvironmentProxy, goes_by_the_scheme_and_small_letters_win) {
  const Variables all{{{"HTTPS_PROXY", "http://big:1"},
                       {"https_proxy", "http://small:2"},
                       {"HTTP_PROXY", "http://plain:3"},
                       {"ALL_PROXY", "http://any:4"}}};
  EXPECT_EQ(all.proxy_for("https://api.example"), "small:2 https_proxy");
  EXPECT_EQ(all.proxy_for("http://api.example"), "plain:3 HTTP_PROXY");
  const Variables some{{{"HTTP_PROXY", "http://plain:3"}, {"ALL_PROXY", "http://any:4"}, {"https_proxy", ""}}};
  EXPECT_EQ(some.proxy_for("https://api.example"), "any:4 ALL_PROXY");
  EXPECT_EQ(Variables{}.proxy_for("https://api.example"), "direct");
}

TEST(EnvironmentProxy, never_takes_what_is_meant_for_this_machine) {
  const Variables all{{{"ALL_PROXY", "http://any:4"}}};
  for (const std::string_view url :
       {"http://localhost:8000", "http://LOCALHOST.", "http://a.localhost", "http://127.0.0.1", "http://127.9.9.9",
        "http://[::1]:1", "http://0.0.0.0:8000", "http://[::]", "http://[::ffff:127.0.0.1]", "unix:/run/model.sock"}) {
    EXPECT_EQ(all.proxy_for(url), "direct") << url;
  }
  for (const std::string_view url :
       {"http://localhost.example", "http://notlocalhost", "http://128.0.0.1", "http://[::2]"}) {
    EXPECT_EQ(all.proxy_for(url), "any:4 ALL_PROXY") << url;
  }
}

TEST(EnvironmentProxy, heeds_the_exceptions_and_says_what_it_cannot_read) {
  Variables all{{{"ALL_PROXY", "socks5://any:4"}, {"NO_PROXY", "ignored.example"}, {"no_proxy", "api.example"}}};
  EXPECT_EQ(all.proxy_for("https://api.example"), "direct");
  EXPECT_TRUE(all.proxy_for("https://ignored.example").starts_with("! `ALL_PROXY` ")) << all.proxy_for("https://x");
  all.set["HTTPS_PROXY"] = "http://good:1";
  EXPECT_EQ(all.proxy_for("https://other.example"), "good:1 HTTPS_PROXY") << "what is not used may be wrong";
}

}  // namespace
}  // namespace weir::test
