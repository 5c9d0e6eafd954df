// What is wrong with a config is said with its place and its mend. Each case is a config and all that is said of it.
#include <gtest/gtest.h>

#include <set>

#include "config/yaml.h"
#include "formats/presets.h"
#include "loading.h"

namespace weir::test {
namespace {

struct Case {
  const char* name;
  std::string text;
  std::string problems;  // as problems_of; compared as a whole
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

// A valid frame around the lines of interest, which begin at line 1.
std::string with_rest(std::string_view head) {
  return std::string(head) +
         "providers: [{kind: ollama}]\nmodels: [{id: m, provider: ollama, name: llama3}]\nroutes: [{name: r, rules: "
         "[{use: [m]}]}]\n";
}
std::string provider_with(std::string_view lines) {
  return "providers:\n  - kind: vllm\n" + std::string(lines) +
         "models: [{id: m, provider: vllm, name: x}]\nroutes: [{name: r, rules: [{use: [m]}]}]\n";
}
std::string rules_with(std::string_view lines) {
  return "providers: [{kind: ollama}]\nmodels: [{id: small, provider: ollama, name: llama3}]\nroutes:\n  - name: r\n   "
         " rules:\n" +
         std::string(lines);
}

std::string kinds() {
  std::string out;
  for (const auto& preset : presets()) out += (out.empty() ? "" : ", ") + std::string(preset.kind);
  return out;
}

const std::string sections = "server, limits, responses, guards, providers, models, routes, experiments";

class Problems : public ::testing::TestWithParam<Case> {};

TEST_P(Problems, are_said_with_place_and_mend) {
  World world;
  world.variables = {{"NUMBER", "seven"}, {"EMPTY", ""}, {"BROKEN_KEY", "sk-abc\n"}};
  EXPECT_EQ(problems_of(world.load(GetParam().text)), GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    shape, Problems,
    ::testing::Values(
        Case{"unknown_key", with_rest("serve: {}\n"),
             "1:1 unknown key `serve` | did you mean `server`? Keys here: " + sections + "\n"},
        Case{"unknown_key_far_from_all", with_rest("zebra: {}\n"),
             "1:1 unknown key `zebra` | Keys here: " + sections + "\n"},
        Case{"empty_file", "",
             "0:0 a config is a map, and this is nothing | begin with `providers:`; `weir examples` has complete "
             "ones\n"},
        Case{
            "a_list", "- a\n",
            "1:1 a config is a map, and this is a list | begin with `providers:`; `weir examples` has complete ones\n"},
        Case{"no_providers", "server: {}\n",
             "1:1 `providers` is missing | add providers: [{id: openai, kind: openai}]\n"},
        Case{"list_for_map", with_rest("server: [a]\n"),
             "1:9 `server` must be a map of keys and values, not a list | write key: value lines below it, or {key: "
             "value}\n"},
        Case{"map_for_list", "providers: {kind: ollama}\n",
             "1:12 `providers` must be a list, not a map | begin each entry with `- `, or write [a, b]\n"},
        Case{"text_for_entry", "providers: [ollama]\n",
             "1:13 `providers` must be a map of keys and values, not text | write key: value lines below it, or {key: "
             "value}\n"},
        Case{"empty_value", with_rest("server:\n"),
             "1:1 `server` has no value | give it one, as in server: {listen: [127.0.0.1:4077]}, or remove the key\n"},
        Case{"given_twice", with_rest("server: {drain: 1s, drain: 2s}\n"),
             "1:21 `drain` is given twice; first at line 1 | keep one of them\n"},
        Case{"given_in_both_units", with_rest("server: {drain: 1s, drain_ms: 2}\n"),
             "1:31 `drain_ms` and `drain` are the same setting | keep one of them\n"},
        Case{"duration_without_unit", with_rest("server: {drain: 30}\n"),
             "1:17 `drain` needs a unit: `30` | write 30ms or 30s, or drain_ms: 30\n"},
        Case{"duration_of_another_kind", with_rest("server: {drain: soon}\n"),
             "1:17 `drain` must be a duration, not `soon` | write drain: 30s; the units are ms, s, m, h and d\n"},
        Case{"ms_that_is_none", with_rest("server: {drain_ms: 1.5}\n"),
             "1:20 `drain_ms` must be a whole number of milliseconds, not `1.5` | write a number, or with a unit: "
             "drain: 30s\n"},
        Case{"size", with_rest("limits: {body: 1 cow}\n"),
             "1:16 `body` must be a size, not `1 cow` | write body: 64MiB; the units are KiB, MiB, GiB, KB, MB and "
             "GB\n"},
        Case{"integer_out_of_range", with_rest("server: {threads: -1}\n"),
             "1:19 `threads` must be a whole number from 0 to 1024, not `-1` | write threads: 4\n"},
        Case{"flag", with_rest("server: {allow_keyless: yes}\n"),
             "1:25 `allow_keyless` must be true or false, not `yes` | write true or false\n"},
        Case{"choice", with_rest("server: {log: {format: jsn}}\n"),
             "1:24 `format` cannot be `jsn` | did you mean `json`? It can be text, json\n"},
        Case{"variable_that_is_no_number", with_rest("server: {threads: \"${NUMBER}\"}\n"),
             "1:19 `threads` must be a whole number from 0 to 1024, not `${NUMBER}` | write threads: 4\n"},
        Case{"two_things_wrong", with_rest("server: {drain: 1, threads: x}\n"),
             "1:17 `drain` needs a unit: `1` | write 1ms or 1s, or drain_ms: 1\n"
             "1:29 `threads` must be a whole number from 0 to 1024, not `x` | write threads: 4\n"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    server, Problems,
    ::testing::Values(
        Case{"listen", with_rest("server: {listen: localhost}\n"),
             "1:18 `listen` needs an address and a port | write 127.0.0.1:4077, [::1]:4077 or unix:/run/weir.sock\n"},
        Case{"listen_port", with_rest("server: {listen: ['a:70000']}\n"),
             "1:19 `listen` needs an address and a port | write 127.0.0.1:4077, [::1]:4077 or unix:/run/weir.sock\n"},
        Case{"tls_half", with_rest("server:\n  tls: {certificate: c.pem}\n"),
             "2:8 `key` is missing | add key: key.pem\n"
             "2:22 the file of `certificate` cannot be read | check that it is there (paths are relative to the "
             "config) and that the "
             "user who runs Weir may read it\n"},
        Case{"cors", with_rest("server: {cors: [example.org]}\n"),
             "1:17 `cors` needs an origin | write https://chat.example.org, without a path, or '*' for any\n"},
        Case{"word_class", with_rest("guards: {words: [{class: project, words: [a]}]}\n"),
             "1:26 this is no class, or one too many (64 there are) | use personal, financial, health, secret, "
             "special, identity, or "
             "custom:NAME with "
             "small letters, digits, _ and -\n"},
        Case{"no_words", with_rest("guards: {words: [{class: health}]}\n"),
             "1:18 a word list without words | give `words: [one, two words]` or `file: words.txt`\n"},
        Case{"word_file", with_rest("guards: {words: [{class: health, file: gone.txt}]}\n"),
             "1:40 the word file cannot be read | check that it is there: paths are relative to the config\n"},
        Case{"exception_kind", with_rest("guards: {exceptions: [{kind: emial}]}\n"),
             "1:30 guards find nothing that is called `emial` | did you mean `email`?\n"},
        Case{"exception_domain", with_rest("guards: {exceptions: [{kind: phone, domain: acme.io}]}\n"),
             "1:45 only mail addresses have a `domain` | use `kind: email`, or give a `value`\n"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    providers, Problems,
    ::testing::Values(
        Case{"no_url",
             "providers: [{kind: openai_compatible}]\nmodels: [{provider: openai_compatible, name: x, prices: {input: "
             "1, output: 1}}]\n",
             "1:13 `url` is missing: the kind `openai_compatible` has no usual address | add url: http://host:port\n"},
        Case{"url", provider_with("    url: gpu1\n"),
             "3:10 `url` is no address | write http://host:port, https://host or unix:/path; credentials go into "
             "`api_key`\n"},
        Case{"query_of_blanks", provider_with("    url: \"http://10.0.0.1?a=b c\"\n"),
             "3:10 `url` has a query that cannot be sent | only kinds of OpenAI's format take one, without blanks: "
             "https://host/path?api-version=2024-10-21\n"},
        Case{"zone", provider_with("    zone: moon\n"),
             "3:11 `zone` must be local or cloud, with a region where there is one | write local, cloud or cloud:eu\n"},
        Case{"local_kind_at_a_public_address", provider_with("    url: https://gpu.example.com\n"),
             "2:5 `vllm` is of a kind that is usually local, but its address may be anybody's: its zone must be said | "
             "add zone: local "
             "if the machine is yours, else zone: cloud\n"},
        Case{"missing_variable", provider_with("    api_key: ${NOT_SET}\n"),
             "3:14 `api_key` needs the environment variable NOT_SET, which is not set | set it before Weir starts, or "
             "write "
             "${NOT_SET:-otherwise}\n"},
        Case{"broken_variable", provider_with("    api_key: \"${NOT SET}\"\n"),
             "3:14 `api_key`: `${NOT SET}` is no variable | write ${NAME} or ${NAME:-otherwise}; $$ for a plain $\n"},
        Case{"key_with_line_break", provider_with("    api_key: ${BROKEN_KEY}\n"),
             "3:14 the credential holds a space, a line break or another byte that no header may have | check for a "
             "line break at its end\n"},
        Case{"key_in_the_file", provider_with("    api_key: sk-very-secret\n"),
             "w 3:14 the credential itself is in the file | write api_key: ${VLLM_API_KEY} and set that variable\n"},
        Case{
            "no_key", "providers: [{kind: openai}]\nmodels: [{provider: openai, name: gpt-4o}]\n",
            "1:13 `openai` has no credential: OPENAI_API_KEY is not set | set it before Weir starts, or write api_key: "
            "${ANOTHER_NAME}; api_key: '' if it needs none\n"},
        Case{"unencrypted",
             provider_with(
                 "    url: http://gpu.example.com\n    zone: cloud\n    api_key: ${NUMBER}\n    cost_per_hour: 1\n"),
             "w 2:5 `vllm`: the credential and all that is asked travel unencrypted | use https://\n"},
        Case{"unchecked", provider_with("    tls_verify: false\n"),
             "w 2:5 `vllm`: its certificate is not checked: whoever is in between can read what is sent | give its "
             "authority with "
             "`ca_file` instead\n"},
        Case{
            "key_without_certificate", provider_with("    client_key: own.key\n"),
            "3:17 `client_key` needs `client_certificate` | add client_certificate: FILE with the certificate that the "
            "key belongs to\n"},
        Case{"certificate_that_is_not_there",
             provider_with("    url: https://gpu.local\n    client_certificate: own.pem\n"),
             "4:25 the file of `client_certificate` cannot be read | check that it is there (paths are relative to the "
             "config) and that the user who runs Weir may read it\n"},
        Case{"server_name", provider_with("    url: https://gpu.local\n    tls_server_name: https://other\n"),
             "4:22 `tls_server_name` is no name of a host | write api.example.com, without scheme, port or path\n"},
        Case{"proxy_that_is_none", provider_with("    proxy: \"http://\"\n"),
             "3:12 `proxy` is no proxy's URL: write http://host:port, with USER:PASSWORD@ before the host where it "
             "wants "
             "them; in them, `/`, `@` and `:` are written %2F, %40 and %3A | or write proxy: none to reach it "
             "directly\n"},
        Case{"socks", provider_with("    proxy: \"socks5://proxy:1080\"\n"),
             "3:12 `proxy` names a SOCKS proxy, which Weir does not speak: name an HTTP proxy, http://host:port | or "
             "write proxy: none to reach it directly\n"},
        Case{"empty_proxy", provider_with("    proxy: ''\n"),
             "3:12 `proxy` is empty: write http://host:port, with USER:PASSWORD@ before the host where it wants them | "
             "or write proxy: none to reach it directly\n"},
        Case{"password_in_the_file",
             provider_with("    url: https://gpu.local\n    proxy: \"http://me:hunter2@proxy.corp:1\"\n"),
             "w 4:12 the proxy's password itself is in the file | write proxy: ${NAME} and set that variable\n"},
        Case{"plain_through_a_proxy", provider_with("    proxy: proxy.corp:3128\n"),
             "w 2:5 `vllm` is asked unencrypted through the proxy proxy.corp:3128, which can read what is asked and "
             "answered | write proxy: none, or serve it over https://\n"},
        Case{"framing_header", provider_with("    headers: {Content-Length: 3}\n"),
             "3:31 `Content-Length` is set by Weir itself | remove it\n"},
        Case{"broken_header", provider_with("    headers: {X: \"a\\r\\nHost: b\"}\n"),
             "3:18 a header that HTTP does not allow | names have no spaces or colons, values no line breaks\n"},
        Case{"duplicate_id", provider_with("  - {id: vllm, kind: ollama}\n"),
             "3:10 `vllm` already names a provider, at line 2 | give one of them another name\n"},
        Case{"id_with_slash", provider_with("  - {id: a/b, kind: ollama}\n"),
             "3:10 the id of a provider has no `/` | `PROVIDER/NAME` names a model\n"},
        Case{"health_path", provider_with("    health_path: health\n"),
             "3:18 `health_path` must begin with `/` | write health_path: /health\n"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    models, Problems,
    ::testing::Values(
        Case{"dangling_provider",
             "providers: [{kind: ollama}]\nmodels: [{id: m, provider: olama, name: x}]\nroutes: [{name: r, rules: "
             "[{use: [m]}]}]\n",
             "2:28 there is no provider of that id | did you mean `ollama`?\n"},
        Case{"duplicate",
             "providers: [{kind: ollama}]\nmodels: [{provider: ollama, name: x}, {id: x, provider: ollama, name: y}]\n",
             "2:44 `x` already names a route or model, at line 2 | give one of them another name\n"},
        Case{"unknown_kind_and_provider",
             "providers: [{id: a, kind: vlm}]\nmodels: [{id: m, provider: zz, name: x}]\nroutes: [{name: r, rules: "
             "[{use: "
             "[m]}]}]\n",
             "1:27 `kind` cannot be `vlm` | did you mean `vllm`? It can be " + kinds() +
                 "\n2:28 there is no provider of that id | add it under `providers`; there are: a\n"},
        Case{"same_name_as_a_route",
             "providers: [{kind: ollama}]\nmodels: [{id: m, provider: ollama, name: x}]\nroutes: [{name: m, rules: "
             "[{use: [m]}]}]\n",
             "3:17 `m` already names a route or model, at line 2 | give one of them another name\n"},
        Case{"bad_id", "providers: [{kind: ollama}]\nmodels: [{id: a b, provider: ollama, name: x}]\nroutes: []\n",
             "2:15 this cannot name a route or model | use letters, digits and . _ : / @ + -, a letter or digit first, "
             "at most 128\n"},
        Case{"half_prices", "providers: [{kind: ollama}]\nmodels: [{provider: ollama, name: x, prices: {input: 1}}]\n",
             "2:46 `output` is missing | add output: 10\n"},
        Case{"negative_price",
             "providers: [{kind: ollama}]\nmodels: [{provider: ollama, name: x, prices: {input: -1, output: 2}}]\n",
             "2:54 `input` must be an amount of dollars, not `-1` | write input: 2.50\n"},
        Case{"serves_nothing", "providers: [{kind: ollama}]\nmodels: [{provider: ollama, name: x, chat: false}]\n",
             "2:10 `x` serves nothing | set chat: true, embeddings: true or `serves`\n"},
        Case{"no_price_known",
             "providers: [{kind: openai_compatible, url: 'https://a.example'}]\nmodels: [{id: x, provider: "
             "openai_compatible, name: x}]\n",
             "w 2:10 no price is known of `x`: its cost will be counted as unknown | add prices: {input: 2.5, output: "
             "10}, in dollars per "
             "million tokens\n"},
        Case{"provider_never_asked", "providers: [{kind: openai, api_key: \"${NUMBER}\"}]\n",
             "w 1:13 no model of `openai` is listed: it will never be asked | add one under `models`, or set discover: "
             "true\n"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    routes, Problems,
    ::testing::Values(
        Case{"dangling_use", rules_with("      - use: [smal]\n"),
             "6:15 `use` names a model that does not exist | did you mean `small`?\n"},
        Case{"use_by_the_providers_name", rules_with("      - use: [llama3]\n"),
             "6:15 `use` names a model that does not exist | its id is `small`\n"},
        Case{"dangling_baseline", rules_with("      - use: [small]\n    baseline: x\n"),
             "7:15 `baseline` names a model that does not exist | there are: small\n"},
        Case{"twice_in_use", rules_with("      - use: [small, small]\n"),
             "6:22 `small` is named twice in one `use` | keep the first\n"},
        Case{"does_nothing", rules_with("      - when: {stream: true}\n      - use: [small]\n"),
             "6:9 a rule that does nothing | give it `zones` to narrow, or `use` to name models\n"},
        Case{"not_supported_key", rules_with("      - {use: [small], mirror: {to: large}}\n"),
             "6:24 unknown key `mirror` | Keys here: when, zones, redact, block, use, spill, escalate, objective, "
             "share\n"},
        Case{
            "not_supported_condition",
            rules_with("      - {when: {weather: [rain]}, use: [small]}\n      - use: [small]\n"),
            "6:17 unknown key `weather` | Keys here: sensitive, confidence, callers, tags, models, task, difficulty, "
            "tokens_above, tokens_below, has_tools, has_images, has_files, has_audio, stream, budget_left, operations\n"
            "w 7:9 this `use` is never reached: rule 1 always holds and names models | put it above that rule, or "
            "remove it\n"},
        Case{"unknown_class",
             rules_with("      - {when: {sensitive: [persnal]}, zones: [local]}\n      - use: [small]\n"),
             "6:29 this is no sensitivity class | did you mean `personal`? There are personal, financial, health, "
             "secret, special, identity, unreadable, any, and your "
             "own custom:NAME (64 in all)\n"},
        Case{"class_that_nothing_finds",
             rules_with("      - {when: {sensitive: 'custom:x'}, zones: [local]}\n      - use: [small]\n"),
             "w 6:28 nothing here finds the class `custom:x`: it holds only when a caller declares it | add words for "
             "it under guards.words\n"},
        Case{"misspelt_custom_class",
             "guards: {words: [{class: 'custom:project', words: [a]}]}\n" +
                 rules_with("      - {when: {sensitive: ['custom:projct']}, zones: [local]}\n      - use: [small]\n"),
             "w 7:29 nothing here finds the class `custom:projct`: it holds only when a caller declares it | add words "
             "for it "
             "under guards.words, or did you mean `custom:project`?\n"},
        Case{"zone_in_rule", rules_with("      - {zones: [here]}\n      - use: [small]\n"),
             "6:18 this is no zone | write local, cloud or cloud:eu\n"},
        Case{"empty_zones", rules_with("      - {zones: []}\n      - use: [small]\n"),
             "6:17 `zones` is empty | name at least one, or remove the key\n"},
        Case{"empty_condition", rules_with("      - {when: {sensitive: []}, zones: [local]}\n      - use: [small]\n"),
             "6:28 `sensitive` is empty | name at least one, or remove the key\n"},
        Case{"unknown_name_in_condition",
             rules_with("      - {when: {models: [q]}, use: [small]}\n      - use: [small]\n"),
             "6:26 there is no route or model of that name | there are: r, small\n"},
        Case{"operation", rules_with("      - {when: {operations: [chatt]}, use: [small]}\n      - use: [small]\n"),
             "6:30 `operations` cannot be `chatt` | did you mean `chat`? It can be chat, completion, embedding\n"
             "w 7:9 this `use` is never reached: rule 1 always holds and names models | put it above that rule, or "
             "remove it\n"},
        Case{"spill_alone", rules_with("      - {zones: [local], spill: {queue: 1s}}\n      - use: [small]\n"),
             "6:33 `spill` without `use` | it says when to go on to the next model of the same rule's `use`\n"},
        Case{"no_rules", "providers: [{kind: ollama}]\nroutes: [{name: r, rules: []}]\n",
             "2:27 a route without rules leads nowhere | add a rule: - {use: [model]}\n"},
        Case{"no_last_rule", rules_with("      - {when: {stream: true}, use: [small]}\n"),
             "w 4:5 `r`: a request for which no rule with `use` holds is refused | end the rules with one that always "
             "holds: - {use: [model]}\n"},
        Case{"zones_without_models",
             rules_with("      - {when: {tags: [x]}, zones: ['cloud:eu']}\n      - use: [small]\n"),
             "w 6:9 no model that `r` uses is in these zones: requests for which this rule holds are refused | add one "
             "to a `use` of the "
             "route, if that is not meant\n"},
        Case{"policy", rules_with("      - use: [small]\n    policy: rulez\n"),
             "7:13 `policy` cannot be `rulez` | did you mean `rules`? It can be rules, balanced\n"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    yaml, Problems,
    ::testing::Values(
        Case{"broken", "providers: [a\n",
             "2:1 this is not YAML: end of sequence flow not found | check the indentation, the colons and the quotes "
             "here and on the line above\n"},
        Case{"tab", "server:\n\tdrain: 1s\n",
             "2:7 this is not YAML: illegal map value | indent with spaces: there is a tab at the beginning of this "
             "line\n"},
        Case{"bare_variable", "providers:\n  - {id: p, kind: openai, api_key: ${K}}\n",
             "2:37 this is not YAML: end of map flow not found | within {...} a variable needs quotes, because its own "
             "braces end the map: write \"${NAME}\"\n"},
        Case{"unknown_alias", "providers: *x\n",
             "1:12 this is not YAML: the referenced anchor is not defined | check the indentation, the colons and the "
             "quotes here and on the line above\n"},
        Case{"tag", "providers: !!binary aGk=\n",
             "1:12 a tag, which a config cannot have | remove it; quote the value if it must be text\n"},
        Case{"key_that_is_a_list", "? [a]\n: b\n", "1:3 a key that is not text | write keys as plain words\n"},
        Case{"merge_key", "x: &a {b: c}\nserver: {<<: *a}\n",
             "1:1 `providers` is missing | add providers: [{id: openai, kind: openai}]\n"
             "1:1 unknown key `x` | Keys here: " +
                 sections +
                 "\n"
                 "2:10 unknown key `<<` | Keys here: listen, socket_mode, tls, cors, hosts, metrics, drain, threads, "
                 "allow_keyless, core_dumps, log\n"},
        Case{"two_documents", "server: {}\n---\nserver: {}\n",
             "3:1 a second document | a config is one document: remove the `---` line\n"},
        Case{"zero_byte", std::string("a: \0b\n", 6),
             "0:0 there is a zero byte at offset 3 | save the file as UTF-8 text\n"}),
    [](const auto& row) { return row.param.name; });

TEST(problems, of_a_bomb_of_aliases_are_reported_at_once) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'z'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += std::string(i == 0 ? "*" : ", *") + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  const auto loaded = World{}.load(bomb);
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].message, "too many values, or aliases that multiply");
}

TEST(problems, of_an_alias_within_itself_are_reported) {
  EXPECT_EQ(problems_of(World{}.load("providers: &a [*a]\n")),
            "1:16 an alias to a place that contains it | write the value out\n");
}

TEST(problems, of_deep_nests_and_huge_files_are_reported) {
  const auto loaded = World{}.load("server: " + std::string(50, '[') + std::string(50, ']') + "\n");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].message, "nested too deeply");
  EXPECT_FALSE(World{}.load(std::string(100'000, '[')).usable());
  const auto huge = World{}.load(std::string(yaml::max_bytes + 1, ' '));
  ASSERT_EQ(huge.problems.size(), 1U);
  EXPECT_NE(huge.problems[0].message.find("bytes"), std::string::npos);
}

TEST(problems, stop_at_a_number_that_somebody_can_read) {
  std::string text = "server:\n";
  for (int i = 0; i < 1000; ++i) text += "  key" + std::to_string(i) + ": 1\n";
  EXPECT_LE(World{}.load(text).problems.size(), 101U);
}

TEST(problems, never_show_a_credential) {
  World world;
  world.variables = {{"OPENAI_API_KEY", "sk-SECRET one"}, {"N", "SECRET"}};
  const auto loaded = world.load(
      "server: {threads: \"${N}\", drain: \"${N}\"}\n"
      "providers:\n"
      "  - {kind: openai, api_key: [sk-SECRET]}\n"
      "  - {kind: openai, id: b, api_key: sk-SECRET}\n"
      "  - {kind: openai, id: c, url: 'http://user:SECRET@'}\n"
      "  - {kind: openai, id: d, headers: {Authorization: \"SECRET\\n\"}}\n");
  ASSERT_GE(loaded.problems.size(), 6U);
  EXPECT_EQ(render_problems(loaded.problems, loaded.text).find("SECRET"), std::string::npos)
      << render_problems(loaded.problems, loaded.text);
}

TEST(problems, are_printed_as_compilers_do) {
  const auto loaded = World{}.load(with_rest("server: {drane: 1s}\n"));
  EXPECT_EQ(render_problems(loaded.problems, loaded.text),
            "etc/weir.yaml:1:10: error: unknown key `drane`\n"
            "     1 | server: {drane: 1s}\n"
            "       |          ^\n"
            "    mend: did you mean `drain`? Keys here: listen, socket_mode, tls, cors, hosts, metrics, drain, "
            "threads, allow_keyless, core_dumps, log\n");
}

TEST(problems, of_a_file_that_is_not_there) {
  const auto loaded = load_config("etc/gone.yaml", World{}.surroundings());
  EXPECT_FALSE(loaded.usable());
  EXPECT_EQ(
      render_problems(loaded.problems),
      "etc/gone.yaml: error: cannot be read\n    mend: check the path and that the user who runs Weir may read it\n");
}

}  // namespace
}  // namespace weir::test
