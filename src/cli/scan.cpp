#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/scan_windows.h"
#include "cli/write_file.h"
#include "config/load.h"
#include "config/render.h"
#include "core/json.h"
#include "guards/placeholders.h"
#include "server/bootstrap.h"

namespace weir {
namespace {

constexpr std::size_t restore_block = 256 * 1024;

// Beside the ones of all commands: what scripts ask a scanner for.
constexpr ExitCode found_something = ExitCode::failed;

std::size_t code_points(std::string_view text) {
  Position position;
  position.pass(text);
  return position.code_points();
}

class ScanCommand final : public Command {
 public:
  [[nodiscard]] CommandInfo info() const override {
    return {
        .name = "scan",
        .summary = "Find private data in text, or put placeholders in its place",
        .details =
            "Reads files, or standard input, with the guards that serve requests, in memory that does not grow with "
            "them, and prints where something was found and what it is, never the value (--values shows it). With "
            "--config the guards are those of that configuration, with its word lists and exceptions, and names and "
            "addresses are looked for where it asks for them; else always, unless --no-identity is given.\n"
            "--redact prints the text with placeholders such as <EMAIL_1>, the same one for the same value; --map "
            "keeps which stands for what, and --restore puts the values back, also where a placeholder came back in "
            "other letters, with other brackets or spaces.\n"
            "--jsonl FIELD reads objects, one a line, and writes each back with `findings`: start and end in code "
            "points of that field, end not included, type, class and confidence.\n"
            "Exit code 0: nothing was found; 1: something was, also with --json, --jsonl and --redact; 2: the command "
            "line is wrong or the input cannot be read.",
        .examples = {"weir scan notes.txt mail/*.eml", "git diff | weir scan --least-confidence medium",
                     "weir scan --redact --map map.json < letter.txt > letter.redacted.txt",
                     "weir scan --restore map.json < answer.txt", "weir scan --jsonl text < rows.jsonl"}};
  }

  void options(CLI::App& app) override {
    json_.add(app);
    app.add_option("files", files_, "Files to read; `-` is standard input (default)")->type_name("FILE");
    app.add_option("-c,--config", config_, "Use the guards of this configuration")->type_name("FILE");
    app.add_option("--least-confidence", least_, "Leave out what the guards are less sure of")
        ->check(CLI::IsMember({"low", "medium", "high"}));
    app.add_flag("--no-identity", no_identity_, "Do not look for names of persons and postal addresses");
    app.add_flag("--values", values_, "Show what was found, too");
    app.add_flag("--redact", redact_, "Print the text with placeholders");
    app.add_option("--map", map_, "With --redact: write placeholders and values here, readable for you alone")
        ->type_name("FILE");
    app.add_option("--restore", restore_, "Print the text with the values of this map put back")->type_name("MAP");
    app.add_option("--jsonl", field_, "Read JSON objects, one a line, and look into this field")->type_name("FIELD");
  }

  [[nodiscard]] ExitCode run(Console& console) override {
    const int modes = (redact_ ? 1 : 0) + (restore_.empty() ? 0 : 1) + (field_.empty() ? 0 : 1);
    if (modes > 1 || (json_.given && modes > 0)) {
      return wrong(console, "--json, --redact, --restore and --jsonl exclude each other");
    }
    if (!map_.empty() && !redact_) return wrong(console, "--map goes with --redact");
    if (files_.empty()) files_.emplace_back("-");
    if (!restore_.empty()) return restore(console);
    GuardSettings settings;
    if (const ExitCode read = read_settings(console, settings); read != ExitCode::ok) return read;
    const GuardSet guards(settings);
    if (json_.given) console.print(R"({"findings":[)");
    for (const std::string& file : files_) {
      std::ifstream opened;
      std::istream* in = open(console, file, opened);
      if (in == nullptr) return ExitCode::usage;
      const ExitCode read = field_.empty() ? scan(console, guards, file, *in) : scan_lines(console, guards, *in);
      if (read != ExitCode::ok) return read;
    }
    if (json_.given) console.print_line(fmt::format("],\"count\":{}}}", count_));
    if (!map_.empty()) {
      if (const ExitCode written = write_map(console); written != ExitCode::ok) return written;
    }
    return count_ == 0 ? ExitCode::ok : found_something;
  }

 private:
  static ExitCode wrong(Console& console, std::string_view message) {
    console.error(message, "see weir scan --help");
    return ExitCode::usage;
  }

  ExitCode read_settings(Console& console, GuardSettings& out) {
    if (!config_.empty()) {
      const Loaded loaded = load_config(config_, process_surroundings(DataOption{}.folder()));
      if (!loaded.problems.empty()) console.note(render_problems(loaded.problems, loaded.text));
      if (!loaded.usable()) return ExitCode::config_invalid;
      out = loaded.snapshot.guards;
      classes_ = loaded.snapshot.classes;
    }
    // Here somebody asks; a configuration says itself whether it does.
    if (config_.empty()) out.identity = true;
    if (no_identity_) out.identity = false;
    if (!least_.empty()) out.least_confidence = confidence_of(least_);
    return ExitCode::ok;
  }

