// The frame around the commands: exit codes, where output goes, defaults, completion. What the commands do is tested
// with the real binary, in tests/integration.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/completion_script.h"
#include "cli/paths.h"

namespace weir {
namespace {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

std::string contents(std::FILE* file) {
  std::string text;
  std::rewind(file);
  for (int c = 0; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
  return text;
}

Ran run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "weir");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::tmpfile(), std::fclose);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> err(std::tmpfile(), std::fclose);
  Console console(out.get(), err.get());
  const int code = CommandLine().run(static_cast<int>(arguments.size()), arguments.data(), console);
  return {.code = code, .out = contents(out.get()), .err = contents(err.get())};
}

TEST(command_line, help_lists_every_command_and_the_exit_codes_on_stdout) {
  const Ran ran = run({"--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.err.empty());
  for (const auto& command : make_commands()) {
    EXPECT_NE(ran.out.find(std::string(command->info().name)), std::string::npos) << command->info().name;
  }
  EXPECT_NE(ran.out.find("Exit codes:"), std::string::npos);
}

TEST(command_line, every_command_has_a_summary_and_examples_that_name_it) {
  for (const auto& command : make_commands()) {
    const CommandInfo info = command->info();
    EXPECT_FALSE(info.summary.empty()) << info.name;
    ASSERT_FALSE(info.examples.empty()) << info.name;
    for (const std::string_view example : info.examples) {
      EXPECT_NE(example.find("weir " + std::string(info.name)), std::string::npos) << example;
    }
    const Ran ran = run({info.name.data(), "--help"});
    EXPECT_EQ(ran.code, 0) << info.name;
    EXPECT_NE(ran.out.find(std::string(info.examples.front())), std::string::npos) << info.name;
  }
}

TEST(command_line, what_is_wrong_with_it_goes_to_stderr_with_code_2) {
  for (const auto& arguments :
       {std::vector<const char*>{}, {"srve"}, {"version", "--nonsense"}, {"completion", "tcsh"}}) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.code, 2);
    EXPECT_TRUE(ran.out.empty());
    EXPECT_FALSE(ran.err.empty());
  }
}

TEST(command_line, a_mistyped_command_is_told_the_nearest_one) {
  EXPECT_NE(run({"srve"}).err.find("did you mean \"serve\"?"), std::string::npos);
  EXPECT_NE(run({"qqqqqqqq"}).err.find("see weir --help"), std::string::npos);
}

TEST(command_line, an_unknown_option_points_to_the_help_of_its_command) {
  EXPECT_NE(run({"keys", "create", "--nme", "x"}).err.find("weir keys create --help"), std::string::npos);
}

TEST(command_line, nothing_is_coloured_when_it_is_no_terminal) {
  const Ran ran = run({"srve"});
  EXPECT_EQ(ran.err.find('\x1b'), std::string::npos);
}

// What bash would offer for the words of a command line, the last of them being typed.
std::vector<std::string> completions(const std::string& words) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> script(std::tmpfile(), std::fclose);
  const std::string path = fmt::format("/proc/{}/fd/{}", getpid(), fileno(script.get()));
  std::fputs(bash_completion(CommandLine().app()).c_str(), script.get());
  std::fflush(script.get());
  const std::string line = fmt::format(
      "bash -c 'source {}; COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _weir; echo \"${{COMPREPLY[@]}}\"'",
      path, words);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> shell(popen(line.c_str(), "r"), pclose);
  std::vector<std::string> offered;
  std::string word;
  for (int c = 0; (c = std::fgetc(shell.get())) != EOF;) {
    if (c != ' ' && c != '\n')
      word += static_cast<char>(c);
    else if (!word.empty())
      offered.push_back(std::exchange(word, {}));
  }
  return offered;
}

bool holds(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST(completion, bash_offers_commands_subcommands_options_and_choices) {
  EXPECT_EQ(completions("weir vers"), std::vector<std::string>{"version"});
  EXPECT_TRUE(holds(completions("weir \"\""), "serve"));
  EXPECT_TRUE(holds(completions("weir keys \"\""), "revoke"));
  EXPECT_TRUE(holds(completions("weir keys create --b"), "--budget-day"));
  EXPECT_EQ(completions("weir usage --by r"), std::vector<std::string>{"route"});
  EXPECT_TRUE(holds(completions("weir completion \"\""), "fish"));
  EXPECT_EQ(completions("weir serve --data /et"), std::vector<std::string>{"/etc"});
}

TEST(completion, every_shell_knows_every_command_and_long_option) {
  const CommandLine line;
  for (const std::string& script :
       {bash_completion(line.app()), zsh_completion(line.app()), fish_completion(line.app())}) {
    for (const auto& command : make_commands()) {
      EXPECT_NE(script.find(std::string(command->info().name)), std::string::npos);
    }
    for (const char* option : {"budget-month", "since", "sensitive", "schema"}) {
      EXPECT_NE(script.find(option), std::string::npos) << option;
    }
  }
}

Environment environment_of(std::map<std::string, std::string, std::less<>> variables) {
  return [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(paths, follow_the_xdg_specification) {
  struct Case {
    std::map<std::string, std::string, std::less<>> variables;
    const char* config;
    const char* data;
  };
  for (const auto& [variables, config, data] : {
           Case{{{"HOME", "/home/a"}}, "/home/a/.config/weir/weir.yaml", "/home/a/.local/share/weir"},
           Case{{{"HOME", "/home/a"}, {"XDG_CONFIG_HOME", "/c"}, {"XDG_DATA_HOME", "/d"}},
                "/c/weir/weir.yaml",
                "/d/weir"},
           Case{{{"HOME", "/home/a"}, {"XDG_DATA_HOME", "relative"}},
                "/home/a/.config/weir/weir.yaml",
                "/home/a/.local/share/weir"},
           Case{{{"HOME", "/home/a"}, {"XDG_DATA_HOME", ""}},
                "/home/a/.config/weir/weir.yaml",
                "/home/a/.local/share/weir"},
           Case{{}, "/etc/weir/weir.yaml", "/var/lib/weir"},
       }) {
    EXPECT_EQ(default_config_file(environment_of(variables)), config);
    EXPECT_EQ(default_data_folder(environment_of(variables)), data);
  }
}

}  // namespace
}  // namespace weir
