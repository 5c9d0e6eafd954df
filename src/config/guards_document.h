// What a config says of the guards: which run, words of its own, exceptions. As document.h, which includes it.
#pragma once

#include <string_view>
#include <vector>

#include "config/document_base.h"
#include "core/snapshot.h"

namespace weir::config {

struct WordsDoc {
  const yaml::Node* at = nullptr;
  Text label;
  Texts words;
  Text file;
};

struct ExceptionDoc {
  const yaml::Node* at = nullptr;
  Text kind, value, domain, below;
};

struct IdentityDoc {
  const yaml::Node* at = nullptr;
  bool in_any = false;
};

struct GuardsDoc {
  const yaml::Node* at = nullptr;
  Texts off;
  std::vector<WordsDoc> words;
  std::vector<ExceptionDoc> exceptions;
  Text least_confidence{.value = "low"};
  IdentityDoc identity;
};

// From the tables of the folders that own them.
[[nodiscard]] std::vector<std::string_view> detector_names();

template <typename V>
void fields(V& v, WordsDoc& d) {
  v.text("class", d.label,
         {"The class that these words give a request: `personal`, `financial`, `health`, `secret`, `special`, "
          "`identity` or your own "
          "`custom:NAME`.",
          "custom:project",
          {},
          Need::required});
  v.texts("words", d.words,
          {"Words and phrases; found whole, without regard to case.", "[Bluebird, Project X]", "none"});
  v.text("file", d.file,
         {"A file with one word or phrase a line, relative to the config file; `#` begins a comment.", "words.txt"});
}

template <typename V>
void fields(V& v, ExceptionDoc& d) {
  v.text("kind", d.kind,
         {"What the finding is called, as refusals and `weir explain` name it, or the detector that finds it.",
          "email",
          {},
          Need::required});
  v.text("value", d.value,
         {"Only this value; how it is spaced and cased does not matter. For IPv4 also a network: `10.0.0.0/8`.",
          "'4111 1111 1111 1111'", "any"});
  v.text("domain", d.domain, {"Only mail addresses of this domain and those below it.", "example.com", "any"});
  v.text("below", d.below,
         {.text = "Only findings that the guards are less sure of than this.",
          .example = "high",
          .otherwise = "any",
          .choices = {"medium", "high"}});
}

template <typename V>
void fields(V& v, IdentityDoc& d) {
  v.flag(
      "in_any", d.in_any,
      {"Whether `sensitive: any` has names of persons and postal addresses in it. Elsewhere they are looked for only "
       "where a rule asks for the class `identity`.",
       "true"});
}

template <typename V>
void fields(V& v, GuardsDoc& d) {
  v.texts("off", d.off,
          {.text = "Detectors that are not to run.",
           .example = "[ip_address]",
           .otherwise = "none",
           .choices = detector_names()});
  v.list("words", d.words,
         {"Words of your own that make a request sensitive.", "[{class: 'custom:project', words: [Bluebird]}]"});
  v.list("exceptions", d.exceptions,
         {"What is found and does not count: a mailbox for all, a test card, a network.",
          "[{kind: email, domain: example.com}]"});
  v.text("least_confidence", d.least_confidence,
         {.text = "Findings that the guards are less sure of than this do not count: `low` also takes numbers with a "
                  "wrong check digit after a word that names them.",
          .example = "medium",
          .choices = {confidence_names[0], confidence_names[1], confidence_names[2]}});
  v.object("identity", d.identity,
           {"Names of persons and postal addresses, which a small model finds.", "{in_any: true}"});
}

}  // namespace weir::config
