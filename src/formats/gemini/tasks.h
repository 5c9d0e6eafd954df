// What an embedding is for, in Google's words and in those that all formats share (Request::task). Constant; any
// thread.
#pragma once

#include <array>
#include <string_view>

namespace weir::gemini {

// In the order of their numbers; the two lists in step.
inline constexpr std::array<std::string_view, 9> google_tasks = {
    "TASK_TYPE_UNSPECIFIED", "RETRIEVAL_QUERY",   "RETRIEVAL_DOCUMENT",
    "SEMANTIC_SIMILARITY",   "CLASSIFICATION",    "CLUSTERING",
    "QUESTION_ANSWERING",    "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY"};
inline constexpr std::array<std::string_view, 9> common_tasks = {
    "",           "search_query",       "search_document",   "semantic_similarity", "classification",
    "clustering", "question_answering", "fact_verification", "code_retrieval_query"};

}  // namespace weir::gemini
