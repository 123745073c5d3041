#include "rectify/data/formats/csv.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/data/dataset.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::error_of;
using testing::gzip;

TEST(Csv, FindsTheLabelsByNameOrPosition) {
  const std::string named = "a,kind,b\n1,x,2\n3,y,4\n", plain = "1,x,2\n3,y,4\n";
  for (const auto& [text, label] : {std::pair(named, "kind"), {named, "1"}, {plain, "1"}}) {
    const Table table = parse_csv(text, {.label = label}, "t");
    EXPECT_EQ(table.rows, 2u) << text;
    EXPECT_EQ(table.values, (std::vector<float>{1, 2, 3, 4}));
    EXPECT_EQ(table.labels, (std::vector<std::string>{"x", "y"}));
  }
  EXPECT_EQ(parse_csv("a,1990,b\n5,1,2\n", {.label = "1990"}, "t").labels,
            std::vector<std::string>{"1"});
  EXPECT_EQ(parse_csv(named, {.label = "kind"}, "t").columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parse_csv(plain, {.label = "1"}, "t").columns, (std::vector<std::string>{"0", "2"}));
}

TEST(Csv, TellsARowOfNamesFromARowOfNumbers) {
  EXPECT_EQ(parse_csv("0,1,label\n5,6,7\n8,9,7\n", {.label = "2"}, "t").rows, 2u);
  EXPECT_EQ(parse_csv("0,1,cat\n5,6,dog\n8,9,cat\n", {.label = "2"}, "t").rows, 3u);
  EXPECT_EQ(parse_csv("0,1,4\n5,6,7\n", {.label = "2"}, "t").rows, 2u);
}

TEST(Csv, UnderstandsQuotesLineEndsAndMarks) {
  const std::string text =
      "\xef\xbb\xbf\"a\"\"b\",\"line\r\nbreak\" , label\r\n\r\n 1.5 ,\"-2e3\",\"one, "
      "\"\"two\"\"\"\r\n"
      "+3,4,plain\r\n";
  const Table table = parse_csv(text, {.label = "label"}, "t");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a\"b", "line\r\nbreak"}));
  EXPECT_EQ(table.values, (std::vector<float>{1.5, -2000, 3, 4}));
  EXPECT_EQ(table.labels, (std::vector<std::string>{"one, \"two\"", "plain"}));
  EXPECT_EQ(table.row_numbers, (std::vector<std::size_t>{3, 4}));
}

TEST(Csv, TakesSemicolonsAndTabsWhereTheyPrevail) {
  for (const char* separator : {";", "\t"}) {
    const std::string s = separator;
    EXPECT_EQ(parse_csv("1" + s + "2" + s + "x\n3" + s + "4" + s + "y", {.label = "2"}, "t").values,
              (std::vector<float>{1, 2, 3, 4}));
  }
}

TEST(Csv, TrimsFieldsInQuotesAsOthers) {
  const Table table = parse_csv("\"y\",\" a\",\"b \"\nno,\"  5\",6\n", {.label = "y"}, "t");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.values, (std::vector<float>{5, 6}));
}

TEST(Csv, GivesEachColumnANameOfItsOwn) {
  const std::string text = "a,a (2),a,y,a\n1,2,3,4,5\n";
  const Table table = parse_csv(text, {.label = "y"}, "t");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "a (2)", "a (3)", "a (4)"}));
  const TableForm form{.columns = {{.name = "a (4)"}, {.name = "a"}}, .named = true};
  EXPECT_EQ(parse_csv(text, {.form = &form}, "t").values, (std::vector<float>{5, 1}));
}

TEST(Csv, ReadsOtherEncodings) {
  const std::string columns =
      "gr\xc3\xb6\xc3\x9f"
      "e,y\n1,\xe2\x82\xac\n";
  const auto same = [&](const std::string& text, const std::string& encoding) {
    const Table table = parse_csv(text, {.label = "y"}, "t");
    EXPECT_EQ(table.columns, std::vector<std::string>{"gr\xc3\xb6\xc3\x9f"
                                                      "e"})
        << encoding;
    EXPECT_EQ(table.labels, std::vector<std::string>{"\xe2\x82\xac"}) << encoding;
    EXPECT_EQ(table.encoding, encoding);
  };
  same(columns, "");
  same(
      "gr\xf6\xdf"
      "e,y\n1,\x80\n",
      "Windows-1252");
  for (const bool high_first : {false, true}) {
    const std::u16string units = u"\ufeffgr\u00f6\u00dfe,y\n1,\u20ac\n";
    std::string text;
    for (const char16_t unit : units)
      text += high_first ? testing::big(unit, 2) : testing::little(unit, 2);
    same(text, "UTF-16");
  }
  EXPECT_EQ(parse_csv("a,y\r1,2\r3,4\r", {.label = "y"}, "t").rows, 2u);
}

