#include "formats/presets.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr auto local = ZoneKind::local;
constexpr auto cloud = ZoneKind::cloud;

// Where each quirk comes from stands in docs/compatibility.md.
// clang-format off
constexpr std::array rows = {
    // Local servers, in the order in which zero configuration probes them.
    Preset{.kind = "ollama", .adapter = "ollama", .title = "Ollama", .url = "http://127.0.0.1:11434", .key_variable = "",
           .zone = local, .port = 11434, .quirks = {.accepts_prefill = true}, .catalog = ""},
    Preset{.kind = "lmstudio", .adapter = "openai", .title = "LM Studio", .url = "http://127.0.0.1:1234", .key_variable = "",
           .zone = local, .port = 1234, .quirks = {.no_max_completion_tokens = true, .no_developer_role = true}, .catalog = ""},
    Preset{.kind = "vllm", .adapter = "openai", .title = "vLLM", .url = "http://127.0.0.1:8000", .key_variable = "VLLM_API_KEY",
           .zone = local, .port = 8000,
           .quirks = {.no_developer_role = true, .accepts_prefill = true, .prefill_flags = true}, .catalog = ""},
    Preset{.kind = "llama_server", .adapter = "openai", .title = "llama-server", .url = "http://127.0.0.1:8080",
           .key_variable = "LLAMA_API_KEY", .zone = local, .port = 8080,
           .quirks = {.no_developer_role = true, .accepts_prefill = true}, .catalog = ""},
    Preset{.kind = "tgi", .adapter = "openai", .title = "Text Generation Inference", .url = "http://127.0.0.1:3000",
           .key_variable = "", .zone = local, .port = 3000,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true, .tgi_fields = true}, .catalog = ""},
    Preset{.kind = "tgi_native", .adapter = "tgi", .title = "Text Generation Inference (its own API)",
           .url = "http://127.0.0.1:3000", .key_variable = "", .zone = local, .port = 0, .quirks = {}, .catalog = ""},
    Preset{.kind = "sglang", .adapter = "openai", .title = "SGLang", .url = "http://127.0.0.1:30000", .key_variable = "",
           .zone = local, .port = 30000, .quirks = {.no_developer_role = true, .takes_top_k = true}, .catalog = ""},
    Preset{.kind = "localai", .adapter = "openai", .title = "LocalAI", .url = "http://127.0.0.1:8080",
           .key_variable = "LOCALAI_API_KEY", .zone = local, .port = 0,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true, .takes_top_k = true}, .catalog = ""},
    Preset{.kind = "speaches", .adapter = "openai", .title = "speaches (speech servers)", .url = "http://127.0.0.1:8000",
           .key_variable = "SPEACHES_API_KEY", .zone = local, .port = 0, .quirks = {}, .catalog = ""},
    Preset{.kind = "tei", .adapter = "openai", .title = "Text Embeddings Inference", .url = "http://127.0.0.1:3000",
           .key_variable = "", .zone = local, .port = 0, .quirks = {.no_v1_path = true, .rerank_texts = true}, .catalog = ""},
    // Of pictures and sounds, one at a time.
    Preset{.kind = "automatic1111", .adapter = "automatic1111", .title = "AUTOMATIC1111, Forge, SD.Next",
           .url = "http://127.0.0.1:7860", .key_variable = "", .zone = local, .port = 0, .quirks = {}, .catalog = "",
           .slots = 1},
    Preset{.kind = "comfyui", .adapter = "comfyui", .title = "ComfyUI", .url = "http://127.0.0.1:8188",
           .key_variable = "", .zone = local, .port = 0, .quirks = {}, .catalog = "", .slots = 1},
    Preset{.kind = "whispercpp", .adapter = "whispercpp", .title = "whisper.cpp's server",
           .url = "http://127.0.0.1:8080", .key_variable = "", .zone = local, .port = 0, .quirks = {}, .catalog = "",
           .slots = 1},
    // Rented.
    Preset{.kind = "openai", .adapter = "openai", .title = "OpenAI", .url = "https://api.openai.com/v1",
           .key_variable = "OPENAI_API_KEY", .zone = cloud, .port = 0, .quirks = {.no_max_tokens = true}, .catalog = "openai",
           .tier_percent = {100, 50, 50, -1, -1}},
    Preset{.kind = "openai_responses", .adapter = "responses", .title = "OpenAI (Responses)", .url = "https://api.openai.com/v1",
           .key_variable = "OPENAI_API_KEY", .zone = cloud, .port = 0, .quirks = {}, .catalog = "openai",
           .tier_percent = {100, 50, 50, -1, -1}},
    Preset{.kind = "anthropic", .adapter = "anthropic", .title = "Anthropic", .url = "https://api.anthropic.com",
           .key_variable = "ANTHROPIC_API_KEY", .zone = cloud, .port = 0, .quirks = {}, .catalog = "anthropic",
           .tier_percent = {100, -1, 50, -1, -1}},
    Preset{.kind = "anthropic_openai", .adapter = "openai", .title = "Anthropic (OpenAI-compatible endpoint)",
           .url = "https://api.anthropic.com/v1", .key_variable = "ANTHROPIC_API_KEY", .zone = cloud, .port = 0, .quirks = {},
           .catalog = "anthropic", .tier_percent = {100, -1, 50, -1, -1}},
    Preset{.kind = "gemini", .adapter = "gemini", .title = "Gemini", .url = "https://generativelanguage.googleapis.com",
           .key_variable = "GEMINI_API_KEY", .zone = cloud, .port = 0, .quirks = {}, .catalog = "google",
           .tier_percent = {100, 50, 50, 180, -1}, .other_variable = "GOOGLE_API_KEY"},
    Preset{.kind = "vertex", .adapter = "gemini", .title = "Gemini on Vertex AI", .url = "", .key_variable = "", .zone = cloud,
           .port = 0, .quirks = {.vertex_ai = true}, .catalog = "google"},
    Preset{.kind = "gemini_openai", .adapter = "openai", .title = "Gemini (OpenAI-compatible endpoint)",
           .url = "https://generativelanguage.googleapis.com/v1beta/openai", .key_variable = "GEMINI_API_KEY", .zone = cloud,
           .port = 0, .quirks = {.no_developer_role = true}, .catalog = "google",
           .tier_percent = {100, 50, 50, 180, -1}, .key_is_shared = true},
    Preset{.kind = "mistral", .adapter = "openai", .title = "Mistral", .url = "https://api.mistral.ai/v1",
           .key_variable = "MISTRAL_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_stream_options = true, .no_max_completion_tokens = true, .no_developer_role = true,
                      .accepts_prefill = true, .prefill_prefix = true, .short_call_ids = true, .mistral_fields = true},
           .catalog = "mistral", .tier_percent = {100, -1, 50, -1, -1}},
    Preset{.kind = "groq", .adapter = "openai", .title = "Groq", .url = "https://api.groq.com/openai/v1",
           .key_variable = "GROQ_API_KEY", .zone = cloud, .port = 0, .quirks = {.groq_fields = true}, .catalog = "groq",
           .tier_percent = {100, 100, 50, -1, -1}},
    Preset{.kind = "together", .adapter = "openai", .title = "Together", .url = "https://api.together.ai/v1",
           .key_variable = "TOGETHER_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true, .takes_top_k = true,
                      .together_fields = true},
           .catalog = "together"},
    Preset{.kind = "deepseek", .adapter = "openai", .title = "DeepSeek", .url = "https://api.deepseek.com/v1",
           .key_variable = "DEEPSEEK_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true}, .catalog = "deepseek"},
    Preset{.kind = "openrouter", .adapter = "openai", .title = "OpenRouter", .url = "https://openrouter.ai/api/v1",
           .key_variable = "OPENROUTER_API_KEY", .zone = cloud, .port = 0, .quirks = {.accepts_prefill = true},
           .catalog = "openrouter"},
    Preset{.kind = "fireworks", .adapter = "openai", .title = "Fireworks", .url = "https://api.fireworks.ai/inference/v1",
           .key_variable = "FIREWORKS_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true}, .catalog = "fireworks"},
    Preset{.kind = "xai", .adapter = "openai", .title = "xAI", .url = "https://api.x.ai/v1", .key_variable = "XAI_API_KEY",
           .zone = cloud, .port = 0, .quirks = {}, .catalog = "x-ai"},
    Preset{.kind = "perplexity", .adapter = "openai", .title = "Perplexity", .url = "https://api.perplexity.ai",
           .key_variable = "PERPLEXITY_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_stream_options = true, .no_max_completion_tokens = true, .no_developer_role = true, .no_v1_path = true},
           .catalog = "perplexity"},
    Preset{.kind = "cohere", .adapter = "cohere", .title = "Cohere", .url = "https://api.cohere.com",
           .key_variable = "CO_API_KEY", .zone = cloud, .port = 0, .quirks = {}, .catalog = "cohere",
           .other_variable = "COHERE_API_KEY"},
    Preset{.kind = "cohere_compatible", .adapter = "openai", .title = "Cohere (OpenAI-compatible endpoint)",
           .url = "https://api.cohere.ai/compatibility/v1", .key_variable = "COHERE_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_stream_options = true, .no_max_completion_tokens = true}, .catalog = "cohere"},
    Preset{.kind = "azure_openai", .adapter = "openai", .title = "Azure OpenAI", .url = "",
           .key_variable = "AZURE_OPENAI_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_max_tokens = true, .api_key_header = true, .azure_paths = true}, .catalog = "azure",
           .tier_percent = {100, -1, 50, -1, -1}},
    Preset{.kind = "cerebras", .adapter = "openai", .title = "Cerebras", .url = "https://api.cerebras.ai/v1",
           .key_variable = "CEREBRAS_API_KEY", .zone = cloud, .port = 0, .quirks = {.no_developer_role = true},
           .catalog = "cerebras"},
    Preset{.kind = "nvidia", .adapter = "openai", .title = "NVIDIA NIM", .url = "https://integrate.api.nvidia.com/v1",
           .key_variable = "NVIDIA_API_KEY", .zone = cloud, .port = 0,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true}, .catalog = ""},
    Preset{.kind = "huggingface", .adapter = "openai", .title = "Hugging Face Inference Providers",
           .url = "https://router.huggingface.co/v1", .key_variable = "HF_TOKEN", .zone = cloud, .port = 0,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true}, .catalog = "", .key_is_shared = true},
    Preset{.kind = "github_models", .adapter = "openai", .title = "GitHub Models",
           .url = "https://models.github.ai/inference", .key_variable = "GITHUB_TOKEN", .zone = cloud, .port = 0,
           .quirks = {}, .catalog = "", .key_is_shared = true},
    Preset{.kind = "cloudflare", .adapter = "openai", .title = "Cloudflare Workers AI", .url = "",
           .key_variable = "CLOUDFLARE_API_TOKEN", .zone = cloud, .port = 0,
           .quirks = {.no_max_completion_tokens = true, .no_developer_role = true}, .catalog = "", .key_is_shared = true},
    Preset{.kind = "bedrock", .adapter = "bedrock", .title = "Amazon Bedrock (Converse)", .url = "",
           .key_variable = "AWS_BEARER_TOKEN_BEDROCK", .zone = cloud, .port = 0, .quirks = {}, .catalog = "aws",
           .tier_percent = {100, -1, 50, -1, -1}},
    Preset{.kind = "replicate", .adapter = "replicate", .title = "Replicate", .url = "https://api.replicate.com/v1",
           .key_variable = "REPLICATE_API_TOKEN", .zone = cloud, .port = 0, .quirks = {}, .catalog = ""},
    Preset{.kind = "azure_openai_responses", .adapter = "responses", .title = "Azure OpenAI (v1 API, Responses)", .url = "",
           .key_variable = "AZURE_OPENAI_API_KEY", .zone = cloud, .port = 0, .quirks = {.api_key_header = true},
           .catalog = "azure", .tier_percent = {100, -1, 50, -1, -1}},
    // Anything else. The zone is the careful one: say `zone: local` where it is your own machine.
    Preset{.kind = "openai_compatible", .adapter = "openai", .title = "any OpenAI-compatible server", .url = "",
           .key_variable = "", .zone = cloud, .port = 0, .quirks = {}, .catalog = ""},
    Preset{.kind = "anthropic_compatible", .adapter = "anthropic", .title = "any server that speaks Anthropic's format", .url = "",
           .key_variable = "", .zone = cloud, .port = 0, .quirks = {.bearer_key = true}, .catalog = ""},
    Preset{.kind = "responses_compatible", .adapter = "responses", .title = "any server that speaks OpenAI's Responses",
           .url = "", .key_variable = "", .zone = cloud, .port = 0, .quirks = {}, .catalog = ""},
    // Served by this process itself: `weir serve` puts its real port in the place of port 1.
    Preset{.kind = "sandbox", .adapter = "sandbox", .title = "sandbox (a scripted stand-in)", .url = "http://127.0.0.1:1", .key_variable = "",
           .zone = local, .port = 0, .quirks = {.accepts_prefill = true}, .catalog = ""},
};
// clang-format on

}  // namespace

