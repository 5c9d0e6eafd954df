// Secrets by the places that they stand in: command lines, files of systems and tools, connection strings, hashes; and
// what public scanners of repositories know by the name of a service. Made here, so that none takes this file for a
// leak.
#include <map>
#include <random>

#include "guards/guard.h"
#include "support/random_keys.h"

namespace weir {
namespace {

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

// Whether a finding of a secret covers what stands in the place of `@`.
bool covers(std::string_view form, std::string_view value, std::string& seen) {
  const std::size_t at = form.find('@');
  const std::string text = std::string(form.substr(0, at)) + std::string(value) + std::string(form.substr(at + 1));
  bool found = false;
  seen = text + ", found:";
  for (const Finding& finding : all_guards().inspect(text)) {
    seen += fmt::format(" {}", finding.what);
    found = found || ((finding.classes & class_secret) != 0 && finding.begin <= at && finding.end >= at + value.size());
  }
  return found;
}

constexpr std::string_view places[] = {
    "curl -u admin:@ https://x.example",
    "curl --user admin:@ https://x.example",
    "wget --user=joe --password=@ https://x.example/f",
    "localhost:5432:db:joe:@",
    "machine example.com login joe password @",
    "Server=db.example.com;Database=shop;User Id=sa;Password=@;",
    "jdbc:sqlserver://db.example.com:1433;databaseName=shop;user=sa;password=@",
    "jdbc:oracle:thin:scott/@ ",
    "jdbc:mysql://db.example.com/shop?user=root&password=@",
    "sqlplus scott/@\x40orcl",
    "docker login -u joe -p @ registry.example.com",
    "helm registry login -u joe -p @ reg",
    "az login -u joe -p @",
    "sshpass -p @ ssh root",
    "mysql -uroot -p@ shop",
    "mysqldump -u root -p@ shop > x.sql",
    "export PGPASSWORD=@",
    "MYSQL_PWD=@ mysql",
    "redis-cli -h cache -a @ ping",
    "requirepass @",
    "smbclient //server/share -U joe%@",
    "ldapsearch -x -D cn=admin -w @ -b dc=x",
    "xfreerdp /u:joe /p:@ /v:host",
    "plink -pw @ root",
    "unzip -P @ x.zip",
    "openssl enc -k @ -in x",
    "openssl rsa -passin pass:@ -in k",
    "net use Z: \\\\server\\share /user:DOMAIN\\joe @",
    "net user joe @ /add",
    "echo '@' | sudo -S apt update",
    "echo \"joe:@\" | chpasswd",
    "kubectl create secret generic db --from-literal=password=@",
    "DB_PASSWORD=@",
    "spring.datasource.password=@",
    "ansible_become_pass=@",
    "variable \"db_password\" {\n  default = \"@\"\n}",
    "CREATE USER joe IDENTIFIED BY '@';",
    "ALTER ROLE joe PASSWORD '@'",
    "psk=\"@\"",
    "wpa_passphrase MyNet @",
    "<password>@</password>",
};

TEST(secret_forms, passwords_are_found_where_tools_take_them) {
  for (const std::string_view place : places) {
    if (place.starts_with("jdbc:oracle")) continue;  // its `@` follows the password
    std::string seen;
    EXPECT_TRUE(covers(place, "Tr0ub4dor3x", seen)) << seen;
  }
}

TEST(secret_forms, placeholders_in_these_places_are_none) {
  for (const std::string_view place : places) {
    for (const std::string_view value : {"$PASSWORD", "<password>", "${DB_PASS}", "****"}) {
      std::string seen;
      EXPECT_FALSE(covers(place, value, seen)) << seen;
    }
  }
}

constexpr std::string_view crypt_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./";

TEST(secret_forms, hashes_of_passwords_are_found) {
  constexpr uint32_t times = 200;
  std::map<std::string, std::size_t> missed;  // by scheme
  for (uint32_t seed = 0; seed < times; ++seed) {
    const std::string hash = random_of(crypt_letters, 86, seed);
    const std::string values[] = {
        "$6$" + hash.substr(0, 8) + "$" + hash,
        "$5$" + hash.substr(0, 8) + "$" + hash.substr(0, 43),
        "$y$j9T$" + hash.substr(0, 22) + "$" + hash.substr(0, 43),
        "$2y$10$" + hash.substr(0, 53),
        "$argon2id$v=19$m=65536,t=3,p=4$" + hash.substr(0, 16) + "$" + hash.substr(0, 43),
        "pbkdf2_sha256$600000$" + hash.substr(0, 12) + "$" + hash.substr(0, 43) + "=",
    };
    for (const std::string& value : values) {
      for (const std::string_view place : {"root:@:19000:0:99999:7:::", "hash: @", "\"@\","}) {
        std::string seen;
        if (!covers(place, value, seen)) ++missed[value.substr(0, 3)];
      }
    }
  }
  // A short hash may be parted by `.` and `/` so often that no piece of it is long.
  constexpr std::size_t one_percent = times * 3 / 100;
  for (const auto& [scheme, count] : missed)
    EXPECT_LE(count, scheme == "$5$" ? 4 * one_percent : one_percent) << scheme;
}

// Paths and prices have `$` and `/` too.
TEST(secret_forms, of_shells_and_paths_are_no_hashes) {
  for (const std::string_view text : {"$HOME/.config/application/settings/default_configuration",
                                      "cost $6$ and /usr/share/applications/someprogramname",
                                      "echo $1$2 | tee /var/log/averyverylongfilenameindeed.log",
                                      "$(dirname $0)/../node_modules/.bin/somebinaryname"}) {
    EXPECT_EQ(all_guards().inspect(text).size(), 0U) << text;
  }
}

// Services whose keys have no mark of their own.
TEST(secret_forms, keys_are_found_by_the_name_of_their_service) {
  constexpr std::string_view services[] = {
      "ADAFRUIT",    "ALGOLIA",   "ASANA",     "BEAMER",  "BITBUCKET",  "BITTREX",   "CLOUDFLARE", "CODECOV",
      "COHERE",      "COINBASE",  "CONFLUENT", "DATADOG", "DISCORD",    "DRONECI",   "ETSY",       "FACEBOOK",
      "FASTLY",      "FINICITY",  "FINNHUB",   "FLICKR",  "FRESHBOOKS", "GITTER",    "GOCARDLESS", "HEROKU",
      "INTERCOM",    "JFROG",     "KRAKEN",    "KUCOIN",  "LINKEDIN",   "MAILCHIMP", "MATTERMOST", "MESSAGEBIRD",
      "NETLIFY",     "NYTIMES",   "OKTA",      "PLAID",   "RAPIDAPI",   "SENDBIRD",  "SENTRY",     "SNYK",
      "SQUARESPACE", "SUMOLOGIC", "TRAVIS",    "TWITCH",  "TWITTER",    "YANDEX",    "ZENDESK"};
  std::size_t all = 0;
  std::size_t found = 0;
  for (const std::string_view service : services) {
    for (uint32_t seed = 0; seed < 20; ++seed) {
      const std::string value = random_of("abcdefghijklmnopqrstuvwxyz0123456789", 32, seed);
      for (const std::string_view form : {"{}_API_KEY=@", "{}_token = \"@\"", "\"{}\": \"@\"", "{}: @"}) {
        std::string seen;
        ++all;
        found += covers(fmt::format(fmt::runtime(form), service), value, seen) ? 1 : 0;
      }
    }
  }
  EXPECT_GE(found * 100, all * 99) << found << " of " << all;
}

}  // namespace
}  // namespace weir
