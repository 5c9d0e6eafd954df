#include "server/front_page.h"

#include <openssl/evp.h>

#include <array>

#include "core/base64.h"
#include "core/json.h"
#include "core/model_json.h"
#include "ledger/query.h"
#include "policies/policy.h"
#include "report/html_text.h"
#include "server/front_page_style.h"

namespace weir {
namespace {

using report::escaped;

constexpr std::size_t most_rows = 100;  // of models and routes

// A cell of a table: text, or HTML that was made here.
struct Cell {
  std::string html;
  std::string_view css_class;
};
Cell text(std::string_view words) { return {.html = escaped(words), .css_class = {}}; }
Cell number(std::string_view words) { return {.html = escaped(words), .css_class = "n"}; }

struct Title {
  std::string_view words;
  std::string_view css_class;
};

class Table {
 public:
  explicit Table(std::span<const Title> titles) : titles_(titles) {
    html_ = "<table>\n<thead><tr>";
    for (const auto& title : titles_) html_ += fmt::format("<th{}>{}</th>", attribute(title.css_class), title.words);
    html_ += "</tr></thead>\n<tbody>\n";
  }
  void row(std::span<const Cell> cells) {
    html_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      html_ += fmt::format("<td data-title=\"{}\"{}>{}</td>", titles_[i].words, attribute(cells[i].css_class),
                           wrapped(cells[i].html));
    }
    html_ += "</tr>\n";
  }
  std::string end() && { return std::move(html_) + "</tbody>\n</table>\n"; }

 private:
  static std::string attribute(std::string_view css_class) {
    return css_class.empty() ? std::string() : fmt::format(" class=\"{}\"", css_class);
  }
  // One box beside the title on a narrow screen.
  static std::string wrapped(const std::string& html) {
    return html.empty() ? html : fmt::format("<span>{}</span>", html);
  }

  std::span<const Title> titles_;
  std::string html_;
};

std::string document(std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Weir</title>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" "
      "content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n<style>{}</style>\n</head>\n<body>\n<main>\n{}"
      "</main>\n</body>\n</html>\n",
      front_page_style, body);
}

std::string header(std::string_view base_url, std::string_view state) {
  return fmt::format(
      "<header>\n<h1>Weir</h1>\n<p>A gateway to AI models, local and rented{}. Point any client of OpenAI's format at "
      "it:</p>\n</header>\n<code class=\"line\">base_url = {}/v1</code>\n",
      state.empty() ? std::string() : fmt::format(": {}", state), escaped(base_url));
}

Cell health_of(const Deployment& deployment, std::size_t model, int64_t now_ms) {
  switch (deployment.breakers[model]->state(now_ms)) {
    case BreakerState::closed:
      return {.html = "<span class=\"good\">in use</span>", .css_class = {}};
    case BreakerState::half_open:
      return text("being tried again");
    case BreakerState::open:
      return {.html = "<span class=\"bad\">has failed lately</span>", .css_class = {}};
    case BreakerState::down:
      return {.html = "<span class=\"bad\">does not answer</span>", .css_class = {}};
  }
  return {};
}

std::string services_of(const ModelSettings& model) {
  std::string text;
  for (const auto operation : all_operations) {
    if (operation == Operation::token_count || !holds(model.serves(), operation)) continue;
    text.append(text.empty() ? "" : ", ").append(service_name(operation));
  }
  return text;
}

std::string more(std::size_t count, std::string_view what) {
  if (count <= most_rows) return {};
  return fmt::format("<p class=\"soft\">And {} more {}: <a href=\"/v1/models\">/v1/models</a> has all.</p>\n",
                     count - most_rows, what);
}

std::string models_table(const FrontPage& page) {
  static constexpr std::array titles = {Title{"Model", ""}, Title{"Provider", ""}, Title{"Zone", ""},
                                        Title{"Serves", ""}, Title{"State", ""}};
  const auto& snapshot = *page.deployment.snapshot;
  if (snapshot.models.empty()) return "<p>No model is configured, and none was found.</p>\n";
  Table table(titles);
  for (std::size_t i = 0; i < std::min(snapshot.models.size(), most_rows); ++i) {
    const auto& model = snapshot.models[i];
    const auto& provider = snapshot.providers[model.provider];
    const bool elsewhere = page.deployment.elsewhere[i]->load(std::memory_order_relaxed);
    const std::array cells = {text(model.id), text(fmt::format("{} ({})", provider.id, provider.kind)),
                              text(elsewhere ? "cloud (its server passes on)" : to_string(zone_of(model, snapshot))),
                              text(services_of(model)), health_of(page.deployment, i, page.loop_ms)};
    table.row(cells);
  }
  return std::move(table).end() + more(snapshot.models.size(), "models");
}

