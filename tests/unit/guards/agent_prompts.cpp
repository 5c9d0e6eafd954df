// What coding agents send with every request, before anybody has typed a word: environment, rules for commits, tools.
// It says nothing about a person, and no guard may find anything in it.
#include "core/json.h"
#include "guards/guard.h"

namespace weir {
namespace {

std::string found_in_body(const std::string& body) {
  static const GuardSet guards{GuardSettings{}};
  json::Document document;
  EXPECT_TRUE(document.parse(body)) << body;
  document.survey();
  GuardSet::Reading reading(guards, document.texts(), document.text_kinds());
  reading.locate();
  while (!reading.advance(1 << 20)) {
  }
  std::string found;
  for (const Located& one : reading.located()) {
    found += fmt::format(" {}@{} [{}]", one.what, json::path_of_text(document, one.text),
                         document.texts()[one.text].substr(0, 100));
  }
  return found;
}

constexpr std::string_view system_prompts[] = {
    R"TEXT(You are an interactive CLI agent that helps users with software engineering tasks.

IMPORTANT: Assist with defensive security tasks only. Never generate or guess URLs unless you are confident that they help the
user with programming. Do not use the phone or call anybody; you may only use the tools below.

# Committing changes with git
1. Run git status, git diff and git log in parallel.
2. Analyze all staged changes and draft a commit message that focuses on the "why".
3. Create the commit with a message ending with:

   Co-Authored-By: Claude <noreply@anthropic.com>

git commit -m "$(cat <<'EOF'
   Commit message here.

   Generated with an agent

   Co-Authored-By: Claude <noreply@anthropic.com>
   EOF
   )"

- NEVER update the git config, NEVER commit secrets (.env, credentials.json, id_rsa, tokens, passwords).
- Set `PASSWORD=$DB_PASSWORD` and `api_key: ${API_KEY}`; never print the value of a token or a private key.

<env>
Working directory: /home/dev/projects/orders-api
Is directory a git repo: Yes
Platform: linux
OS Version: Linux 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)
Today's date: 2026-11-23
Shell: bash 5.2.15(1)-release
Node: v20.18.1, npm 10.8.2, Python 3.11.2, gcc 12.2.0, openssl 3.0.15, nginx 1.22.1.0
</env>
You are powered by the model named Sonnet 5. The exact model ID is claude-sonnet-5-20260929. Knowledge cutoff: 2026-03.

gitStatus: Current branch: main
Status:
M src/app.ts
?? src/new_file.ts

Recent commits:
9fceb02 Fix flaky test in the session store (#1234)
a716446 Bump vite from 5.4.10.2 to 5.4.11.0
d41d8cd Merge pull request #4567 from org/release-2026.11
)TEXT",
    R"TEXT(You are Codex, a coding agent running in a terminal. Sandbox: workspace-write. Network access: restricted.
Approval policy: on-request. Do not contact link-local or metadata addresses (169.254.169.254, fd00:ec2::254, fe80::1), nor
multicast (224.0.0.251, 239.255.255.250, ff02::fb) or loopback (127.0.0.1, ::1) unless the user asks.
Allowed hosts: packages.example.org, mirror.example.net, github.com. Blocked networks: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10,
fc00::/7. Documentation examples use 192.0.2.1, 198.51.100.7, 203.0.113.42 and 2001:db8::1.

Commit trailers:
Co-authored-by: codex-bot <199175422+codex-bot@users.noreply.github.com>
Signed-off-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>
Reported by: GitLab <no-reply@gitlab.com>, mailer-daemon@mail.acme.io, donotreply@acme.io

cwd: /Users/dev/src/app   model: gpt-5.6-terra   rollout: 2026-11-23T10:15:30.123Z
Timestamps: 1763892930 1763892930123, build 20261123, mobile 20261123 build, ISO 2026-11-23 10:15:30
)TEXT",
    R"TEXT(You are Aider, an expert software developer. Always use best practices when coding.
Take requests for changes to the supplied code. Every *SEARCH/REPLACE block* must use this format:

app/login.py
```python
<<<<<<< SEARCH
def login(user, password):
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return check_password(user.password_hash, password) and token
=======
def login(user: User, password: str) -> Session:
    session_id = secrets.token_urlsafe(32)
    return Session(id=session_id, user=user, ip=request.remote_addr)
>>>>>>> REPLACE
```

Repository map:
src/net/tls.cpp:120:14: error: expected ';'
src/net/http.cpp:1288:9: note: candidate function
docker-compose.yml: image: postgres:16.4.1, ports: 127.0.0.1:5432:5432, "0.0.0.0:8080:80"
CI: ubuntu-24.04, chrome/131.0.6778.85, Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36
foo-1.2.3.4.jar, torch 2.1.0.1, firmware 2.4.6.8, kernel 5.15.0.91, Edg/120.0.2210.91
)TEXT",
    R"TEXT(You are Cline, a highly skilled software engineer. Tools: execute_command, read_file, write_to_file, browser_action.

# browser_action
- url: the URL to visit, e.g. http://localhost:3000/index.html, file:///path/to/file.html
- coordinate: e.g. 450,300. The viewport is 900x600.

SYSTEM INFORMATION
Operating System: macOS 15.1.1 (24B91)
Default Shell: /bin/zsh
Home Directory: /Users/dev
Current Working Directory: /Users/dev/project

# Current Time
11/23/2026, 10:15:30 AM (Europe/Berlin, UTC+1:00)

# Context Window Usage
12,345 / 200,000 tokens used (6%)

