// Values that only what stands around them in other texts gives away: questions and answers, fields, tables, halves.
#include "guards/context.h"
#include "core/json.h"
#include "guards/guard.h"

namespace weir {
namespace {

const GuardSet& all_guards() {
  static const GuardSet guards{GuardSettings{}};
  return guards;
}

// What is found in a request's body, as `what@path`.
struct Read {
  ClassSet classes = 0;
  std::string found;
};

Read read_body(std::string body) {
  json::Document document;
  EXPECT_TRUE(document.parse(std::move(body)));
  document.survey();
  GuardSet::Reading reading(all_guards(), document.texts(), document.text_kinds());
  reading.locate();
  while (!reading.advance(64)) {
  }
  Read out{.classes = all_guards().classify(document.texts(), document.text_kinds())};
  EXPECT_EQ(out.classes, reading.classes()) << document.text();
  for (const Located& one : reading.located()) {
    out.found += fmt::format("{}{}@{}", out.found.empty() ? "" : " ", one.what, json::path_of_text(document, one.text));
  }
  return out;
}

std::string json_text(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

std::string chat(std::string_view question, std::string_view answer) {
  return fmt::format(R"({{"model":"auto","messages":[{{"role":"system","content":"You are a helpful assistant."}},)"
                     R"({{"role":"assistant","content":{}}},{{"role":"user","content":{}}}],"max_tokens":100}})",
                     json_text(question), json_text(answer));
}

struct Pair {
  std::string_view what;
  std::string_view question;
  std::string_view answer;
};

constexpr Pair pairs[] = {
    {"us_ssn", "What is your social security number?", "536904399"},
    {"us_ssn", "Could you give me your SSN, please? I need it to go on.", "It's 536904399."},
    {"phone", "What is your phone number?", "4673395"},
    {"phone", "And which phone number can we call you back on?", "Sure, 467 3395"},
    {"phone", "Please tell me your phone number so that somebody can get back to you.", "It is 4673395"},
    {"us_ssn", "Please give me your social security number so that I can go on.", "536904399"},
    {"bank_account", "Which account number should the refund go to?", "12345678"},
    {"routing_number", "What is the routing number?", "021000021"},
    {"bank_account", "Sort code?", "12-34-56"},
    {"identity_document", "Your passport number, please.", "C01X00T47"},
    {"identity_document", "What's your driver's license number?", "F255-9215-0094"},
    {"identity_document", "What is your tax ID?", "912345678"},
    {"birth_date", "What is your date of birth?", "12/03/1985"},
    {"birth_date", "When were you born?", "March 12, 1985"},
    {"password", "What is the password of the router?", "hunter2!"},
    {"password", "I need your password to go on.", "ok: Summer2024!"},
    {"pin", "What is your PIN?", "4821"},
    {"medical_record", "Medical record number?", "00482913"},
    {"health", "Are you taking any medication?", "metformin"},
    {"health", "What is your diagnosis?", "Diabetes"},
    {"payment_card", "What is the number on the card?", "4222222222222"},
    {"uk_nhs", "NHS number?", "9434765919"},
    {"nl_bsn", "Wat is uw BSN?", "111222333"},
    {"token", "Which access token do you use?", "a1b2c3d4e5f6g7h8i9"},
    {"ca_sin", "May I have your SIN?", "130692544"},
    {"icd_code", "Which ICD code was given?", "E11.9"},
};

TEST(context, question_in_one_message_gives_the_value_in_the_next_away) {
  for (const Pair& pair : pairs) {
    const Read read = read_body(chat(pair.question, pair.answer));
    const std::string wanted = fmt::format("{}@messages[2].content", pair.what);
    EXPECT_NE(read.found.find(wanted), std::string::npos)
        << pair.question << " / " << pair.answer << "\nfound: " << read.found;
  }
}

TEST(context, the_question_before_the_last_is_not_the_one_that_is_answered) {
  const auto found = read_body(R"({"messages":[{"role":"user","content":"May I have your phone?"},)"
                               R"({"role":"assistant","content":"No. How many boxes?"},)"
                               R"({"role":"user","content":"4673395"}]})")
                         .found;
  EXPECT_EQ(found, "");
}

TEST(context, question_and_answer_in_one_text_too) {
  for (const Pair& pair : pairs) {
    if (pair.question.back() != '?') continue;
    const std::string text = fmt::format("{} {}", pair.question, pair.answer);
    const auto findings = all_guards().inspect(text);
    EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [&](const Finding& one) {
      return one.what == pair.what;
    })) << text;
  }
}

TEST(context, parts_prompts_and_tool_results_are_read_joined) {
  constexpr std::string_view bodies[] = {
      R"({"messages":[{"role":"user","content":[{"type":"text","text":"My SSN is"},{"type":"text","text":"536904399"}]}]})",
      R"({"prompt":["What is your SSN?","536904399"]})",
      R"({"input":["What is your SSN?","536904399"]})",
      R"({"messages":[{"role":"assistant","content":"What is your SSN?"},{"role":"user","name":"anna","content":"536904399"}]})",
      R"({"messages":[{"role":"assistant","content":"SSN?"},{"role":"tool","tool_call_id":"call_1","content":"536904399"}]})",
  };
  for (const std::string_view body : bodies) {
    EXPECT_NE(read_body(std::string(body)).found.find("us_ssn"), std::string::npos) << body;
  }
}

TEST(context, key_names_the_value_beside_it) {
  constexpr Pair fields[] = {
      {"us_ssn", "ssn", R"("536904399")"},
      {"us_ssn", "ssn", "536904399"},
      {"phone", "phone", R"("4673395")"},
      {"phone", "homePhone", R"("4673395")"},
      {"bank_account", "accountNumber", "12345678"},
      {"identity_document", "passportNumber", R"("C01X00T47")"},
      {"birth_date", "dateOfBirth", R"("1985-03-12")"},
      {"password", "password", R"("correcthorse")"},
      {"password", "db_password", R"("s3cr3tpw")"},
      {"pin", "pin", "4821"},
      {"medical_record", "mrn", R"("00482913")"},
      {"payment_card", "card", R"("4222222222222")"},
      {"api_key", "api_key", R"("d41d8cd98f00b204e980")"},
  };
  for (const Pair& field : fields) {
    const std::string object = fmt::format(R"({{"id":7,"{}":{},"other":"x"}})", field.question, field.answer);
    const std::string nested = fmt::format(R"({{"a":{{"{}":{{"value":{}}}}}}})", field.question, field.answer);
    const std::string list = fmt::format(R"({{"rows":[{{"kind":"{}","number":{}}}]}})", field.question, field.answer);
    std::vector<std::string> bodies = {
        fmt::format(R"({{"messages":[{{"role":"user","content":"hi"}}],"metadata":{}}})", object),
        fmt::format(R"({{"messages":[{{"role":"assistant","tool_calls":[{{"id":"c","type":"function","function":)"
                    R"({{"name":"f","arguments":{}}}}}]}}]}})",
                    json_text(object)),
        fmt::format(R"({{"messages":[{{"role":"tool","tool_call_id":"c","content":{}}}]}})", json_text(object)),
        fmt::format(R"({{"messages":[{{"role":"user","content":{}}}]}})", json_text("see " + json_text(object))),
        fmt::format(R"({{"messages":[],"metadata":{}}})", nested)};
    if (field.what != "birth_date" && field.what != "password" && field.what != "pin") {
      bodies.push_back(fmt::format(R"({{"messages":[],"metadata":{}}})", list));
    }
    for (const std::string& body : bodies) {
      EXPECT_NE(read_body(body).found.find(field.what), std::string::npos)
          << body << "\nfound: " << read_body(body).found;
    }
  }
}

TEST(context, name_and_value_fields_belong_together) {
  EXPECT_NE(read_body(R"({"messages":[],"metadata":{"env":[{"name":"DB_PASSWORD","value":"correcthorse"}]}})")
                .found.find("password"),
            std::string::npos);
}

TEST(context, headers_name_the_cells_of_their_column) {
  constexpr Pair columns[] = {
      {"us_ssn", "ssn", "536904399"},
      {"phone", "Phone", "4673395"},
      {"phone", "mobile_phone", "4673395"},
      {"birth_date", "Date of Birth", "1985-03-12"},
      {"identity_document", "Passport", "C01X00T47"},
      {"password", "password", "hunter2!"},
      {"pin", "PIN", "4821"},
      {"medical_record", "MRN", "00482913"},
      {"bank_account", "account_number", "12345678"},
  };
  for (const Pair& column : columns) {
    const std::string_view label = column.question;
    const std::string_view value = column.answer;
    std::vector<std::string> tables;
    for (const std::string_view delimiter : {",", ";", "\t"}) {
      std::string table = fmt::format("id{0}name{0}{1}{0}city\n", delimiter, label);
      for (int row = 0; row < 5; ++row)
        table += fmt::format("{1}{0}Ben{0}{2}{0}Ulm\n", delimiter, row, row == 3 ? value : "");
      tables.push_back(table);
    }
    tables.push_back(
        fmt::format("| Id | Name | {} |\n|---|---|---|\n| 1 | Ben | |\n| 2 | Anna | {} |\n", label, value));
    tables.push_back(fmt::format("Id | Name | {}\n--|--|--\n1 | Ben | \n2 | Anna | {}", label, value));
    tables.push_back(
        fmt::format("\"id\",\"name\",\"{}\"\n\"1\",\"Berg, Ben\",\"\"\n\"2\",\"Berg, Anna\",\"{}\"\n", label, value));
    tables.push_back(fmt::format("| {} | {} |\n", label, value));
    tables.push_back(fmt::format("name,Anna\n{},{}\n", label, value));
    for (const std::string& table : tables) {
      const std::string body = chat("Here is the data:\n\n" + table + "\nWhat do you see?", "ok");
      EXPECT_NE(read_body(body).found.find(column.what), std::string::npos)
          << table << "\nfound: " << read_body(body).found;
    }
  }
}

TEST(context, a_word_of_another_header_right_behind_a_table_takes_nothing_from_it) {
  EXPECT_NE(read_body(R"({"prompt":["id,phone\n1,4673395\n","the card, please"]})").found.find("phone"),
            std::string::npos);
  EXPECT_NE(read_body(R"({"prompt":"id,phone\n1,4673395\n\ncard, account"})").found.find("phone"), std::string::npos);
}

TEST(context, a_table_ends_where_its_text_ends) {
  EXPECT_NE(read_body(R"({"prompt":["id,phoneo.de","id,phone\n1,4674111"]})").found.find("phone"), std::string::npos);
}

TEST(context, halves_of_a_value_are_put_together) {
  constexpr Pair halves[] = {
      {"payment_card", "My card is 4111 1111", "1111 1111"},
      {"payment_card", "4111 1111", " 1111 1111"},
      {"payment_card", "41111111", "11111111"},
      {"us_ssn", "the number is 536-90", "-4399"},
      {"iban", "DE89 3704 0044", "0532 0130 00"},
      {"email", "anna.berg@post", "eo.de"},
      {"email", "write to anna.berg", "@posteo.de"},
      {"phone", "my phone is 415 555", "2671"},
      {"phone", "+49 30 901", "82000"},
  };
  for (const Pair& half : halves) {
    const std::string first = json_text(half.question);
    const std::string second = json_text(half.answer);
    for (
        const std::string& body :
        {fmt::format(R"({{"messages":[{{"role":"user","content":{}}},{{"role":"user","content":{}}}]}})", first,
                     second),
         fmt::format(
             R"({{"messages":[{{"content":[{{"type":"text","text":{}}},{{"type":"text","text":{}}}],"role":"user"}}]}})",
             first, second),
         fmt::format(R"({{"prompt":[{},{}]}})", first, second),
         fmt::format(R"({{"input":["some other text first.",{},{},"and more"]}})", first, second)}) {
      EXPECT_NE(read_body(body).found.find(half.what), std::string::npos)
          << body << "\nfound: " << read_body(body).found;
    }
  }
  std::string tokens = R"({"prompt":["My SSN is)";
  for (const std::string_view token : {" 53", "6", "-9", "0", "-", "43", "99", " ok"})
    tokens += fmt::format(R"(","{})", token);
  EXPECT_NE(read_body(tokens + "\"]}").found.find("us_ssn"), std::string::npos);
  EXPECT_NE(read_body(R"({"messages":[{"content":"4111"},{"content":"1111"},{"content":"1111"},{"content":"1111"}]})")
                .found.find("payment_card"),
            std::string::npos);
}

