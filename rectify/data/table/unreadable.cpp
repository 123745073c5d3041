#include "rectify/data/table/unreadable.h"

#include <array>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/data/formats/csv.h"

namespace rectify::data {

namespace {

/// The digits at the beginning of `text`, which loses them.
std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// A time of day and a zone are made of these.
bool is_time(std::string_view rest) {
  return rest.empty() || ((rest[0] == ' ' || rest[0] == 'T') &&
                          rest.find_first_not_of("0123456789:.+-TZ apmAPM") == rest.npos);
}

}  // namespace

bool is_date(std::string_view field) {
  for (const char between : {'-', '/', '.'}) {
    std::string_view rest = field;
    std::array<std::size_t, 3> lengths{};
    lengths[0] = take_digits(rest).size();
    if (!take(rest, between)) continue;
    lengths[1] = take_digits(rest).size();
    if (!take(rest, between)) continue;
    lengths[2] = take_digits(rest).size();
    const auto part = [](std::size_t n) { return n == 1 || n == 2; };
    const bool year_first = lengths[0] == 4 && part(lengths[1]) && part(lengths[2]);
    const bool year_last =
        part(lengths[0]) && part(lengths[1]) && (lengths[2] == 4 || lengths[2] == 2);
    if ((year_first || year_last) && is_time(rest)) return true;
  }
  return false;
}

bool is_written_number(std::string_view field) {
  if (number_in(field)) return false;
  std::string digits;
  std::size_t points = 0, others = 0;
  for (const std::string_view mark : {"$", "\xe2\x82\xac", "\xc2\xa3", "%"})  // dollar, euro, pound
    if (field.starts_with(mark))
      field.remove_prefix(mark.size()), ++others;
    else if (field.ends_with(mark))
      field.remove_suffix(mark.size()), ++others;
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  for (const char c : field) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (c == '.')
      ++points;
    else if (c == ',' || c == '\'' || c == ' ')
      ++others;
    else
      return false;
  }
  return !digits.empty() && points <= 1 && others > 0;
}

namespace {

/// The first field for which `is` holds, if it holds for most of the texts.
const std::string* most_are(bool (*is)(std::string_view), const std::vector<std::string>& fields) {
  std::size_t texts = 0, found = 0;
  const std::string* first = nullptr;
  for (const std::string& field : fields) {
    if (is_missing(field) || number_in(field)) continue;
    ++texts;
    if (!is(field)) continue;
    if (found++ == 0) first = &field;
  }
  return 2 * found > texts ? first : nullptr;
}

}  // namespace

void refuse_unreadable(const std::vector<std::string>& fields, const std::string& where) {
  if (const std::string* date = most_are(is_date, fields))
    fail(where, ": '", shown(*date),
         "' is a date, of which a network can make nothing; write numbers in its place (days since "
         "a first day, the month, the day of the week), or leave the column out (ignore=COLUMN)");
  if (const std::string* number = most_are(is_written_number, fields))
    fail(where, ": '", shown(*number),
         "' is a number as people write it; write digits with a point for the decimals and nothing "
         "else, as in 1234.5");
}

}  // namespace rectify::data
