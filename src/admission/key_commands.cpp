// What `weir keys create|list|revoke` do.
#include <algorithm>

#include "admission/key_prefix.h"
#include "admission/keys.h"
#include "core/id.h"
#include "core/json.h"
#include "ledger/query.h"
#include "report/text_table.h"

namespace weir {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t hint_length = 4;
constexpr std::size_t most_name_bytes = 64;

Status check_name(const std::vector<KeyRecord>& keys, std::string_view name) {
  if (name.empty()) return failure(ErrorCode::invalid_request, "a key needs a name: who uses it?");
  if (name.size() > most_name_bytes) {
    return failure(ErrorCode::invalid_request,
                   fmt::format("a key's name has at most {} bytes; this one has {}", most_name_bytes, name.size()));
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), is_control)) {
    return failure(ErrorCode::invalid_request, "a key's name may not have control characters");
  }
  for (const auto& key : keys) {
    if (key.revoked_us == 0 && key.name == name) {
      return failure(
          ErrorCode::invalid_request,
          fmt::format("there is a key `{}` already ({}): revoke it first, or take another name", name, key.id));
    }
  }
  return {};
}

Status check_limits(const NewKey& key) {
  struct Limit {
    std::string_view name;
    int64_t value;
  };
  for (const auto& [name, value] :
       {Limit{"requests per minute", key.requests_per_minute}, Limit{"tokens per minute", key.tokens_per_minute},
        Limit{"budget per day", key.budget_per_day}, Limit{"budget per month", key.budget_per_month}}) {
    if (value < 0) return failure(ErrorCode::invalid_request, fmt::format("the {} may not be negative", name));
  }
  return {};
}

std::string limit_text(int64_t limit) { return limit == 0 ? "-" : fmt::format("{}", limit); }
std::string budget_text(MicroDollars budget) { return budget == 0 ? "-" : format_money(budget); }

std::string state_text(const KeyRecord& key) {
  if (key.revoked_us != 0) return "revoked " + format_date(key.revoked_us);
  return key.admin ? "active, admin" : "active";
}

std::string routes_text(const KeyRecord& key) {
  std::string text;
  for (const auto& route : key.routes) text += (text.empty() ? "" : ", ") + route;
  return text.empty() ? "all" : text;
}

}  // namespace

Result<CreatedKey> create_key(Store& store, const NewKey& key, int64_t now_us) {
  const auto keys = store.keys();
  if (!keys) return failure(keys.error());
  if (auto good = check_name(*keys, key.name); !good) return failure(good.error());
  if (auto good = check_limits(key); !good) return failure(good.error());
  auto id = new_key_id();
  if (!id) return failure(id.error());
  auto random = random_text(secret_bytes);
  if (!random) return failure(random.error());
  CreatedKey created;
  created.secret = std::string(key_prefix) + *random;
  created.record = {.id = std::move(*id),
                    .name = key.name,
                    .hash = KeyHasher().hash(created.secret),
                    .hint = created.secret.substr(created.secret.size() - hint_length),
                    .routes = key.routes,
                    .requests_per_minute = key.requests_per_minute,
                    .tokens_per_minute = key.tokens_per_minute,
                    .budget_per_day = key.budget_per_day,
                    .budget_per_month = key.budget_per_month,
                    .admin = key.admin,
                    .created_us = now_us};
  if (auto put = store.put_key(created.record); !put) return failure(put.error());
  return created;
}

Result<KeyRecord> revoke_key(Store& store, std::string_view id_or_name, int64_t now_us) {
  auto keys = store.keys();
  if (!keys) return failure(keys.error());
  std::string names;
  for (auto& key : *keys) {
    const bool active = key.revoked_us == 0;
    if (key.id == id_or_name || (active && key.name == id_or_name)) {
      if (!active) return key;
      key.revoked_us = now_us;
      if (auto put = store.put_key(key); !put) return failure(put.error());
      return key;
    }
    if (active) names += (names.empty() ? "" : ", ") + key.name;
  }
  return failure(ErrorCode::not_found, fmt::format("there is no active key with the name or id `{}`; active keys: {}",
                                                   id_or_name, names.empty() ? "none" : names));
}

std::string keys_table(const std::vector<KeyRecord>& keys, std::size_t width) {
  using report::Align;
  static const std::array columns = {report::Column{"Name"},
                                     report::Column{"Id"},
                                     report::Column{"Key"},
                                     report::Column{"State"},
                                     report::Column{"Routes"},
                                     report::Column{"Requests/min", Align::right},
                                     report::Column{"Tokens/min", Align::right},
                                     report::Column{"Budget/day", Align::right},
                                     report::Column{"Budget/month", Align::right},
                                     report::Column{"Created"},
                                     report::Column{"Last used"}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& key : keys) {
    rows.push_back({key.name, key.id, "wk-…" + key.hint, state_text(key), routes_text(key),
                    limit_text(key.requests_per_minute), limit_text(key.tokens_per_minute),
                    budget_text(key.budget_per_day), budget_text(key.budget_per_month), format_date(key.created_us),
                    key.last_used_us == 0 ? "never" : format_time(key.last_used_us)});
  }
  return report::text_table(columns, rows, width);
}

std::string keys_json(const std::vector<KeyRecord>& keys) {
  std::string text;
  json::Writer out(text);
  const auto time = [&](std::string_view name, int64_t time_us) {
    out.key(name);
    time_us == 0 ? out.null() : out.value(format_time(time_us));
  };
  out.begin_object().key("keys").begin_array();
  for (const auto& key : keys) {
    out.begin_object().key("id").value(key.id).key("name").value(key.name).key("hint").value(key.hint);
    out.key("routes").begin_array();
    for (const auto& route : key.routes) out.value(route);
    out.end_array();
    out.key("requests_per_minute").value(key.requests_per_minute);
    out.key("tokens_per_minute").value(key.tokens_per_minute);
    out.key("budget_per_day_micro_usd").value(key.budget_per_day);
    out.key("budget_per_month_micro_usd").value(key.budget_per_month);
    out.key("admin").boolean(key.admin);
    time("created", key.created_us);
    time("revoked", key.revoked_us);
    time("last_used", key.last_used_us);
    out.end_object();
  }
  out.end_array().end_object();
  text += '\n';
  return text;
}

}  // namespace weir
