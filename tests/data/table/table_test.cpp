#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/data/dataset.h"
#include "rectify/data/formats/csv.h"
#include "rectify/data/table/learn.h"
#include "rectify/data/table/unreadable.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::error_of;
using Names = std::vector<std::string>;

/// The rows of `text`, whose labels are in the column 'y'.
Table table_of(const std::string& text) { return parse_csv(text, {.label = "y"}, "t.csv"); }

/// What learn_form() says is wrong with the table.
std::string complaint(const std::string& text) {
  Names notes;
  return error_of([&] { learn_form(table_of(text), Missing::median, "t.csv", notes); });
}

constexpr const char* people =
    "age,colour,y\n"
    "30,red,1\n"
    "NA,blue,2\n"
    "50,red,3\n"
    "40,,4\n"
    "10,blue,5\n"
    "20,mauve,6\n";

TEST(Table, KeepsGapsAndTexts) {
  const Table table = table_of(people);
  EXPECT_EQ(table.columns, (Names{"age", "colour"}));
  EXPECT_EQ(table.rows, 6u);
  EXPECT_TRUE(std::isnan(table.values[2]));
  EXPECT_EQ(table.values[4], 50);
  ASSERT_EQ(table.texts.size(), 1u);
  EXPECT_EQ(table.texts.at(1), (Names{"red", "blue", "red", "", "blue", "mauve"}));
}

TEST(Table, MakesFeaturesOfCategories) {
  Names notes;
  const Table table = table_of(people);
  const TableForm form = learn_form(table, Missing::indicator, "t.csv", notes);
  EXPECT_EQ(form.feature_names(),
            (Names{"age", "age missing", "colour=blue", "colour=red", "colour=(other)"}));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0],
            "column 'colour' holds texts: 3 features of 0 and 1, for 'blue', 'red' and one for the "
            "other 2");
  std::vector<float> values = features_of(table, form, notes);
  values[5] = 0;                                         // the gap is NaN, which equals nothing
  EXPECT_EQ(values, (std::vector<float>{30, 0, 0, 1, 0,  //
                                        0,  1, 1, 0, 0,  //
                                        50, 0, 0, 1, 0,  //
                                        40, 0, 0, 0, 1,  //
                                        10, 0, 1, 0, 0,  //
                                        20, 0, 0, 0, 1}));
}

TEST(Table, FillsGapsWithTheMedianOfTheTrainingRows) {
  ThreadPool threads(1);
  const TemporaryFolder folder;
  // 40 rows; x is 0, 1, ..., 39 but for a gap in each tenth; y is a fraction, so a target.
  std::string text = "x,y\n";
  for (int i = 0; i < 40; ++i)
    text += (i % 10 == 3 ? "?" : std::to_string(i)) + "," + std::to_string(i) + ".5\n";
  const Dataset dataset = open("csv:" + folder.write("gaps.csv", text) + ":y", threads);
  std::vector<float> known;
  for (std::size_t i = 0; i < dataset.train.count; ++i)
    if (const int row = static_cast<int>(dataset.train.targets[i]); row % 10 != 3)
      known.push_back(static_cast<float>(row));
  std::ranges::sort(known);
  const std::size_t n = known.size();
  const float median = n % 2 ? known[n / 2] : (known[n / 2 - 1] + known[n / 2]) / 2;
  int gaps = 0;
  for (const Split* split : {&dataset.train, &dataset.test})
    for (std::size_t i = 0; i < split->count; ++i) {
      const int row = static_cast<int>(split->targets[i]);
      gaps += row % 10 == 3;
      EXPECT_EQ(split->values[i], row % 10 == 3 ? median : static_cast<float>(row)) << row;
    }
  EXPECT_EQ(gaps, 4);
  EXPECT_EQ(dataset.table.columns[0].fill, median);
  bool said = false;
  for (const std::string& note : dataset.notes)
    said |= note == "4 fields are missing and taken as the median of the training samples: 'x' (4)";
  EXPECT_TRUE(said);
}

TEST(Table, LeavesIncompleteRowsOut) {
  Table table = table_of(people);
  EXPECT_EQ(drop_incomplete_rows(table), 2u);
  EXPECT_EQ(table.labels, (Names{"1", "3", "5", "6"}));
  EXPECT_EQ(table.row_numbers, (std::vector<std::size_t>{2, 4, 6, 7}));
  EXPECT_EQ(table.values[2], 50);
  EXPECT_EQ(table.texts.at(1), (Names{"red", "red", "blue", "mauve"}));
}