TEST(Csv, RefusesNumbersWhoseDifferencesAFloatLoses) {
  const std::string close = "t,y\n1700000001,1\n1700000050,2\n", far = close + "1790000000,1\n";
  EXPECT_NE(
      error_of([&] { parse_csv(close, {.label = "y"}, "t"); }).find("column 't': its numbers"),
      std::string::npos);
  EXPECT_EQ(parse_csv(far, {.label = "y"}, "t").rows, 3u);
  EXPECT_EQ(parse_csv("t,y\n1e-400,1\n0.5,2\n", {.label = "y"}, "t").values,
            (std::vector<float>{0, 0.5}));
}

struct HostileCsv {
  const char* what;
  std::string content;
  const char* complaint;
};

TEST(Csv, SaysWhatIsWrongAndWhere) {
  const std::string head = "age,size,kind\n1,2,x\n";
  const HostileCsv table[] = {
      {"empty", "", "is empty"},
      {"blank", "\n\r\n\n", "is empty"},
      {"only names", "age,size,kind\n", "no rows of numbers"},
      {"one column", "kind\nx\n", "one column"},
      {"a missing label", head + "3,4,\n", "row 3, column 'kind': the value is missing"},
      {"not finite", head + "3,-inf,y\n", "is not finite"},
      {"too large", head + "3,1e300,y\n", "too large for a float"},
      {"a short row", head + "3,4\n", "row 3 has 2 fields but the first row has 3"},
      {"a long row", head + "3,4,5,6\n", "row 3 has 4 fields"},
      {"an open quote", head + "3,4,\"y\n5,6,z\n", "row 3: a quote is not closed"},
      {"text behind a quote", head + "3,\"4\"5,y\n", "row 3: text follows a closing quote"},
      {"the name twice", "kind,a,kind\n1,2,3\n", "2 columns called 'kind'"},
      {"no such name", "a,b,c\n1,2,3\n", "no column 'kind'"},
      {"zeros", std::string(100, '\0'), "one column"},
  };
  for (const HostileCsv& hostile : table) {
    const std::string error =
        error_of([&] { parse_csv(hostile.content, {.label = "kind"}, "bad.csv"); });
    const bool named = error.find("bad.csv") != std::string::npos;
    EXPECT_TRUE(named) << hostile.what << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << hostile.what;
    if (std::string(hostile.what) == "zeros") continue;
    EXPECT_NE(error.find(hostile.complaint), std::string::npos) << hostile.what << ": " << error;
  }
  EXPECT_NE(error_of([] { parse_csv("1,2\n3,4\n", {.label = "5"}, "t"); }).find("one of 0 to 1"),
            std::string::npos);
}

std::string table_of(int rows, const char* (*label)(int)) {
  std::string text = "a,b,label\n";
  for (int i = 0; i < rows; ++i)
    text += std::to_string(i) + "," + std::to_string(i * 0.5) + "," + label(i) + "\n";
  return text;
}

TEST(CsvKind, MakesClassesOfTextAndWholeNumbersAndTargetsOfFractions) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  const auto opened = [&](const std::string& text) {
    return open("csv:" + folder.write("with:colon.csv", gzip(text)) + ":label", threads);
  };
  const Dataset text = opened(table_of(20, [](int i) { return i % 2 ? "yes" : "no"; }));
  EXPECT_EQ(text.class_names, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(text.train.count + text.test.count, 20u);
  EXPECT_EQ(text.test.count, 4u);
  EXPECT_EQ(text.sample_shape, Shape{2});
  const Dataset whole = opened(table_of(20, [](int i) { return i % 2 ? "10" : "-9"; }));
  EXPECT_EQ(whole.class_names, (std::vector<std::string>{"-9", "10"}));
  const Dataset fractions = opened(table_of(20, [](int i) { return i % 2 ? "0.25" : "1"; }));
  EXPECT_EQ(fractions.target_width, 1);
  EXPECT_TRUE(fractions.train.labels.empty());
  EXPECT_EQ(fractions.train.targets.size(), 16u);
}