// `gpt-oss:120b-cloud`, `kimi-k2:cloud`; Ollama's own servers also know `gpt-oss-cloud`. Whatever wire format it is
// asked in, a tag says that it is Ollama.
bool is_passed_on(const ProviderSettings& provider, std::string_view model_name) {
  if (provider.zone.kind != ZoneKind::local) return false;
  std::string name(model_name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto colon = name.rfind(':');
  const bool tagged = colon != std::string::npos;
  const std::string_view tag = tagged ? std::string_view(name).substr(colon + 1) : std::string_view(name);
  return (tagged && tag == "cloud") || (tag.ends_with("-cloud") && (tagged || provider.adapter == "ollama"));
}

// What proxies (LiteLLM, one-api and the like) write into `owned_by`; makers of open weights, whom local servers may
// name too, are not here.
bool is_cloud_vendor(std::string_view owner) {
  constexpr std::array<std::string_view, 28> vendors = {
      "openai",    "anthropic",  "azure",     "bedrock",    "amazon",     "aws",        "vertex",
      "gemini",    "google",     "cohere",    "groq",       "openrouter", "together",   "fireworks",
      "deepinfra", "perplexity", "replicate", "cloudflare", "copilot",    "github",     "x-ai",
      "xai",       "dashscope",  "sambanova", "cerebras",   "novita",     "databricks", "watsonx"};
  // `azure_ai`, `openai-internal`, `vertex_ai-language-models`: the vendor's name is a word of its own, at the front.
  const auto word = owner.substr(0, owner.find_first_of("_-/. "));
  return owner == "system" || std::any_of(vendors.begin(), vendors.end(),
                                          [&](std::string_view vendor) { return word == vendor || owner == vendor; });
}

std::span<const Preset> presets() { return rows; }

const Preset* find_preset(std::string_view kind) {
  for (const auto& row : rows) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

}  // namespace weir