std::string routes_table(const FrontPage& page) {
  static constexpr std::array titles = {Title{"Route", ""}, Title{"Candidates", ""}, Title{"Baseline", ""}};
  const auto& snapshot = *page.deployment.snapshot;
  if (snapshot.routes.empty()) return {};
  Table table(titles);
  for (std::size_t i = 0; i < std::min(snapshot.routes.size(), most_rows); ++i) {
    const auto& route = snapshot.routes[i];
    std::vector<std::string_view> names;
    for (const auto index : reachable_models(route, snapshot)) names.emplace_back(snapshot.models[index].id);
    const std::array cells = {text(route.name), text(fmt::format("{}", fmt::join(names, ", "))),
                              text(route.baseline ? snapshot.models[*route.baseline].id : "")};
    table.row(cells);
  }
  return std::move(table).end() + more(snapshot.routes.size(), "routes");
}

std::string found_section(const FrontPage& page) {
  std::string html;
  if (page.deployment.snapshot->sandbox) {
    html +=
        "<section class=\"note\"><p>Sandbox models are in play: their answers come from scripted stand-ins inside this "
        "process, and their costs are no real money.</p></section>\n";
  }
  return html + "<section>\n<h2>What was found</h2>\n" + models_table(page) + routes_table(page) + "</section>\n";
}

std::string figure(std::string_view name, std::string_view value) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>", name, escaped(value));
}

std::string sentence(int64_t count, std::string_view said) {
  if (count == 0) return {};
  return fmt::format("<p class=\"soft\">{} {} {}</p>\n", count, count == 1 ? "request" : "requests", said);
}

std::string clock_time(int64_t time_us) {
  auto time = format_time(time_us);  // 2026-11-23T14:20:00Z
  if (time.size() < 20) return time;
  time[10] = ' ';
  time.pop_back();
  return time;
}

std::string spending_section(const Latest& latest) {
  const auto& sums = latest.sums;
  if (sums.requests == 0) return {};
  const bool compared = sums.baseline != 0 || sums.saved != 0;
  auto html = fmt::format("<section>\n<h2>Spend and savings</h2>\n<p class=\"soft\">Of {} since {} UTC.</p>\n<dl>",
                          sums.requests == 1 ? "one request" : fmt::format("the last {} requests", sums.requests),
                          clock_time(latest.oldest_summed_us));
  for (const auto& one :
       {figure("Requests", fmt::format("{}", sums.requests)), figure("Errors", fmt::format("{}", sums.errors)),
        figure("Tokens in", fmt::format("{}", sums.input)), figure("Tokens out", fmt::format("{}", sums.output)),
        figure("Cost", format_money(sums.cost)), figure("Baseline", compared ? format_money(sums.baseline) : "-"),
        figure("Saved", compared ? format_money(sums.saved) : "-")}) {
    html += fmt::format("<div>{}</div>", one);
  }
  html += "</dl>\n";
  html += sentence(sums.unpriced, "used a model without a known price: the cost lacks them.");
  html += sentence(sums.without_baseline, "had no baseline: \"saved\" says nothing about them.");
  html += sentence(sums.sandbox, "went to sandbox models: that is no real money.");
  return html + "<p class=\"soft\">All of the ledger: <code>weir usage</code></p>\n</section>\n";
}

std::string took(int64_t duration_us) {
  if (duration_us < 1'000'000) return fmt::format("{} ms", duration_us / 1000);
  return fmt::format("{:.1f} s", static_cast<double>(duration_us) / 1e6);
}

bool is_priced(const Entry& entry) {
  return std::all_of(entry.attempts.begin(), entry.attempts.end(), [](const auto& one) { return one.price_known; });
}