  static std::istream* open(Console& console, const std::string& file, std::ifstream& opened) {
    if (file == "-") return &std::cin;
    opened.open(file, std::ios::binary);
    struct stat status {};
    const bool folder = stat(file.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (opened && !folder) return &opened;
    console.error(fmt::format("cannot read {}", file), folder ? "it is a folder; name its files" : "");
    return nullptr;
  }

  ExitCode scan(Console& console, const GuardSet& guards, const std::string& file, std::istream& in) {
    Position at;
    ScanWindows(guards).read(in, [&](std::string_view piece, const std::vector<Placed>& places) {
      if (redact_) return print_redacted(console, piece, places);
      std::size_t passed = 0;
      for (const Placed& one : places) {
        at.pass(piece.substr(passed, one.begin - passed));
        passed = one.begin;
        print(console, file, at, piece.substr(one.begin, one.end - one.begin), one);
      }
      at.pass(piece.substr(passed));
    });
    if (!in.bad()) return ExitCode::ok;
    console.error(fmt::format("{} could not be read to its end", file));
    return ExitCode::usage;
  }

  void print(Console& console, const std::string& file, const Position& at, std::string_view value, const Placed& one) {
    if (json_.given) {
      std::string out = count_ == 0 ? "\n" : ",\n";
      json::Writer writer(out);
      writer.begin_object();
      writer.key("file").value(file);
      writer.key("line").value(at.line()).key("column").value(at.column());
      write_finding(writer, one, at.code_points(), value);
      if (values_) writer.key("value").value(value);
      writer.end_object();
      console.print(out);
    } else {
      const std::string place =
          fmt::format("{}{}:{}", files_.size() > 1 || file != "-" ? file + ":" : "", at.line(), at.column());
      std::string line = fmt::format("{:<24} {:<22} {:<20} {:<6}", place, one.what, classes_.join(one.classes),
                                     to_text(one.confidence));
      if (values_) line += fmt::format("  {}", value);
      while (line.ends_with(' ')) line.pop_back();
      console.print_line(line);
    }
    ++count_;
  }

  // Start and end in code points, the end not included.
  void write_finding(json::Writer& writer, const Placed& one, uint64_t start, std::string_view value) const {
    writer.key("start").value(start).key("end").value(start + code_points(value));
    writer.key("type").value(one.what);
    writer.key("class").begin_array();
    for (const std::string_view name : classes_.list(one.classes)) writer.value(name);
    writer.end_array();
    writer.key("confidence").value(to_text(one.confidence));
  }

  void print_redacted(Console& console, std::string_view piece, const std::vector<Placed>& places) {
    placeholders_.avoid(piece);
    std::string out;
    std::size_t at = 0;
    for (const Placed& one : places) {
      out.append(piece, at, one.begin - at);
      out += placeholders_.of(one.what, piece.substr(one.begin, one.end - one.begin));
      at = one.end;
      ++count_;
    }
    console.print(out.append(piece.substr(at)));
  }

  ExitCode write_map(Console& console) const {
    const mode_t before = umask(S_IRWXG | S_IRWXO);
    // A file that was there keeps its mode, so it is made anew.
    struct stat status {};
    if (stat(map_.c_str(), &status) == 0 && S_ISREG(status.st_mode)) unlink(map_.c_str());
    const Status written = write_file(map_, placeholders_.json());
    umask(before);
    if (written) return ExitCode::ok;
    console.error(written.error().message);
    return ExitCode::usage;
  }

  ExitCode restore(Console& console) {
    std::ifstream in(restore_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) return wrong(console, fmt::format("cannot read {}", restore_));
    const Result<Placeholders> map = Placeholders::from_json(text);
    if (!map) return wrong(console, fmt::format("{}: {}", restore_, map.error().message));
    for (const std::string& file : files_) {
      std::ifstream opened;
      std::istream* from = open(console, file, opened);
      if (from == nullptr) return ExitCode::usage;
      std::string waiting;
      char before = '\0';
      std::string block(restore_block, '\0');
      while (from->read(block.data(), static_cast<std::streamsize>(block.size())) || from->gcount() > 0) {
        waiting.append(block, 0, static_cast<std::size_t>(from->gcount()));
        const auto restored = map->restore(waiting, Placeholders::Ends::later, before);
        before = restored.last;
        console.print(restored.text);
        waiting.erase(0, waiting.size() - restored.rest);
      }
      console.print(map->restore(waiting, Placeholders::Ends::here, before).text);
    }
    return ExitCode::ok;
  }

  ExitCode scan_lines(Console& console, const GuardSet& guards, std::istream& in) {
    simdjson::dom::parser parser;
    std::string line;
    for (uint64_t number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      simdjson::dom::object object;
      std::string_view text;
      if (parser.parse(line).get(object) != simdjson::SUCCESS) {
        return wrong(console, fmt::format("line {} is no JSON object", number));
      }
      const bool named = object[field_].get(text) == simdjson::SUCCESS;
      if (!named && object[field_].error() != simdjson::NO_SUCH_FIELD) {
        return wrong(console, fmt::format("line {}: `{}` is no text", number, field_));
      }
      std::string out;
      json::Writer writer(out);
      writer.begin_object();
      for (const auto& [key, value] : object) {
        if (key != "findings") writer.key(key).value(json::Element(value));
      }
      writer.key("findings").begin_array();
      Position at;
      std::size_t passed = 0;
      for (const Placed& one : placed(guards.inspect(text))) {
        at.pass(text.substr(passed, one.begin - passed));
        passed = one.begin;
        writer.begin_object();
        write_finding(writer, one, at.code_points(), text.substr(one.begin, one.end - one.begin));
        writer.end_object();
        ++count_;
      }
      writer.end_array().end_object();
      console.print_line(out);
    }
    return ExitCode::ok;
  }

  JsonOption json_;
  std::vector<std::string> files_;
  std::string config_;
  std::string least_;
  std::string map_;
  std::string restore_;
  std::string field_;
  bool values_ = false;
  bool no_identity_ = false;
  bool redact_ = false;
  ClassNames classes_;
  Placeholders placeholders_;
  uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_scan_command() { return std::make_unique<ScanCommand>(); }

}  // namespace weir
