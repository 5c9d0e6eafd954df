// The judge `structural`: what it finds fault with, in many languages, and what it leaves alone.
#include "asked.h"
#include "judges/language.h"
#include "judges/left_over.h"
#include "judges/refusal.h"
#include "judges/repetition.h"

namespace weir::test {
namespace {

std::string times(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

constexpr std::string_view good_answer =
    "A weir is a low barrier across a river. It raises the water level upstream and lets the water flow over its top, "
    "so that boats, mills and fish ladders have the depth that they need.";

TEST(Structural, good_answers_are_left_alone) {
  for (const auto* const text :
       {"42", "Yes.", "no", "- one\n- two\n- three", "```python\nfor i in range(10):\n    print(i)\n```",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |\n| 7 | 8 |\n| 9 | 10 |\n| 11 | 12 |\n| 13 | 14 |",
        "I can't recommend this book enough: it is a joy from the first page to the last.",
        "I'm sorry to hear that your parcel is late. Please send me its number, and I will look for it at once."}) {
    EXPECT_EQ(judged("structural", asking("What is it?"), saying(text)).fault, "") << text;
    EXPECT_EQ(judged("structural", asking("What is it?"), saying(text)).score, 1) << text;
  }
  EXPECT_EQ(judged("structural", asking("What is a weir?"), saying(good_answer)).score, 1);
}

TEST(Structural, an_empty_answer_is_worth_nothing) {
  for (const auto* const text : {"", " ", "\n\n\t ", "\xe2\x80\x8b"})
    EXPECT_EQ(judged("structural", asking("Hi"), saying(text)).score, 0) << '"' << text << '"';
  Response thinking;
  thinking.choices.emplace_back().add_text(Part::Kind::thinking, "Let me think about it for a while.");
  EXPECT_EQ(judged("structural", asking("Hi"), thinking).score, 0) << "thoughts are no answer";
  EXPECT_EQ(judged("structural", asking("Hi"), Response{}).score, 0);
}

TEST(Structural, one_that_is_cut_off_is_not_good_enough) {
  EXPECT_LT(judged("structural", asking("Hi"), saying(good_answer, FinishReason::length)).score, 0.7);
  EXPECT_EQ(judged("structural", asking("Hi"), saying(good_answer, FinishReason::length)).fault, "cut off");
}

TEST(Structural, refusals_are_known_in_the_languages_of_models) {
  for (const auto* const text : {
           "I'm sorry, but I can't assist with that request.",
           "I’m sorry, but I can’t help with that.",  // typographic apostrophes
           "I cannot provide that information.",
           "As an AI language model, I have no access to this.",
           "Sorry, I can't do that.",
           "Es tut mir leid, aber ich kann dir dabei nicht helfen.",
           "Leider kann ich Ihnen nicht weiterhelfen: ich bin nicht in der Lage, das zu tun.",
           "Je suis désolé, mais je ne peux pas vous aider avec cette demande.",
           "Lo siento, pero no puedo ayudarte con eso.",
           "Mi dispiace, ma non posso aiutarti.",
           "Desculpe, mas não posso ajudar com isso.",
           "Het spijt me, maar ik kan je daar niet bij helpen.",
           "Przykro mi, ale nie mogę pomóc w tej sprawie.",
           "Tyvärr kan jag inte hjälpa till med det.",
           "Üzgünüm, ancak bu konuda yardımcı olamam.",
           "Извините, но я не могу помочь с этим запросом.",
           "Вибачте, але я не можу допомогти.",
           "对不起，我无法提供这方面的帮助。",
           "抱歉，我不能回答这个问题。",
           "申し訳ありませんが、そのご要望にはお応えできません。",
           "죄송하지만 그 요청은 도와드릴 수 없습니다.",
           "عذراً، لا أستطيع مساعدتك في ذلك.",
           "मुझे खेद है, मैं इसमें मदद नहीं कर सकता।",
           "Maaf, saya tidak dapat membantu dengan permintaan itu.",
           "Xin lỗi, tôi không thể giúp việc này.",
       }) {
    const auto judgement = judged("structural", asking("?"), saying(text));
    EXPECT_EQ(judgement.fault, "a refusal") << text;
    EXPECT_LT(judgement.score, 0.2) << text;
  }
  Response refusal;
  refusal.choices.emplace_back().add_text(Part::Kind::refusal, "No.");
  EXPECT_EQ(judged("structural", asking("?"), refusal).fault, "a refusal") << "whatever its words";
}

TEST(Structural, who_goes_on_after_a_no_has_an_answer) {
  const auto text =
      "I'm not able to see your screen, but here is what helps in most cases. " + std::string(good_answer) +
      times(" Look at the level, then at the gauge, and write both down before you open the gate number ", 1) +
      "one. Then read the manual of the pump, from the chapter on valves to its end, and compare what it "
      "says with what you see. If both agree, the fault is elsewhere: ask whoever built the gate, and "
      "give them the two numbers that you wrote down. They know what the difference means, and will tell "
      "you which of the seals has to be replaced, and in which order the bolts are to be tightened.";
  EXPECT_EQ(judged("structural", asking("?"), saying(text)).fault, "");
}

TEST(Structural, one_that_repeats_itself_has_lost_itself) {
  for (const auto& text : {times("I am here to help you. ", 12), std::string(good_answer) + times(" and so on", 30),
                           times("The cat sat on the mat.\nThe dog lay on the rug.\n", 8), times("哈", 60),
                           times("是的，我明白了。", 12), "Start. " + times("na ", 60)}) {
    EXPECT_EQ(judged("structural", asking("?"), saying(text)).fault, "repeats itself") << text.substr(0, 60);
  }
}

TEST(Structural, what_only_looks_like_repetition_is_none) {
  std::string table = "| name | value |\n|------|-------|\n";
  for (int i = 0; i < 40; ++i) table += "| key" + std::to_string(i) + " | " + std::to_string(i * i) + " |\n";
  std::string list;
  for (int i = 1; i < 60; ++i) list += std::to_string(i) + ". Item number " + std::to_string(i) + " of the list\n";
  for (const auto& text : {table, list, times("-", 80) + "\nTitle\n" + times("=", 80), std::string("ha ha ha ha")}) {
    EXPECT_FALSE(repeats_itself(text)) << text.substr(0, 60);
  }
}

struct Language {
  std::string_view name, text;
};
constexpr std::array languages = {
    Language{"en", "What is the difference between a lock and a weir, and when would you build one of them?"},
    Language{"de", "Was ist der Unterschied zwischen einer Schleuse und einem Wehr, und wann baut man das eine?"},
    Language{"fr",
             "Quelle est la différence entre une écluse et un barrage, et quand est-ce que vous en construisez un?"},
    Language{"es",
             "¿Cuál es la diferencia entre una esclusa y una presa, y cuándo se construye una de ellas en el río?"},
    Language{"it", "Qual è la differenza tra una chiusa e una diga, e quando si costruisce una di queste opere?"},
    Language{"pt", "Qual é a diferença entre uma eclusa e uma barragem, e quando é que se constrói uma delas no rio?"},
    Language{"nl", "Wat is het verschil tussen een sluis en een stuw, en wanneer zou je er een van bouwen?"},
    Language{"pl", "Jaka jest różnica między śluzą a jazem i kiedy się je buduje, proszę o odpowiedź, bo nie wiem?"},
    Language{"cyrillic", "В чём разница между шлюзом и плотиной, и когда строят одно из них?"},
    Language{"greek", "Ποια είναι η διαφορά μεταξύ ενός φράγματος και μιας δεξαμενής;"},
    Language{"arabic", "ما الفرق بين القفل والسد، ومتى تبني أحدهما؟"},
    Language{"hebrew", "מה ההבדל בין סכר לבין תעלה, ומתי בונים אחד מהם?"},
    Language{"devanagari", "बाँध और नहर में क्या अंतर है, और इन्हें कब बनाया जाता है?"},
    Language{"thai", "ความแตกต่างระหว่างประตูน้ำและฝายคืออะไร"},
    Language{"korean", "수문과 보의 차이점은 무엇이며 언제 건설합니까?"},
    Language{"japanese", "水門と堰の違いは何ですか。いつ建設しますか。"},
    Language{"han", "水闸和堰有什么区别？什么时候修建？"},
};

TEST(Structural, languages_are_told_by_script_and_by_small_words) {
  for (const auto& language : languages) EXPECT_EQ(language_of(language.text), language.name) << language.text;
  for (const auto* const text : {"", "42", "OK", "int main() { return x + y; }", "https://example.com/a/b",
                                 "Berlin, Paris, Madrid, Roma", "{\"a\": [1, 2, 3]}"}) {
    EXPECT_EQ(language_of(text), "") << text;
  }
}

TEST(Structural, another_language_than_the_questions_is_a_fault) {
  for (const auto& asked : languages) {
    for (const auto& answered : languages) {
      const auto fault = judged("structural", asking(asked.text), saying(answered.text)).fault;
      EXPECT_EQ(fault, asked.name == answered.name ? "" : "in another language than the question")
          << asked.name << " → " << answered.name;
    }
  }
}

TEST(Structural, whoever_speaks_of_languages_may_get_any) {
  const auto french = languages[2].text;
  for (const auto* const question :
       {"Please translate this sentence for me: what is the difference between them?",
        "How do you say this in French, when you are at the river with your friends?",
        "Übersetze bitte diesen Satz, damit ich ihn meiner Tante schicken kann, die nicht so gut hört."}) {
    EXPECT_EQ(judged("structural", asking(question), saying(french)).fault, "") << question;
  }
  EXPECT_EQ(judged("structural", asking(languages[0].text, "Always answer in French."), saying(french)).fault, "");
}

TEST(Structural, what_was_to_be_filled_in_is_seen) {
  for (const auto* const text :
       {"Dear [Your Name],\nthank you for your letter.", "Hello {{customer_name}}, your order is on its way.",
        "Sehr geehrte Frau [Ihr Name], wir danken Ihnen.", "The patient <PERSON_1> was seen on Monday.",
        "Best regards,\n[Insert signature here]", "Lorem ipsum dolor sit amet, consectetur."}) {
    EXPECT_EQ(judged("structural", asking("Write to her"), saying(text)).fault, "something is left to be filled in")
        << text;
  }
  EXPECT_EQ(left_over_in("See [Date](https://example.com) and a[i] = [1, 2], <b>bold</b>, <T_MAX>", ""), "");
  EXPECT_EQ(left_over_in("Hello <PERSON_1>!", "Write to <PERSON_1>"), "") << "it was asked with";
  EXPECT_EQ(left_over_in("Use {{name}}:\n```jinja\n{{name}}\n```", ""), "") << "code";
}

TEST(Structural, json_that_was_asked_for_is_held_to_its_word) {
  json::Document schema;
  ASSERT_TRUE(schema.parse(R"({"type":"object","required":["name","age"],"additionalProperties":false,"properties":{
      "name":{"type":"string","minLength":1},"age":{"type":"integer","minimum":0},
      "tags":{"type":"array","items":{"$ref":"#/$defs/tag"}},"kind":{"enum":["a","b"]},"n":{"type":["null","number"]}},
      "$defs":{"tag":{"type":"string"}}})"));
  struct Case {
    std::string_view answer, fault;
  };
  for (const auto& [answer, fault] : {
           Case{R"({"name":"Ada","age":36})", ""},
           Case{R"({"name":"Ada","age":36.0,"tags":["x"],"kind":"b","n":null})", ""},
           Case{R"({"name":"Ada"})", "`age` is missing"},
           Case{R"({"name":"","age":1})", "name: too short"},
           Case{R"({"name":"Ada","age":-1})", "age: too small"},
           Case{R"({"name":"Ada","age":"36"})", "age: a string where integer is wanted"},
           Case{R"({"name":"Ada","age":1,"more":1})", "more: no such field is wanted"},
           Case{R"({"name":"Ada","age":1,"tags":["x",2]})", "tags[1]: "},
           Case{R"({"name":"Ada","age":1,"kind":"c"})", "kind: none of the values"},
           Case{R"([1])", "an array where object is wanted"},
           Case{R"({"name":"Ada","age":1)", "no valid JSON"},
           Case{"```json\n{\"name\":\"Ada\",\"age\":1}\n```", "no valid JSON"},
           Case{"Here you are: {}", "no valid JSON"},
       }) {
    auto request = asking("Give me JSON");
    request.response_format = ResponseFormat::json_schema;
    request.json_schema = json::Value(schema.root());
    const auto judgement = judged("structural", request, saying(answer));
    EXPECT_EQ(judgement.score < 0.5, !fault.empty()) << answer << ": " << judgement.fault;
    EXPECT_NE(judgement.fault.find(fault), std::string::npos) << answer << ": " << judgement.fault;
  }
  auto object = asking("Give me JSON");
  object.response_format = ResponseFormat::json_object;
  EXPECT_EQ(judged("structural", object, saying("{}")).score, 1);
  EXPECT_LT(judged("structural", object, saying("[]")).score, 0.5);
}

TEST(Structural, a_schema_that_refers_to_itself_comes_to_an_end) {
  json::Document schema;
  ASSERT_TRUE(schema.parse(R"({"$ref":"#","anyOf":[{"$ref":"#"},{"$ref":"#"}]})"));
  auto request = asking("Give me JSON");
  request.response_format = ResponseFormat::json_schema;
  request.json_schema = json::Value(schema.root());
  EXPECT_EQ(judged("structural", request, saying("{}")).score, 1);
}

TEST(Structural, tool_calls_are_held_against_the_tools) {
  json::Document schema;
  ASSERT_TRUE(schema.parse(R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})"));
  struct Case {
    std::string_view name, arguments, fault;
  };
  for (const auto& [name, arguments, fault] : {
           Case{"weather", R"({"city":"Bonn"})", ""},
           Case{"weather", R"({"city":7})", "city: "},
           Case{"weather", R"({})", "`city` is missing"},
           Case{"weather", R"({"city":)", "no JSON"},
           Case{"weather", R"(["Bonn"])", "no object"},
           Case{"wether", R"({"city":"Bonn"})", "does not exist"},
           Case{"now", "", ""},
       }) {
    auto request = asking("What is the weather?");
    request.tools.push_back({.name = "weather", .parameters = json::Value(schema.root())});
    request.tools.push_back({.name = "now"});
    const auto judgement = judged("structural", request, calling(name, arguments));
    EXPECT_EQ(judgement.score < 0.5, !fault.empty()) << name << arguments << ": " << judgement.fault;
    EXPECT_NE(judgement.fault.find(fault), std::string::npos) << name << arguments << ": " << judgement.fault;
  }
  auto must = asking("What is the weather?");
  must.tools.push_back({.name = "now"});
  must.tool_choice.mode = ToolChoice::Mode::any;
  EXPECT_LT(judged("structural", must, saying("It is sunny.")).score, 0.5) << "a call was asked for";
}

TEST(Structural, of_several_choices_the_worst_counts) {
  auto response = saying("Good.");
  response.choices.push_back(saying("").choices.front());
  EXPECT_EQ(judged("structural", asking("Hi"), response).score, 0);
}

TEST(Structural, a_beginning_is_let_go_when_enough_of_it_is_good) {
  const auto look = [](std::string_view text, Request request = asking("What is a weir?"), int64_t after = 0) {
    const auto response = saying(text, FinishReason::none);
    return find_judge("structural")->judge(request, {.response = response, .whole = false, .decide_after = after});
  };
  EXPECT_FALSE(look("A weir is"));
  EXPECT_FALSE(look(std::string(good_answer).substr(0, 120)));
  ASSERT_TRUE(look(std::string(good_answer) + std::string(good_answer).substr(0, 120)));
  EXPECT_EQ(look(std::string(good_answer) + std::string(good_answer).substr(0, 120))->score, 1);
  ASSERT_TRUE(look(std::string(good_answer).substr(0, 60), asking("?"), 8)) << "the config says so";
  EXPECT_FALSE(look("I'm sorry, but I can't help with that. " + std::string(good_answer) +
                    std::string(good_answer).substr(0, 60)))
      << "its end tells whether it is a refusal";
  auto wants_json = asking("Give me JSON");
  wants_json.response_format = ResponseFormat::json_object;
  EXPECT_FALSE(look("{\"a\": \"" + std::string(good_answer) + std::string(good_answer), std::move(wants_json)));
  auto with_tools = asking("Hi");
  with_tools.tools.push_back({.name = "now"});
  EXPECT_FALSE(look(std::string(good_answer) + std::string(good_answer), std::move(with_tools)));
  const auto loop = look(times("I am here to help you. ", 30));
  ASSERT_TRUE(loop);
  EXPECT_LE(loop->score, 0.25) << "nobody waits for the end of it";
}

TEST(Structural, hostile_texts_do_it_no_harm) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (const auto& text : {bytes, times(bytes, 40), times("[", 5000), times("{{", 5000), times("\xf0\x9f", 999),
                           std::string(200'000, 'a'), times("<A_1", 9000)}) {
    for (const bool json : {false, true}) {
      auto request = asking(text, text);
      if (json) request.response_format = ResponseFormat::json_object;
      const auto score = judged("structural", request, saying(text)).score;
      EXPECT_TRUE(score >= 0 && score <= 1);
    }
  }
}

}  // namespace
}  // namespace weir::test