TEST(Table, LeavesOutTextsThatHardlyRepeat) {
  Names notes;
  const Table table = table_of("name,x,y\nanna,1,1\nbert,2,2\ncarl,3,3\n");
  EXPECT_EQ(learn_form(table, Missing::median, "t", notes).feature_names(), Names{"x"});
  EXPECT_EQ(notes[0],
            "column 'name' is left out: its texts hardly repeat (3 different ones in 3 rows)");
  EXPECT_NE(complaint("name,y\nanna,1\nbert,2\n").find("no column that a network could learn from"),
            std::string::npos);
}

TEST(Table, RefusesDates) {
  for (const char* date : {"2024-01-05", "5/1/24", "05.01.2024 12:30", "2024-01-05T12:30:00Z"})
    EXPECT_TRUE(is_date(date)) << date;
  for (const char* other :
       {"1.2.3.4", "12-34", "red", "2024", "10.0.0.1", "1/2", "", "555-12-3456"})
    EXPECT_FALSE(is_date(other)) << other;
  const std::string error = complaint("day,x,y\n2024-01-05,1,1\n2024-01-06,2,2\n");
  EXPECT_NE(error.find("row 2, column 'day': '2024-01-05' is a date"), std::string::npos) << error;
}

TEST(Table, RefusesNumbersAsPeopleWriteThem) {
  for (const char* number : {"1,5", "-3,000.25", "$12", "40 %", "1 234,5", "12\xe2\x82\xac"})
    EXPECT_TRUE(is_written_number(number)) << number;
  for (const char* other : {"1.5", "1.2.3", "red", "5more", "", "$", "10.0.0.1", "A1,5"})
    EXPECT_FALSE(is_written_number(other)) << other;
  const std::string error = complaint("x;y\n1,5;1\n2,5;2\n3;3\n4;4\n5;5\n");
  EXPECT_NE(error.find("row 2, column 'x': '1,5' is a number as people write it"),
            std::string::npos)
      << error;
}

TEST(Table, TakesATextAmongNumbersForAMistake) {
  const std::string error = complaint("x,y\n1,1\n2,2\n1O,3\n4,4\n");
  EXPECT_NE(error.find("row 4, column 'x': '1O' is not a number"), std::string::npos) << error;
  Names notes;  // but not a text that occurs again: numbers of doors
  const Table doors = table_of("doors,y\n2,1\n5more,2\n2,3\n5more,4\n");
  EXPECT_EQ(learn_form(doors, Missing::median, "t", notes).feature_names(),
            (Names{"doors=2", "doors=5more"}));
}

TEST(Table, TakesMarkersAmongManyNumbersForMistakes) {
  std::string prices = "price,y\n";
  for (int i = 0; i < 60; ++i)
    prices += (i % 20 == 7 ? "-" : std::to_string(100 + i)) + "," + std::to_string(i % 2) + "\n";
  EXPECT_NE(complaint(prices).find("row 9, column 'price': '-' is not a number, as 57 others"),
            std::string::npos);
  for (const char* marker : {"#N/A", "<NA>", "-nan", ""}) {
    std::string gaps = prices;
    for (std::size_t at = 0; (at = gaps.find("-,", at)) != std::string::npos;)
      gaps.replace(at, 1, marker);
    EXPECT_EQ(complaint(gaps), "") << marker;
    EXPECT_TRUE(table_of(gaps).texts.empty()) << marker;
  }
}

TEST(Table, LeavesColumnsWithoutValuesOut) {
  Names notes;
  const Table table = table_of("x,y,\n1,1,\n2,2,\n");
  EXPECT_EQ(learn_form(table, Missing::median, "t", notes).feature_names(), Names{"x"});
  EXPECT_EQ(notes, Names{"column '' is left out: it has no values"});
}

TEST(Table, SaysWhichColumnsNumberTheRows) {
  std::string text = ",id,x,y\n";
  for (int i = 0; i < 12; ++i) text += concat(i, ",", i + 1, ",", i * i, ",", i % 2, "\n");
  Names notes;
  const TableForm form = learn_form(table_of(text), Missing::median, "t", notes);
  EXPECT_EQ(form.feature_names(), (Names{"id", "x"}));
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0], "column '' is left out: it numbers the rows");
  EXPECT_TRUE(notes[1].starts_with("column 'id' numbers the rows")) << notes[1];
}

TEST(Table, FindsNamesAboveColumnsOfTextsAlone) {
  const auto rows = [](const std::string& text) {
    return parse_csv(text, {.label = "0"}, "t").rows;
  };
  EXPECT_EQ(rows("kind,colour\na,red\nb,red\na,blue\n"), 3u);
  EXPECT_EQ(rows("a,red\nb,red\na,blue\n"), 3u);   // 'red' occurs again: no name
  EXPECT_EQ(rows("kind,x\na,x\nb,z\na,x\n"), 3u);  // but no label is 'kind'
}