A user may ask for a form with fields for name, e-mail, phone, date of birth, social security number and credit card; write the
code, never invent values. Call the tool once per message. Each tool call needs an ID. Do not call 1000000 times.
)TEXT",
    R"TEXT(You are Gemini CLI, an interactive CLI agent. Core mandates: conventions, libraries, style.
# Outside of Sandbox
You are running outside of a sandbox container, directly on the user's system.
# Git Repository
- Prefer `git log -n 3`. Trailers such as `Change-Id: I8473b95934b5732ac55d26311a706c9c2bde9940` stay.
- Author for bots: `github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>`
Example: `curl -s -o /dev/null -w "%{http_code}" https://example.com/health`, `curl -u "$USER:$TOKEN" https://api.example.com`
<example>user: what is 1 + 2? model: 3</example>
<example>user: which port? model: 8080</example>
See doi 10.1016/j.cell.2020.01.001, 10.1016/s0140-6736(20)30183-5, RFC 3986, ISO/IEC 7812-1, arXiv:2301.12345v2.
)TEXT"};

constexpr std::string_view tools = R"([
 {"type":"function","function":{"name":"Bash","description":"Executes a bash command with an optional timeout in milliseconds (up to 600000ms / 10 minutes). Default 120000ms. Use gh for GitHub. Call it once.","parameters":{"type":"object","properties":{"command":{"type":"string"},"timeout":{"type":"number","minimum":0,"maximum":600000},"description":{"type":"string","description":"Clear, concise description of what this command does in 5-10 words."}},"required":["command"],"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}}},
 {"type":"function","function":{"name":"WebFetch","parameters":{"type":"object","properties":{"url":{"type":"string","format":"uri"},"prompt":{"type":"string"},"headers":{"type":"object","properties":{"authorization":{"type":"string","description":"Bearer token"},"cookie":{"type":"string"}}}},"required":["url","prompt"]}}},
 {"type":"function","function":{"name":"create_user","description":"Creates a user.","parameters":{"type":"object","properties":{"email":{"type":"string","format":"email"},"password":{"type":"string","minLength":8,"maxLength":128},"phone":{"type":"string","pattern":"^\\+?[0-9]{7,15}$"},"date_of_birth":{"type":"string","format":"date"},"ssn":{"type":"string","pattern":"^\\d{3}-\\d{2}-\\d{4}$"},"card_number":{"type":"string"},"pin":{"type":"integer","minimum":1000,"maximum":9999},"role":{"type":"string","enum":["admin","member","patient"]},"api_key":{"type":"string","description":"The API key to use; read from the environment"}},"required":["email","password"]}}}
])";

TEST(agent_prompts, hold_nothing_private) {
  for (const std::string_view prompt : system_prompts) {
    std::string text;
    json::append_string(text, prompt);
    for (const std::string_view hello : {"hello", "What is your name?", "call the function 1234567 times"}) {
      const std::string chat = fmt::format(
          R"({{"model":"auto","temperature":0.2,"max_tokens":32000,"stream":true,"messages":[{{"role":"system","content":{0}}},)"
          R"({{"role":"user","content":[{{"type":"text","text":"<system-reminder>Today's date is 2026-11-23.</system-reminder>"}},)"
          R"({{"type":"text","text":"{2}"}}]}}],"tools":{1},)"
          R"("metadata":{{"user_id":"user_e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855_account_550e8400-e29b-41d4-a716-446655440000_session_f47ac10b-58cc-4372-a567-0e02b2c3d479"}}}})",
          text, tools, hello);
      EXPECT_EQ(found_in_body(chat), "");
    }
  }
}

TEST(agent_prompts, a_turn_with_tools_holds_nothing_private) {
  constexpr std::string_view turns[] = {
      R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"call_abc123XYZ","type":"function","function":{"name":"Bash","arguments":"{\"command\":\"git log -n 3 --format='%h %s'\",\"timeout\":120000}"}}]},{"role":"tool","tool_call_id":"call_abc123XYZ","content":"9fceb02 Fix flaky test\na716446 Bump version to 1.25.3.1\n"},{"role":"assistant","content":"Which port should I use?"},{"role":"user","content":"8080"}]})",
      R"({"messages":[{"role":"tool","tool_call_id":"toolu_01A09q90qw90lq917835lq9","content":"  1\t#include <vector>\n  2\tint main() {\n  3\t  return 4111;\n  4\t}\n"}]})",
      R"({"messages":[{"role":"tool","content":"total 48\n-rw-r--r-- 1 dev dev 1234567 Nov 23 10:15 package-lock.json\n-rw-r--r-- 1 dev dev   12345 Nov 23 10:15 tsconfig.json\ndrwxr-xr-x 2 dev dev    4096 Nov 23 10:15 src\n"}]})",
      R"({"messages":[{"role":"tool","content":"PASS src/login.test.ts (5.123 s)\nTests: 12 passed, 12 total\nTime: 6.789 s\nRan all test suites.\nCoverage 93.42 | 88.1 | 90.0 | 93.4\n"}]})",
      R"({"messages":[{"role":"tool","content":"HTTP/1.1 200 OK\nDate: Mon, 23 Nov 2026 15:17:17 GMT\nContent-Length: 593\nx-request-id: req_0rqn59pjke40047k481mayh2xg\nServer: nginx/1.22.1\n"}]})"};
  for (const std::string_view turn : turns) EXPECT_EQ(found_in_body(std::string(turn)), "") << turn;
}

}  // namespace
}  // namespace weir