TEST(CsvKind, FindsTheLabelsOfTheTestFileByTheirName) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  const std::string train = folder.write("train.csv", "a,b,y\n1,2,no\n3,4,yes\n5,6,no\n");
  const std::string test = folder.write("test.csv", "y,b,a\nyes,8,7\n");
  const Dataset dataset = open("csv:" + train + ":2,test=" + test, threads);
  EXPECT_EQ(dataset.test.values, (std::vector<float>{7, 8}));
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"no", "yes"}));
}

TEST(CsvKind, IgnoresColumns) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  std::string text = "day,a,b,y\n";
  for (int i = 0; i < 20; ++i)
    text += "1/2/24," + std::to_string(i * i) + ",2," + (i % 2 ? "no" : "yes") + "\n";
  const std::string table = "csv:" + folder.write("t.csv", text);
  const auto error = [&](const std::string& spec) {
    return error_of([&] { open(spec, threads); });
  };
  EXPECT_NE(error(table + ":y").find("or leave the column out (ignore=COLUMN)"), std::string::npos);
  const Dataset dataset = open(table + ":y,ignore=day;2", threads);
  EXPECT_EQ(dataset.columns, std::vector<std::string>{"a"});
  EXPECT_NE(error(table + ":y,ignore=bay").find("no column 'bay'; did you mean 'day'?"),
            std::string::npos);
  EXPECT_NE(error(table + ":y,ignore=y").find("cannot be ignored"), std::string::npos);
  EXPECT_NE(error(table + ":y,ignore=0;a;b").find("no column left"), std::string::npos);
}

TEST(CsvKind, SaysWhatBecomesOfMissingTextLabels) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  const auto opened = [&](const std::string& options) {
    const std::string path = folder.write("gaps.csv", table_of(20, [](int i) {
                                            return i % 4 == 0 ? "NA" : i % 4 == 1 ? "None" : "ill";
                                          }));
    return open("csv:" + path + ":label" + options, threads);
  };
  const Dataset kept = opened(""), dropped = opened(",missing=drop"),
                labelled = opened(",unlabelled=drop");
  EXPECT_EQ(kept.class_names, (std::vector<std::string>{"NA", "None", "ill"}));
  const auto noted = [](const Dataset& dataset, const std::string& part) {
    return std::ranges::any_of(dataset.notes, [&](const std::string& note) {
      return note.find(part) != std::string::npos;
    });
  };
  EXPECT_TRUE(noted(kept, "row 2, column 'label': 'NA' is taken for a class, in 5 rows"));
  EXPECT_EQ(dropped.class_names, (std::vector<std::string>{"None", "ill"}));
  EXPECT_TRUE(noted(dropped, "5 rows are left out: a field is missing, of 5 the label"));
  EXPECT_EQ(labelled.class_names, (std::vector<std::string>{"None", "ill"}));
  EXPECT_TRUE(noted(labelled, "5 rows are left out: the label is missing"));
}

TEST(CsvKind, RefusesWhatIsNoTable) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  const auto error = [&](const std::string& spec) {
    return error_of([&] { open(spec, threads); });
  };
  const std::string gap =
      folder.write("gap.csv", table_of(9, [](int i) { return i == 5 ? "NA" : "1.5"; }));
  EXPECT_NE(error("csv:" + gap + ":label").find("row 7, column 'label': the label is missing"),
            std::string::npos);
  EXPECT_NE(error("csv:" + folder.string() + ":0").find("is a directory"), std::string::npos);
  EXPECT_NE(error("csv:" + gap).find("as in csv:FILE:LABEL"), std::string::npos);
  EXPECT_NE(error("csv:nowhere.csv:0").find("cannot open 'nowhere.csv'"), std::string::npos);
  const std::string few = folder.write("few.csv", "1,2\n2,3\n");
  EXPECT_NE(error("csv:" + few + ":1").find("too few to hold out"), std::string::npos);
  const std::string cut = folder.write("cut.gz", gzip("1,2\n3,4\n").substr(0, 15));
  EXPECT_NE(error("csv:" + cut + ":1").find("gzip"), std::string::npos);
}

}  // namespace
}  // namespace rectify::data