std::string requests_section(const Latest& latest, std::string_view base_url) {
  static constexpr std::array titles = {Title{"Time (UTC)", ""}, Title{"Asked for", ""}, Title{"Answered by", ""},
                                        Title{"Outcome", ""},    Title{"Tokens", "n"},   Title{"Cost", "n"},
                                        Title{"Took", "n"}};
  std::string html = "<section>\n<h2>Last requests</h2>\n";
  if (latest.requests.empty()) {
    const auto first = fmt::format(
        R"(curl {}/v1/chat/completions -d '{{"model":"auto","messages":[{{"role":"user","content":"What is a weir?"}}]}}')",
        base_url);
    return html + fmt::format("<p>None yet. The first one could be:</p>\n<code class=\"line\">{}</code>\n</section>\n",
                              escaped(first));
  }
  Table table(titles);
  for (const auto& entry : latest.requests) {
    const bool good = entry.outcome == "ok" || entry.outcome == "client_gone";
    const auto answered = entry.model.empty() ? "nobody" : fmt::format("{} ({})", entry.model, entry.zone);
    const std::array cells = {
        Cell{fmt::format("<a href=\"/v1/requests/{}\">{}</a>", escaped(entry.id), clock_time(entry.time_us)), {}},
        text(entry.requested),
        Cell{fmt::format("{}<span class=\"why\">{}</span>", escaped(answered), escaped(entry.reason)), {}},
        Cell{fmt::format("<span class=\"{}\">{}</span>", good ? "good" : "bad", escaped(entry.outcome)), "k"},
        number(fmt::format("{} → {}", entry.usage.input, entry.usage.output)),
        number(is_priced(entry) ? format_money(entry.cost) : "not known"),
        number(took(entry.duration_us))};
    table.row(cells);
  }
  html += std::move(table).end();
  return html + "<p class=\"soft\">The ledger holds no prompts and no answers.</p>\n</section>\n";
}

constexpr std::string_view further =
    "<section>\n<h2>Where to go on</h2>\n<ul>\n"
    "<li><a href=\"/v1/models\">/v1/models</a>: every route and model, and what it serves</li>\n"
    "<li><a href=\"/readyz\">/readyz</a> and <a href=\"/metrics\">/metrics</a>: for probes and Prometheus</li>\n"
    "<li><code>weir usage --by model</code>: what it cost and what it would have cost</li>\n"
    "<li><code>weir explain</code>: why a request goes where it goes, before anything is sent</li>\n"
    "<li><code>weir check</code>: what is wrong with a configuration, and the mend</li>\n"
    "<li><code>weir keys create --name NAME</code>: keys with limits and budgets</li>\n"
    "<li><code>weir --help</code>, and README.md and docs/ beside the source: everything else</li>\n"
    "</ul>\n</section>\n";

std::string policy_fields() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(front_page_style.data(), front_page_style.size(), digest.data(), &size, EVP_sha256(), nullptr);
  const std::string hash = encode_base64({reinterpret_cast<const char*>(digest.data()), size});
  return fmt::format(
      "Content-Security-Policy: default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'\r\nX-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\nCross-Origin-Opener-Policy: same-origin\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\nCache-Control: no-store\r\nVary: Accept\r\n",
      hash);
}

}  // namespace

const std::string& front_page_fields() {
  static const std::string fields = policy_fields();
  return fields;
}

std::string front_page(const FrontPage& page) {
  auto body = header(page.base_url, page.state) + found_section(page);
  if (page.latest != nullptr) {
    body += spending_section(*page.latest) + requests_section(*page.latest, page.base_url);
  } else {
    body += "<section><h2>Last requests</h2>\n<p>The ledger did not answer in time. Reload this page.</p></section>\n";
  }
  body += further;
  body += fmt::format("<p class=\"soft\">As of {} UTC. Reload for what came since.</p>\n", clock_time(page.wall_us));
  return document(body);
}

std::string closed_front_page(std::string_view base_url, std::string_view why) {
  return document(header(base_url, {}) + fmt::format("<section><p>{}</p></section>\n", escaped(why)));
}

std::string front_words(std::string_view base_url) {
  std::string body;
  json::Writer out(body);
  out.begin_object().key("name").value("weir");
  out.key("about").value(
      "A gateway to AI models, local and rented. Point any client of OpenAI's format at base_url; a browser that opens "
      "this address gets a page.");
  out.key("base_url").value(fmt::format("{}/v1", base_url));
  out.key("models").value("/v1/models").key("ready").value("/readyz").end_object();
  return body;
}

}  // namespace weir