/// A form that was learnt of `people`, with the medians that fill_missing() would put in.
TableForm form_of_people() {
  Names notes;
  TableForm form = learn_form(table_of(people), Missing::median, "t.csv", notes);
  form.columns[0].fill = 30;
  return form;
}

TEST(TableForm, ReadsTheSameColumnsInAnyOrder) {
  const TableForm form = form_of_people();
  const Table table = parse_csv("size,colour,age\n7,red,5\n8,green,NA\n", {.form = &form}, "new");
  EXPECT_EQ(table.columns, (Names{"age", "colour"}));
  EXPECT_EQ(table.unused, Names{"size"});
  Names notes;
  std::vector<float> values = features_of(table, form, notes);
  fill_missing(values, form, notes);
  EXPECT_EQ(notes.back(), "1 field is missing and taken as the median of the training samples");
  EXPECT_EQ(values, (std::vector<float>{5, 0, 1, 0, 30, 0, 0, 1}));
}

TEST(TableForm, RefusesWhatItDoesNotKnow) {
  const TableForm form = form_of_people();
  const auto error = [&](const std::string& text) {
    return error_of([&] { parse_csv(text, {.form = &form}, "new.csv"); });
  };
  EXPECT_NE(
      error("colour,size\nred,1\n").find("lacks the column 'age', which the model was trained"),
      std::string::npos);
  EXPECT_NE(error("1,red\n2,blue\n").find("has no row of names"), std::string::npos);
  EXPECT_NE(error("age,colour\nold,red\n").find("row 2, column 'age': 'old' is not a number"),
            std::string::npos);
}

TEST(TableForm, FindsColumnsWithoutNamesByPosition) {
  Names notes;
  const Table training = parse_csv("1,a,10\n2,b,20\n3,a,30\n4,b,40\n", {.label = "1"}, "t");
  const TableForm form = learn_form(training, Missing::median, "t", notes);
  EXPECT_EQ(form.width, 3u);
  EXPECT_EQ(form.target, "1");
  const Table labelled = parse_csv("5,b,50\n", {.form = &form}, "new");
  EXPECT_EQ(labelled.values, (std::vector<float>{5, 50}));
  EXPECT_EQ(labelled.labels, Names{"b"});
  const Table bare = parse_csv("5,50\n", {.form = &form}, "new");
  EXPECT_EQ(bare.values, (std::vector<float>{5, 50}));
  EXPECT_TRUE(bare.labels.empty());
  EXPECT_NE(error_of([&] {
              parse_csv("5,6,7,8\n", {.form = &form}, "new");
            }).find("has 4 columns, but the model was trained on 3"),
            std::string::npos);
}

TEST(TableForm, KeepsItsOwnNamesForColumnsThatStandElsewhere) {
  Names notes;
  const Table training = parse_csv("p,1,10\nq,2,20\np,3,30\n", {.label = "0"}, "t");
  const TableForm form = learn_form(training, Missing::median, "t", notes);
  const std::vector<float> values = {5, 50, 6, 60};
  for (const char* text : {"5,50\n6,60\n", "a,b\n5,50\n6,60\n", "y,a,b\np,5,50\nq,6,60\n"}) {
    const Table table = parse_csv(text, {.form = &form}, "new");
    EXPECT_EQ(table.columns, (Names{"1", "2"})) << text;
    EXPECT_EQ(features_of(table, form, notes), values) << text;
  }
  const Table with_ids = parse_csv("i1,p,5,50\ni2,q,6,60\n", {.id = "0", .form = &form}, "new");
  EXPECT_EQ(features_of(with_ids, form, notes), values);
  EXPECT_EQ(with_ids.labels, (Names{"p", "q"}));
}

TEST(TableForm, IsTheSameAfterJson) {
  const TableForm form = form_of_people(), read = table_form_from_json(to_json(form));
  EXPECT_EQ(to_json(read), to_json(form));
  EXPECT_EQ(read.feature_names(), form.feature_names());
  EXPECT_EQ(read.columns[0].fill, 30);
  EXPECT_NE(error_of([] { table_form_from_json("{\"columns\": 3}"); }), "");
}

TEST(TableForm, CountsATextThatIsNewAsNoneOfItsValues) {
  Names notes;
  const Table training = table_of("c,y\na,1\nb,2\na,3\nb,4\n");
  const TableForm form = learn_form(training, Missing::median, "t", notes);
  notes.clear();
  const Table table = parse_csv("c\nz\nb\n", {.form = &form}, "new");
  EXPECT_EQ(features_of(table, form, notes), (std::vector<float>{0, 0, 0, 1}));
  EXPECT_EQ(notes, Names{"column 'c': 'z' did not occur in training and counts as none of its "
                         "values"});
}

}  // namespace
}  // namespace rectify::data
