#include "rectify/data/formats/csv_rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::data {

namespace {

char separator_of(std::string_view text) {
  constexpr std::string_view candidates = ",;\t";
  std::array<std::size_t, candidates.size()> seen{};
  bool quoted = false, any = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '\n' && any) break;
    any = any || (c != '\r' && c != '\n');
    const std::size_t which = candidates.find(c);
    if (!quoted && which != std::string_view::npos) ++seen[which];
  }
  return candidates[static_cast<std::size_t>(std::max_element(seen.begin(), seen.end()) -
                                             seen.begin())];
}

}  // namespace

CsvRows::CsvRows(std::string_view text, std::string name) : rest_(text), name_(std::move(name)) {
  if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // the byte order mark of UTF-8
  separator_ = separator_of(rest_);
}

std::string_view CsvRows::quoted_field() {
  rest_.remove_prefix(1);
  std::string* joined = nullptr;
  while (true) {
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos)
      fail("'", name_, "', row ", row_, ": a quote is not closed; is the file cut off?");
    const std::string_view part = rest_.substr(0, end);
    const bool doubled = rest_.substr(end + 1).starts_with('"');
    rest_.remove_prefix(end + 1);
    if (!doubled && !joined) return part;
    if (!joined) joined = &unescaped_.emplace_back();
    joined->append(part);
    if (!doubled) return *joined;
    joined->push_back('"');
    rest_.remove_prefix(1);
  }
}

std::string_view CsvRows::plain_field() {
  std::size_t end = 0;
  while (end < rest_.size() && rest_[end] != separator_ && rest_[end] != '\n') ++end;
  const std::string_view field = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return trim(field);
}

/// Reads what follows a field; returns true when another field of this row comes next.
bool CsvRows::end_field() {
  while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  if (rest_.starts_with('\r') && (rest_.size() == 1 || rest_[1] == '\n')) rest_.remove_prefix(1);
  if (rest_.empty()) return false;
  const char c = rest_[0];
  if (c != separator_ && c != '\n')
    fail("'", name_, "', row ", row_,
         ": text follows a closing quote; write a quote inside a field twice");
  rest_.remove_prefix(1);
  return c == separator_;
}

bool CsvRows::next(std::vector<std::string_view>& fields) {
  while (!rest_.empty()) {
    fields.clear();
    unescaped_.clear();
    ++row_;
    do {
      while (rest_.starts_with(' ')) rest_.remove_prefix(1);
      fields.push_back(rest_.starts_with('"') ? trim(quoted_field()) : plain_field());
    } while (end_field());
    if (fields.size() > 1 || !fields[0].empty()) return true;
  }
  return false;
}

}  // namespace rectify::data
