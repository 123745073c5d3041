#include "rectify/data/splits/task.h"

#include <set>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::data {

ChosenTask task_of_whole_numbers(std::span<const std::int64_t> numbers, const std::string& what) {
  constexpr std::size_t few = 30, samples_each = 5, most_in_a_row = 1000, samples_in_a_row = 2;
  const std::set<std::int64_t> values(numbers.begin(), numbers.end());
  const std::size_t n = values.size();
  const bool in_a_row = n > 0 && (*values.begin() == 0 || *values.begin() == 1) &&
                        *values.rbegin() - *values.begin() + 1 == static_cast<std::int64_t>(n);
  const bool classes = n <= 2 || (n <= few && numbers.size() >= samples_each * n) ||
                       (in_a_row && n <= most_in_a_row && numbers.size() >= samples_in_a_row * n);
  const std::string found =
      concat(what, " holds ", count_text(static_cast<std::int64_t>(n)),
             n == 1 ? " whole number" : " different whole numbers", " in ",
             count_text(static_cast<std::int64_t>(numbers.size())), " samples");
  if (classes)
    return {Task::classification,
            found + ": each is taken for a class; for a number to predict add task=regression"};
  return {Task::regression,
          found + ": a number is predicted (regression); for classes add task=classification"};
}

}  // namespace rectify::data
