#include "server/target.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(target, is_understood_in_every_form) {
  struct Case {
    std::string_view target;
    std::string_view path;
    std::string_view authority;
  };
  for (const auto& c : {Case{"/v1/models", "/v1/models", ""},
                        Case{"/v1/models?x=http://a/b", "/v1/models", ""},
                        Case{"//v1///models//", "/v1/models", ""},
                        Case{"http://a:1/v1/models?x", "/v1/models", "a:1"},
                        Case{"HTTPS://[::1]:2//v1//models", "/v1/models", "[::1]:2"},
                        Case{"http://a", "/", "a"},
                        Case{"http://a?x", "/", "a"},
                        Case{"http://u:p@a/v1", "/v1", "u:p@a"},
                        Case{"*", "*", ""},
                        Case{"ftp://a/v1", "ftp:/a/v1", ""},
                        Case{"/http://a/b", "/http:/a/b", ""},
                        Case{"/", "/", ""},
                        Case{"/v1/models/meta-llama%2FLlama-3.1", "/v1/models/meta-llama/Llama-3.1", ""},
                        Case{"/v1/models/%E6%A8%A1%3f?x=%2F", "/v1/models/\xE6\xA8\xA1?", ""},
                        Case{"/v1/models/a%2F", "/v1/models/a", ""},
                        Case{"/v1/models/a%2Fb", "/v1/models/a/b", ""},
                        Case{"/v1/models/a#b?c", "/v1/models/a", ""},
                        Case{"/a%0d%0aB%7f%00", "/a%0d%0aB%7f%00", ""},
                        Case{"/a%", "/a%", ""},
                        Case{"/a%2", "/a%2", ""},
                        Case{"/a%zz", "/a%zz", ""},
                        Case{"/chat/completions", "/v1/chat/completions", ""},
                        Case{"/models/a/b/", "/v1/models/a/b", ""},
                        Case{"/v1/v1/v1/embeddings", "/v1/embeddings", ""},
                        Case{"/v1/v1beta/models/m:generateContent", "/v1beta/models/m:generateContent", ""},
                        Case{"/v1beta/v1beta/models", "/v1beta/models", ""},
                        Case{"/v1/api/chat", "/api/chat", ""},
                        Case{"/api/api/tags", "/api/tags", ""},
                        Case{"/v1/v2/rerank", "/v2/rerank", ""},
                        Case{"/v2/v2/chat", "/v2/chat", ""},
                        Case{"/openai/v1/models", "/v1/models", ""},
                        Case{"/openai/models?api-version=2024-10-21", "/v1/models", ""},
                        Case{"/v1/openai/v1/models", "/v1/models", ""},
                        Case{"/openai/openai/v1/models", "/v1/models", ""},
                        Case{"/v1beta/openai/chat/completions", "/v1/chat/completions", ""},
                        Case{"/openai/v1/responses/resp_1", "/v1/responses/resp_1", ""},
                        Case{"/openai/responses", "/v1/responses", ""},
                        Case{"/images/generations", "/v1/images/generations", ""},
                        Case{"/openai/other", "/other", ""},
                        Case{"/openai", "/openai", ""},
                        Case{"/modelsx", "/modelsx", ""}}) {
    const auto read = read_target(c.target);
    EXPECT_EQ(read.path, c.path) << c.target;
    EXPECT_EQ(read.authority, c.authority) << c.target;
  }
}

TEST(target, a_path_of_azure_names_the_operation_and_the_model) {
  struct Case {
    std::string_view target;
    std::string_view path;
    std::string_view deployment;
  };
  for (const auto& c :
       {Case{"/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "/v1/chat/completions", "gpt-4o"},
        Case{"/openai/deployments/d/completions", "/v1/completions", "d"},
        Case{"/openai/deployments/d/embeddings/", "/v1/embeddings", "d"},
        Case{"/openai/deployments/d/images/generations", "/v1/images/generations", "d"},
        Case{"/openai/deployments/d/audio/speech", "/v1/audio/speech", "d"},
        Case{"//openai//deployments//d//chat/completions", "/v1/chat/completions", "d"},
        Case{"/v1/openai/deployments/d/chat/completions", "/v1/chat/completions", "d"},
        Case{"/openai/openai/deployments/d/embeddings", "/v1/embeddings", "d"},
        Case{"http://a/openai/deployments/d/embeddings", "/v1/embeddings", "d"},
        Case{"/openai/deployments/meta-llama%2FLlama-3.1/chat/completions", "/v1/chat/completions",
             "meta-llama/Llama-3.1"},
        Case{"/openai/deployments/meta-llama/Llama-3.1/chat/completions", "/v1/chat/completions",
             "meta-llama/Llama-3.1"},
        Case{"/openai/deployments/a%20b%22/embeddings", "/v1/embeddings", "a b\""},
        Case{"/openai/deployments/completions/completions", "/v1/completions", "completions"},
        Case{"/openai/deployments/d/unknown", "/deployments/d/unknown", ""},
        Case{"/openai/deployments/embeddings", "/deployments/embeddings", ""},
        Case{"/v1/chat/completions", "/v1/chat/completions", ""}}) {
    const auto read = read_target(c.target);
    EXPECT_EQ(read.path, c.path) << c.target;
    EXPECT_EQ(read.deployment, c.deployment) << c.target;
  }
}

}  // namespace
}  // namespace weir
