#include "rectify/data/formats/csv_columns.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::data {

namespace {

using Fields = std::vector<std::string_view>;

bool is_text(std::string_view field) { return !number_in(field) && !is_missing(field); }

class Finder {
 public:
  Finder(const Fields& first, const TableRequest& request, const std::string& name)
      : first_(first), request_(request), name_(name) {
    texts_ = static_cast<std::size_t>(std::ranges::count_if(first, is_text));
    name_columns();
  }

  CsvColumns find() {
    if (!request_.label.empty()) found_.label = place_of(request_.label, "the labels");
    if (!request_.id.empty()) found_.id = place_of(request_.id, "the ids");
    if (request_.form && request_.form->named)
      find_by_name(*request_.form);
    else if (request_.form)
      find_by_position(*request_.form);
    else
      take_all();
    return std::move(found_);
  }

 private:
  /// Whether `column`, as it is asked for, can be a position.
  std::optional<std::size_t> position(const std::string& column) const {
    const auto index = parse_integer(column);
    if (!index || *index < 0 || *index >= static_cast<std::int64_t>(first_.size())) return {};
    return static_cast<std::size_t>(*index);
  }

  /// The place of a column that is asked for by name or position, which holds `what`.
  std::size_t place_of(const std::string& column, const char* what) {
    if (const auto index = position(column)) return *index;
    const std::string_view wanted = trim(column);
    const auto count = texts_ == 0 ? 0 : std::ranges::count(first_, wanted);
    if (count > 1)
      fail("'", name_, "' has ", count, " columns called '", column,
           "'; give the position of the one with ", what, ", from 0");
    if (count == 1) {
      found_.named = true;
      return static_cast<std::size_t>(std::ranges::find(first_, wanted) - first_.begin());
    }
    if (parse_integer(column) || texts_ == 0)
      fail("'", name_, "' has ", first_.size(), " columns", texts_ > 0 ? "" : " without names",
           ", so ", what, " are in one of 0 to ", first_.size() - 1, ", not in '", column, "'");
    fail("'", name_, "' has no column '", column, "'", listed(column));
  }

  /// The end of an error: the name that was meant, or all names but of tables of pixels.
  std::string listed(const std::string& column) const {
    constexpr std::size_t most = 40;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(first_.size(), most); ++i)
      names.push_back(shown(first_[i]));
    return suggestion(column, names) +
           (first_.size() > most ? concat(" and ", first_.size() - most, " more") : "");
  }

  void take_all() {
    if (!request_.label.empty() && first_.size() < 2)
      fail("'", name_, "' has one column; a table needs a column of labels and others of numbers");
    std::set<std::size_t> taken;
    for (const std::string& column : request_.ignored)
      taken.insert(place_of(column, "what is ignored"));
    if (found_.label && taken.contains(*found_.label))
      fail("'", name_, "': the column of the labels, '", request_.label, "', cannot be ignored");
    if (found_.label) taken.insert(*found_.label);
    if (found_.id) taken.insert(*found_.id);
    for (std::size_t i = 0; i < first_.size(); ++i)
      if (!taken.contains(i)) found_.features.push_back(i);
    if (found_.features.empty())
      fail("'", name_, "' has no column left for a network to learn from");
  }

  void find_by_name(const TableForm& form) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < first_.size(); ++i) places.emplace(found_.names[i], i);
    std::string missing;
    std::size_t lacking = 0;
    std::vector<bool> used(first_.size());
    for (const Column& column : form.columns) {
      const auto at = places.find(trim(column.name));
      if (at == places.end()) {
        if (++lacking <= 5) missing += (missing.empty() ? "'" : ", '") + column.name + "'";
        continue;
      }
      found_.features.push_back(at->second);
      found_.category.push_back(column.category);
      used[at->second] = true;
    }
    const bool numbers =
        std::ranges::any_of(first_, [](auto field) { return number_in(field).has_value(); });
    if (lacking == form.columns.size() && numbers)
      fail("'", name_, "' has no row of names, by which the model knows its columns; write ",
           missing, lacking > 5 ? ", ..." : "", " into its first row");
    if (lacking > 0)
      fail("'", name_, "' lacks the column", lacking == 1 ? " " : "s ", missing,
           lacking > 5 ? concat(" and ", lacking - 5, " more") : "",
           ", which the model was trained with");
    found_.named = true;
    for (std::size_t i = 0; i < first_.size(); ++i)
      if (!used[i] && i != found_.label && i != found_.id && found_.names[i] != form.target)
        found_.unused.push_back(found_.names[i]);
    if (const auto at = places.find(form.target);
        !found_.label && !form.target.empty() && at != places.end())
      found_.label = at->second;
  }

  /// A table without names has its columns where they were in training; the column of the labels
  /// may be gone.
  void find_by_position(const TableForm& form) {
    const auto target = parse_integer(form.target);
    const std::size_t carried = found_.id ? 1 : 0;
    const bool gone = target && first_.size() + 1 - carried == form.width;
    const std::size_t width = form.width > 0 ? form.width - (gone ? 1 : 0) + carried
                                             : form.columns.size() + (found_.label ? 1 : 0);
    if (first_.size() != width)
      fail("'", name_, "' has ", first_.size(), " columns, but the model was trained on ",
           form.width > 0 ? form.width : form.columns.size(), target ? " with the labels" : "",
           "; give it as many, in the same order");
    std::vector<std::size_t> all;  // those of training
    for (std::size_t i = 0; i < first_.size(); ++i)
      if (i != found_.id || carried == 0) all.push_back(i);
    if (target && !gone && !found_.label) found_.label = all.at(static_cast<std::size_t>(*target));
    for (std::size_t k = 0; k < form.columns.size(); ++k) {
      const auto own = parse_integer(form.columns[k].name);
      std::size_t at = own && form.width > 0 ? static_cast<std::size_t>(*own) : k;
      if (gone && at > static_cast<std::size_t>(*target)) --at;
      if (at >= all.size())
        fail("'", name_, "' has no column ", form.columns[k].name,
             ", which the model was trained with");
      found_.features.push_back(all[at]);
      found_.category.push_back(form.columns[k].category);
    }
  }

  /// Each column gets a name of its own, by which a form finds it again.
  void name_columns() {
    std::set<std::string_view> taken(first_.begin(), first_.end());
    std::set<std::string_view> seen;
    std::deque<std::string> made;
    for (const std::string_view name : first_) {
      std::string title(name);
      for (int n = 2; !seen.insert(name).second && taken.contains(title); ++n)
        title = concat(name, " (", n, ")");
      taken.insert(made.emplace_back(title));
      found_.names.push_back(title);
    }
  }

  const Fields& first_;
  const TableRequest& request_;
  const std::string& name_;
  std::size_t texts_ = 0;
  CsvColumns found_;
};

}  // namespace

CsvColumns find_columns(const Fields& first, const TableRequest& request, const std::string& name) {
  return Finder(first, request, name).find();
}

}  // namespace rectify::data