// Also where megabytes stand before, between and after, and at every place of a passage.
TEST(context, long_texts_around_change_nothing) {
  std::string prose;
  while (prose.size() < 5000) prose += "The river rose through the night and nobody spoke of it. ";
  EXPECT_NE(read_body(chat(prose + "What is your SSN?", "536904399")).found.find("us_ssn"), std::string::npos);
  EXPECT_NE(read_body(chat("What is your SSN?", "536904399. " + prose)).found.find("us_ssn"), std::string::npos);
  EXPECT_NE(read_body(chat(prose + "My card is 4111 1111", "1111 1111 " + prose)).found.find("payment_card"),
            std::string::npos);
  for (std::size_t before = 0; before < 300; before += 7) {
    std::string body = R"({"messages":[)";
    for (int i = 0; i < 40; ++i) body += fmt::format(R"({{"role":"user","content":"{}"}},)", prose.substr(0, before));
    body += R"({"role":"assistant","content":"What is your SSN?"},{"role":"user","content":"536904399"}]})";
    ASSERT_NE(read_body(body).found.find("us_ssn"), std::string::npos) << before;
  }
}

TEST(context, neighbours_that_have_nothing_to_do_with_each_other_make_no_values) {
  constexpr std::string_view bodies[] = {
      R"({"messages":[{"role":"user","content":"What is 17 + 25?"},{"role":"assistant","content":"42"},{"role":"user","content":"240"},{"role":"assistant","content":"360"},{"role":"user","content":"1080"}]})",
      R"({"messages":[{"role":"user","content":"How do I call the phone API?"},{"role":"assistant","content":"Use dial(12345678)."}]})",
      R"({"messages":[{"role":"user","content":"What causes it?"},{"role":"assistant","content":"Influenza."}]})",
      R"({"messages":[{"role":"user","content":"I have a question"},{"role":"user","content":"What causes diabetes?"}]})",
      R"({"input":["240","360","1080","4111","1111","1111"]})",
      R"({"metadata":{"sizes":["240","360","1080"],"ids":[4111,1111,1111,1111]},"messages":[]})",
      R"({"metadata":{"a":"415","b":"555","c":"2671"},"messages":[]})",
      R"({"messages":[{"role":"user","content":"see chapter 2"},{"role":"user","content":"2024 was a good year"}]})",
      R"({"tools":[{"type":"function","function":{"name":"login","description":"Logs a user in with password and phone number.","parameters":{"type":"object","properties":{"password":{"description":"The password of the account","type":"string","minLength":8},"phone":{"type":"string","description":"phone number with country code","maxLength":15,"examples":["see docs"]},"ssn":{"type":"string","pattern":"^[0-9]{9}$"},"account_number":{"type":"integer","minimum":10000000},"passport":{"type":"string","enum":["required","optional"]},"date_of_birth":{"type":"string","format":"date"}},"required":["password","phone","ssn"]}}}],"messages":[{"role":"user","content":"hello"}]})",
      R"({"messages":[{"role":"user","content":"| Disease | Cases |\n|---|---|\n| Diabetes | 120034 |\n"}]})",
      R"({"messages":[{"role":"user","content":"name,phone,price\nPixel,8 Pro,1200\niPhone,15,999\n"}]})",
      R"({"messages":[{"role":"user","content":"Tell me your phone,\nemail, and address, please, for the form"}]})",
  };
  for (const std::string_view body : bodies) EXPECT_EQ(read_body(std::string(body)).found, "") << body;
}

TEST(context, words_of_a_name_written_as_one_are_seen) {
  using guards::leads_to;
  using guards::word_before;
  static constexpr guards::WordSet phone = "phone";
  static constexpr guards::WordSet number = "number";
  EXPECT_TRUE(word_before("homePhone: ", 11, 11, phone));
  EXPECT_TRUE(leads_to("homePhoneNumber: ", 17, phone, number));
  EXPECT_FALSE(leads_to("homephonenumber: ", 17, phone, number));
  EXPECT_FALSE(word_before("microphone: ", 12, 12, phone));
}

}  // namespace
}  // namespace weir
