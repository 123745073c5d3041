#include "rectify/base/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

namespace rectify {
namespace {

Json sample() {
  return {{"schema", 1},
          {"nothing", nullptr},
          {"yes", true},
          {"words", {"a \"b\"\n\\", "ß€", ""}},
          {"numbers", {0.1, -0.0, 1e300, 5e-324, 3.0, -7, 18446744073709551615u}},
          {"empty", {{"list", Json::array()}, {"object", Json::object()}}},
          {"lists", std::vector<std::vector<float>>{{0.5f, 0.1f}, {}}},
          {"map", std::map<std::string, int>{{"a", 1}, {"b", 2}}}};
}

TEST(Json, IsWrittenAsTheLibraryWritesIt) {
  for (const int indent : {-1, 0, 1, 2})
    EXPECT_EQ(sample().dump(indent), nlohmann::ordered_json::parse(sample().dump()).dump(indent));
  const double numbers[] = {1.0 / 3, 1e21, 123456789.123, 1e-7, -2.5e-9, 0.30000000000000004};
  for (const double number : numbers) EXPECT_EQ(Json(number).dump(), nlohmann::json(number).dump());
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
}

TEST(Json, ReadsBackAsItWasWritten) {
  EXPECT_EQ(Json::parse(sample().dump()), sample());
  EXPECT_EQ(Json::parse(sample().dump(2)).dump(2), sample().dump(2)) << "in the same order";
  EXPECT_EQ(Json::parse("18446744073709551615").get<std::uint64_t>(),
            std::numeric_limits<std::uint64_t>::max());
}

TEST(Json, OfPairsThatBeginWithATextIsAnObjectAndElseAList) {
  EXPECT_EQ(Json({{"a", 1}, {"b", 2}}).dump(), R"({"a":1,"b":2})");
  EXPECT_EQ(Json({{"a", 1}, {"b", 2, 3}}).dump(), R"([["a",1],["b",2,3]])");
  EXPECT_EQ(Json({"a", "b"}).dump(), R"(["a","b"])");
  const std::vector<double> numbers = {1, 2};
  EXPECT_EQ(Json(std::span(numbers)).dump(), "[1.0,2.0]");
}

TEST(Json, GrowsByItemsAndMembers) {
  Json json;
  json["b"] = 1;
  json["a"].push_back(2);
  json["a"].push_back({{"c", 3}});
  EXPECT_EQ(json.dump(), R"({"b":1,"a":[2,{"c":3}]})");
  json.erase("b");
  EXPECT_FALSE(json.contains("b"));
  EXPECT_EQ(json["a"][1]["c"], 3);
  EXPECT_EQ(json["a"].size(), 2u);
}

TEST(Json, ComparesNumbersByTheirValue) {
  EXPECT_EQ(Json(1), Json(1u));
  EXPECT_EQ(Json(1), Json(1.0));
  EXPECT_NE(Json(-1), Json(std::numeric_limits<std::uint64_t>::max()));
  EXPECT_NE(Json(1), Json("1"));
  EXPECT_NE(Json(nullptr), Json(false));
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const JsonError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Json, RefusesATextThatIsNotOneDocument) {
  for (const char* text : {"", "{", "[1,]", "nul", "1 2", "{\"a\":1,}", "\"\xff\"", "NaN"})
    EXPECT_NE(error_of([&] { Json::parse(text); }).find("not JSON"), std::string::npos) << text;
  EXPECT_NE(error_of([] { Json::parse(R"({"a":1,"b":2,"a":3})"); }).find("'a' stands twice"),
            std::string::npos);
  const auto nested = [](int deep) { return std::string(deep, '[') + std::string(deep, ']'); };
  EXPECT_NO_THROW(Json::parse(nested(64)));
  EXPECT_NE(error_of([&] { Json::parse(nested(65)); }).find("nests too deeply"), std::string::npos);
}

TEST(Json, SaysWhatIsThereWhereAnotherKindIsWanted) {
  const Json json = {{"half", 0.5}, {"minus", -1}, {"large", 300}, {"word", "many"}};
  const auto says = [](auto work, const std::string& part) {
    const std::string error = error_of(work);
    EXPECT_NE(error.find(part), std::string::npos) << error;
  };
  says([&] { json["half"].get<int>(); }, "where a whole number belongs, it says 0.5");
  says([&] { json["minus"].get<std::uint32_t>(); }, "it says -1");
  says([&] { json["large"].get<std::int8_t>(); }, "it says 300");
  says([&] { json["word"].get<double>(); }, "where a number belongs, it says \"many\"");
  says([&] { json["large"].get<bool>(); }, "where true or false belongs");
  says([&] { json["word"].get<std::vector<int>>(); }, "where a list belongs");
  says([&] { json.at("none"); }, "there is no 'none'");
  says([&] { json["word"].at("none"); }, "where an object belongs");
  says([&] { Json({1, 2}).at(2); }, "no item 2");
}

TEST(Json, RefusesOrReplacesATextThatIsNotUtf8) {
  const Json bad = {{"name", "a\xff"}};
  EXPECT_NE(error_of([&] { bad.dump(); }).find("not UTF-8"), std::string::npos);
  EXPECT_EQ(bad.dump(-1, Json::BadText::replace), "{\"name\":\"a\uFFFD\"}");
}

}  // namespace
}  // namespace rectify
